import {
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type ValidationRule,
} from 'graphql';
import { createYoga, type Plugin, type YogaInitialContext, type YogaServerInstance } from 'graphql-yoga';
import type { Authenticate } from '../auth/authenticate.ts';
import { GatewayError, unauthenticated } from '../domain/errors.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { type AddressOf, bearerToken } from './asker.ts';
import { useCompiled } from './compiled.ts';
import {
  type Asker,
  type OperationContext,
  operationContext,
  type ServerContext,
  type Sources,
} from './context.ts';
import { type ErrorMask, publicError } from './errors.ts';
import { useMistakes } from './mistakes.ts';
import { SensitiveFieldsOnce } from './sensitive-fields-once.ts';

export interface GraphQLOptions {
  readonly schema: GraphQLSchema;
  readonly sources: Sources;
  readonly authenticate: Authenticate;
  readonly addressOf: AddressOf;
  readonly introspection: boolean;
  /** Tells in `extensions.upstream` how many requests each provider got: for developers. */
  readonly showUpstream: boolean;
  readonly corsOrigins: readonly string[];
  readonly sessions: Pick<Sessions, 'get'>;
  readonly mask: ErrorMask;
  /** What subscriptions need beside. */
  readonly plugins: readonly Plugin<OperationContext & ServerContext>[];
}

export type GraphQLServer = YogaServerInstance<ServerContext, OperationContext>;

/** GraphQL over HTTP, and SSE for subscriptions; the same `getEnveloped` serves WebSocket. */
export function createGraphQL(options: GraphQLOptions): GraphQLServer {
  const { schema, sources, authenticate, addressOf, corsOrigins, sessions, mask } = options;
  return createYoga<ServerContext, OperationContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: false,
    batching: false,
    multipart: false,
    // The server has refused larger bodies already; Yoga's own guard copies every body.
    maxRequestBodySize: false,
    logging: false,
    cors: (request) => {
      const origin = request.headers.get('origin');
      return origin !== null && corsOrigins.includes(origin)
        ? { origin, methods: ['GET', 'POST'], credentials: false }
        : false;
    },
    maskedErrors: { maskError: mask },
    plugins: [
      useContext(async ({ request, req, socket }) => {
        // A socket said who it is when it connected; its operations have no request of their own.
        if (socket) return operationContext(sources, await asItStands(socket.asker, sessions), socket.closed);
        const authorization = request.headers.get('authorization') ?? undefined;
        const viewer = await authenticate(authorization).catch(refuse);
        const asker = { viewer, token: bearerToken(authorization), address: addressOf(req) };
        return operationContext(sources, asker, request.signal);
      }),
      useOperationEnd(options.showUpstream),
      ...options.plugins,
      useCompiled(schema),
      useRule(SensitiveFieldsOnce),
      useMistakes(),
      ...(options.introspection ? [] : [useRule(NoSchemaIntrospectionCustomRule)]),
    ],
  });
}

/** A session may have linked or lost a provider since its socket was opened. */
async function asItStands(asker: Asker, sessions: Pick<Sessions, 'get'>): Promise<Asker> {
  if (asker.viewer.kind !== 'SESSION') return asker;
  const session = await sessions.get(asker.viewer.session.id);
  if (!session) throw unauthenticated();
  return { ...asker, viewer: { kind: 'SESSION', session } };
}

/** Yoga's `context` option copies values once; ours has accessors, as it changes with each event of a subscription. */
function useContext(
  make: (server: ServerContext & YogaInitialContext) => Promise<OperationContext>,
): Plugin<ServerContext> {
  return {
    async onContextBuilding({ context }) {
      Object.defineProperties(context, Object.getOwnPropertyDescriptors(await make(context)));
    },
  };
}

/** A token that is not valid fails the request as a whole, with the status that HTTP has for it (RFC 6750 §3). */
function refuse(error: unknown): never {
  if (!(error instanceof GatewayError) || error.code !== 'UNAUTHENTICATED') throw error;
  throw new GraphQLError(error.message, {
    extensions: {
      code: error.code,
      http: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    },
  });
}

/** Ends the operation's timer, and adds what the resolvers left beside the data. */
function useOperationEnd(showUpstream: boolean): Plugin<OperationContext> {
  return {
    onExecute: ({ args: { contextValue } }) => ({
      onExecuteDone({ result, setResult }) {
        contextValue.finish();
        if (Symbol.asyncIterator in result) return;
        const { partialErrors, upstreamCalls } = contextValue;
        const errors = partialErrors.map(({ error, path }) =>
          publicError(error, new GraphQLError('', { path })),
        );
        setResult({
          ...result,
          ...(errors.length > 0 && { errors: [...(result.errors ?? []), ...errors] }),
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
