import {
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type ValidationRule,
} from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { unauthenticated } from '../domain/errors.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { TrustedDocuments } from '../trusted-documents/manifest.ts';
import type { AdmissionOptions } from './admission.ts';
import {
  type Asker,
  type OperationContext,
  operationContext,
  type ServerContext,
  type Sources,
} from './context.ts';
import { type ErrorMask, publicError } from './errors.ts';
import { useExecute } from './execute.ts';
import { inOneHook } from './in-one-hook.ts';
import { useArgumentLengths } from './limits/argument-lengths.ts';
import { useCostLimit } from './limits/cost-limit.ts';
import { createDocumentCache } from './limits/document-cache.ts';
import { useDocumentLimits } from './limits/document-limits.ts';
import { useTextLimits } from './limits/text-limits.ts';
import { useMistakes } from './mistakes.ts';
import { useNullVariables } from './null-variables.ts';
import { type OpenedContext, useOpened } from './opened.ts';
import type { PreparedDocuments } from './prepared.ts';
import { useNamedOperation, useReadableParameters } from './request-parameters.ts';
import { onResponseEnd } from './response-end.ts';
import { SensitiveFieldsOnce } from './sensitive-fields-once.ts';
import { useStatus } from './status.ts';
import { useStreamHeaders } from './stream-headers.ts';
import { DOCUMENT_ID, useDocuments } from './trusted-documents.ts';
import { UnconditionalSubscription } from './unconditional-subscription.ts';

export interface GraphQLOptions extends AdmissionOptions {
  readonly schema: GraphQLSchema;
  readonly sources: Sources;
  /** Filled here, for `graphqlRoute`. */
  readonly prepared: PreparedDocuments;
  readonly introspection: boolean;
  /** Tells in `extensions.upstream` how many requests each provider got: for developers. */
  readonly showUpstream: boolean;
  /** Only these are answered; null: any document is. */
  readonly trustedDocuments: TrustedDocuments | null;
  /** What an operation may cost at worst, in points, and how many levels of fields it may have. */
  readonly costLimit: number;
  readonly depthLimit: number;
  readonly sessions: Pick<Sessions, 'get'>;
  readonly mask: ErrorMask;
  /** What subscriptions need beside. */
  readonly plugins: readonly Plugin<OperationContext & ServerContext>[];
  /** Counts streams, once they are allowed. */
  readonly streamPlaces: Plugin<OperationContext & ServerContext>;
}

export type GraphQLServer = YogaServerInstance<OpenedContext, OperationContext>;

/** GraphQL over HTTP, and SSE for subscriptions; the same `getEnveloped` serves WebSocket. */
export function createGraphQL(options: GraphQLOptions): GraphQLServer {
  const { schema, mask, trustedDocuments } = options;
  return createYoga<OpenedContext, OperationContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: false,
    batching: false,
    multipart: false,
    // The server has refused larger bodies already; Yoga's own guard copies every body.
    maxRequestBodySize: false,
    logging: false,
    // The server does, for every answer: see allowPages.
    cors: false,
    extraParamNames: [DOCUMENT_ID],
    maskedErrors: { maskError: (error) => mask(error) },
    parserAndValidationCache: createDocumentCache(),
    plugins: inOneHook([
      useStatus(),
      useStreamHeaders(),
      useOpened(),
      useReadableParameters(),
      useNamedOperation(),
      useDocuments(trustedDocuments),
      useContext(options),
      useOperationEnd(options),
      // Before the spans of operations, which are to hold it.
      useExecute(schema, options.prepared),
      ...options.plugins,
      useTextLimits(),
      useDocumentLimits(options.depthLimit),
      useArgumentLengths(schema),
      useNullVariables(schema),
      useCostLimit(options.costLimit),
      // What is refused takes no place.
      options.streamPlaces,
      useRule(SensitiveFieldsOnce),
      useRule(UnconditionalSubscription),
      useMistakes({ suggestions: options.introspection }),
      ...(options.introspection ? [] : [useRule(NoSchemaIntrospectionCustomRule)]),
    ]),
  });
}

/** A session may have linked or lost a provider since its socket was opened. */
async function asItStands(asker: Asker, sessions: Pick<Sessions, 'get'>): Promise<Asker> {
  if (asker.viewer.kind !== 'SESSION') return asker;
  const session = await sessions.get(asker.viewer.session.id);
  if (!session) throw unauthenticated();
  return { ...asker, viewer: { kind: 'SESSION', session } };
}

/** Yoga's `context` option copies values once; ours changes with each event of a subscription. */
function useContext({ sources, sessions, mask }: GraphQLOptions): Plugin<ServerContext> {
  return {
    async onContextBuilding({ context }) {
      const { requestId, asker, socket, res } = context;
      // A socket said who it is when it connected; its operations have no request of their own.
      if (socket) {
        const standing = await asItStands(socket.asker, sessions).catch((error: unknown) => {
          throw mask(error, requestId);
        });
        const made = operationContext(context, sources, standing, requestId, socket.live);
        socket.onEnd(() => made.end(null));
      } else {
        if (!asker || !res) throw new Error('a request was not admitted');
        const made = operationContext(context, sources, asker, requestId);
        onResponseEnd(res, () => made.end(null));
      }
    },
  };
}

/** Ends the operation's timer, masks its errors, and adds what the resolvers left beside the data. */
function useOperationEnd({ mask, showUpstream }: GraphQLOptions): Plugin<OperationContext> {
  return {
    onExecute: ({ args: { contextValue } }) => ({
      onExecuteDone({ result, setResult }) {
        contextValue.finish();
        if (Symbol.asyncIterator in result) return;
        const { partialErrors, upstreamCalls, requestId } = contextValue;
        // Before Yoga does it, which knows no request.
        const masked = result.errors?.map((error) => mask(error, requestId)) ?? [];
        const partial = partialErrors.map(({ error, path }) =>
          publicError(error, new GraphQLError('', { path })),
        );
        const errors = [...masked, ...partial];
        setResult({
          ...result,
          ...(errors.length > 0 && { errors }),
          ...(showUpstream && {
            extensions: {
              ...result.extensions,
              upstream: { bongloy: upstreamCalls.BONGLOY, casso: upstreamCalls.CASSO },
            },
          }),
        });
      },
    }),
  };
}

function useRule(rule: ValidationRule): Plugin {
  return { onValidate: ({ addValidationRule }) => addValidationRule(rule) };
}
