import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs } from 'graphql';
import { CloseCode, type OperationResult } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticate } from '../auth/authenticate.ts';
import { type Viewer, viewerExpiresAt } from '../auth/viewer.ts';
import { GatewayError } from '../domain/errors.ts';
import { DAY, SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { type AddressOf, bearerToken } from './asker.ts';
import type { Asker, OperationContext } from './context.ts';
import type { GraphQLServer } from './graphql.ts';

export interface WebSocketOptions {
  readonly graphql: GraphQLServer;
  readonly authenticate: Authenticate;
  readonly addressOf: AddressOf;
  readonly sessions: Pick<Sessions, 'onEnd'>;
  readonly logger: Logger;
}

export interface WebSockets {
  /** Closes every socket with 1001, after what was sent to it has left. */
  close(): Promise<void>;
}

const PATH = '/graphql';
/** A socket must say who it is within this time. */
const INIT_WITHIN = 5 * SECOND;
/** A peer that answers no ping for this long is gone, or has stopped reading, and is cut off. */
const HEARTBEAT = 12 * SECOND;
/** The largest message of a client, in bytes. */
const MAX_MESSAGE = 256 * 1024;
/** Operations of one socket at once. */
const MAX_SUBSCRIPTIONS = 100;
/** Sockets of one viewer at once (anonymous ones: of one address). */
const MAX_SOCKETS = 100;
/** Node.js timers hold no longer time. */
const LONGEST_TIMER = 24 * DAY;
const TOO_MANY = 4429;

/** What one socket is: graphql-ws keeps it beside the socket. */
interface SocketState extends Record<PropertyKey, unknown> {
  asker?: Asker;
  /** Undone when the socket closes. */
  cleanups?: (() => void)[];
}

/** GraphQL over WebSocket (`graphql-transport-ws`), on the HTTP server's own port. */
export function serveWebSockets(server: Server, options: WebSocketOptions): WebSockets {
  const { graphql, authenticate, addressOf, sessions, logger } = options;
  const socketsOf = new Map<string, number>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    handleProtocols: (protocols) => (protocols.has('graphql-transport-ws') ? 'graphql-transport-ws' : false),
  });

  const admit = (state: Extra & SocketState, asker: Asker): boolean => {
    const key = askerKey(asker);
    const open = (socketsOf.get(key) ?? 0) + 1;
    if (open > MAX_SOCKETS) {
      state.socket.close(TOO_MANY, 'Too many sockets');
      return false;
    }
    socketsOf.set(key, open);
    state.asker = asker;
    state.cleanups = [
      () =>
        open === 1 && socketsOf.get(key) === 1
          ? socketsOf.delete(key)
          : socketsOf.set(key, (socketsOf.get(key) ?? 1) - 1),
      closeWhenOver(asker.viewer, state.socket, sessions),
    ];
    return true;
  };

  const disposable = useServer<Record<string, unknown>, SocketState>(
    {
      connectionInitWaitTimeout: INIT_WITHIN,
      async onConnect({ connectionParams, extra }) {
        const authorization = authorizationOf(connectionParams);
        try {
          const viewer = await authenticate(authorization);
          return admit(extra, {
            viewer,
            token: bearerToken(authorization),
            address: addressOf(extra.request),
          });
        } catch (error) {
          // False is answered with 4403.
          if (error instanceof GatewayError && error.code === 'UNAUTHENTICATED') return false;
          logger.error({ err: error }, 'a socket could not be authenticated');
          extra.socket.close(CloseCode.InternalServerError, 'Internal server error');
          return false;
        }
      },
      onDisconnect({ extra }) {
        for (const cleanup of extra.cleanups ?? []) cleanup();
      },
      async onSubscribe({ extra, subscriptions }, _id, { query, operationName, variables }) {
        if (Object.keys(subscriptions).length > MAX_SUBSCRIPTIONS) {
          extra.socket.close(TOO_MANY, 'Too many subscriptions');
          return;
        }
        const { schema, parse, validate, contextFactory, execute, subscribe } = graphql.getEnveloped({
          req: extra.request,
          asker: extra.asker,
          params: { query, operationName, variables },
        });
        const document = parse(query);
        const errors = validate(schema, document);
        if (errors.length > 0) return errors;
        return {
          schema,
          document,
          operationName,
          variableValues: variables,
          contextValue: await contextFactory(),
          rootValue: { execute, subscribe },
        };
      },
      execute: (args) => (args as EnvelopedArgs).rootValue.execute(args),
      subscribe: (args) => (args as EnvelopedArgs).rootValue.subscribe(args),
    },
    sockets,
    HEARTBEAT,
  );

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== PATH) {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit('connection', socket, request));
  });

  return { close: async () => disposable.dispose() };
}

/** Yoga's own execute and subscribe, with all its plugins, travel in the root value (as Yoga's guide does it). */
interface EnvelopedArgs extends ExecutionArgs {
  readonly rootValue: {
    readonly execute: (args: ExecutionArgs) => OperationResult;
    readonly subscribe: (args: ExecutionArgs) => OperationResult;
  };
  readonly contextValue: OperationContext;
}

/** `{ authorization: "Bearer …" }`, as the HTTP header. Anything else that was given is no valid token. */
function authorizationOf(params: Record<string, unknown> | null | undefined): string | undefined {
  const name = Object.keys(params ?? {}).find((key) => key.toLowerCase() === 'authorization');
  if (name === undefined) return undefined;
  const value = params?.[name];
  return typeof value === 'string' ? value : '';
}

function askerKey({ viewer, address }: Asker): string {
  if (viewer.kind === 'SESSION') return viewer.session.id;
  return viewer.kind === 'OPERATOR' ? `operator:${viewer.subject}` : `address:${address}`;
}

/** Closes the socket with 4403 when its session or token has ended. @returns the undoing. */
function closeWhenOver(viewer: Viewer, socket: WebSocket, sessions: Pick<Sessions, 'onEnd'>): () => void {
  const close = () => socket.close(CloseCode.Forbidden, 'Forbidden');
  if (viewer.kind === 'SESSION') return sessions.onEnd(viewer.session.id, close);
  const expiresAt = viewerExpiresAt(viewer);
  if (expiresAt === null) return () => {};
  const timer = setTimeout(close, Math.min(Math.max(0, expiresAt - Date.now()), LONGEST_TIMER));
  return () => clearTimeout(timer);
}
