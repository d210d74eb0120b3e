import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { Scope } from '../auth/viewer.ts';
import { encodeGlobalId, type NodeType } from '../domain/global-id.ts';
import type { Instant } from '../domain/instant.ts';
import type { Provider } from '../domain/provider.ts';
import type { Context } from './context.ts';

/** The builder knows the plugins and the scalars' TypeScript sides, and defines no field. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  /** What some connections carry beside the page. */
  Connection: {
    totalCount?: number | null | (() => Promise<number | null>);
    asOf?: Date;
    unavailableProviders?: readonly Provider[];
  };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date | Instant };
    /** yyyy-mm-dd */
    Date: { Input: string; Output: string };
    CurrencyCode: { Input: string; Output: string };
    SafeInt: { Input: number; Output: number };
    URL: { Input: URL; Output: string };
    JSONObject: { Input: Readonly<Record<string, unknown>>; Output: Readonly<Record<string, unknown>> };
    /** E.164 with its plus sign. */
    PhoneNumber: { Input: string; Output: string };
  };
  AuthScopes: {
    /** Said explicitly by the fields that are open to everyone. */
    anyone: boolean;
    /** What a root field gets that says nothing. */
    nobody: boolean;
    /** A session that has linked Bongloy. */
    bongloy: boolean;
    /** A session that has linked Casso, or an operator whose token has this scope. */
    casso: Scope;
    /** A session or an operator. */
    somebody: boolean;
  };
}>({
  plugins: [ScopeAuthPlugin, RelayPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    // Who may not hear of events is told when subscribing, not with the first event.
    authorizeOnSubscribe: true,
    // Each throws the error that tells the client what is missing, rather than answering false.
    authScopes: ({ access }) => ({
      anyone: true,
      nobody: false,
      bongloy: () => access.bongloy(),
      casso: (scope) => access.casso(scope),
      somebody: () => access.somebody(),
    }),
  },
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    encodeGlobalID: (typename, id) => encodeGlobalId(typename as NodeType, String(id)),
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    idFieldOptions: {
      description: 'Opaque, unique over all types, and stable: use it as a cache key and in `node(id:)`.',
    },
    nodeTypeOptions: {
      description: 'Anything with an id of its own, so that `node(id:)` can fetch it again.',
    },
    edgesFieldOptions: {
      nullable: false,
      description: 'The rows of this page, each with its cursor, in the order of the list.',
    },
    nodeFieldOptions: { nullable: false, description: 'The row itself.' },
    nodesOnConnection: { description: 'The rows of this page without their cursors, in the same order.' },
    cursorFieldOptions: {
      description:
        'The place of this row in this list: give it as `after` or `before` of the same field to get the page beside it.',
    },
    pageInfoFieldOptions: { description: 'Whether there is more, and from where to go on.' },
    pageInfoTypeOptions: { description: 'Where a page stands in its list (Relay Cursor Connections).' },
    hasNextPageFieldOptions: {
      description: 'More rows follow this page, in the order of the list. Exact when `first` was given.',
    },
    hasPreviousPageFieldOptions: {
      description:
        'Rows stand before this page, in the order of the list. Exact when `last` was given, else true only if known.',
    },
    startCursorFieldOptions: {
      description:
        'Give it as `before` to get the rows before this page. The cursor of the first edge, or of a row before it that cannot be read ' +
        'and is left out; null when the page has neither.',
    },
    endCursorFieldOptions: {
      description:
        'Give it as `after` to get the next page. The cursor of the last edge, or of a later row that was looked at and left out, so a ' +
        'page without edges may have one; null when the page has neither.',
    },
  },
});

// Default deny: a root field says with authScopes (and skipTypeScopes) who may ask it.
builder.queryType({ description: 'Everything that can be read.', authScopes: { nobody: true } });
builder.mutationType({
  description: 'Logging in and out, and work that providers do on request.',
  authScopes: { nobody: true },
});
