import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLError } from 'graphql';
import { handleProtocols, makeServer, type OperationResult, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ErrorCode, GatewayError } from '../domain/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import { newRequestId } from '../lib/request-id.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { TrustedDocuments } from '../trusted-documents/manifest.ts';
import { type AdmissionOptions, identify } from './admission.ts';
import { CLOSINGS, type Closing } from './close-codes.ts';
import type { Asker, SocketContext } from './context.ts';
import type { ErrorMask } from './errors.ts';
import type { GraphQLServer } from './graphql.ts';
import { isForeignSocket } from './guard.ts';
import type { Live } from './live/live.ts';
import { payloadOf, withoutStatus } from './live/payload.ts';
import { createLiveSender, type LiveSender } from './live/sender.ts';
import { holdsTooMuch, type Places } from './places.ts';
import { REFUSALS, refuseConnection } from './refusals.ts';
import { pathOf } from './server.ts';
import { serveSocket } from './socket.ts';
import { isToken, socketAuthorization } from './socket-authorization.ts';
import {
  type Prepared,
  type SocketOperation,
  type SocketOperationOptions,
  socketOperation,
} from './socket-operation.ts';
import { SocketOperations } from './socket-operations.ts';
import { documentText } from './trusted-documents.ts';
import { onViewerEnd } from './viewer-end.ts';

export interface WebSocketOptions extends AdmissionOptions {
  readonly graphql: GraphQLServer;
  readonly sessions: Pick<Sessions, 'onEnd'>;
  readonly clock: Clock;
  /** Only these are answered; null: any document is. */
  readonly trustedDocuments: TrustedDocuments | null;
  readonly mask: ErrorMask;
  readonly places: Places;
  /** What their operations hold, in characters. */
  readonly held: Places;
  readonly live: Live;
  /** Pages of these may open a socket that a proxy presents a token for. */
  readonly corsOrigins: readonly string[];
  /** How long a socket may take to say who it is, in milliseconds. */
  readonly initWithin: number;
  /** See `SocketOptions`. */
  readonly heartbeat: number;
  readonly logger: Logger;
}

export interface WebSockets {
  /** Those that are open. */
  readonly count: number;
  /** Closes every socket with 1001, after what was sent to it, and takes no new one. */
  close(): Promise<void>;
}

const PATH = '/graphql';
/** The largest message of a client, in bytes. */
const MAX_MESSAGE = 256 * 1024;
/** Operations of one socket at once. */
const MAX_OPERATIONS = 100;
/** Characters of an operation's id, which each of its results bears. */
const MAX_ID = 256;
/** A peer that does not close with us is cut off after this time. */
const CLOSE_WITHIN = 2 * SECOND;

/** What one socket is to us: the protocol keeps it beside the socket. */
interface SocketState {
  /** Of the peer. The request itself is let go of: it is larger than all that is kept of a socket here. */
  readonly address: string;
  /** Of the upgrade request, until the socket says who it is. */
  authorization: string | undefined;
  readonly socket: WebSocket;
  readonly send: LiveSender;
  readonly operations: SocketOperations;
  /** Closes it from here: what was asked for over it ends at once, not when the peer has closed it, too. */
  close(code?: number, reason?: string): void;
  /** Gives back its viewer's place, and stops waiting for the viewer's end. */
  release: () => void;
  /** Runs out when it does not say who it is; null once it has, or is gone. */
  greeting: NodeJS.Timeout | null;
  asker?: Asker;
}

/** GraphQL over WebSocket (`graphql-transport-ws`), on the HTTP server's own port. */
export function serveWebSockets(server: Server, options: WebSocketOptions): WebSockets {
  const { graphql, addressOf, limits, trustedDocuments, mask, places, held, live, corsOrigins } = options;
  const { initWithin, heartbeat, clock, logger } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, handleProtocols });

  function admit(state: SocketState, asker: Asker): boolean {
    // It may have gone while its token was looked up.
    if (state.socket.readyState !== state.socket.OPEN) return false;
    const giveBack = places.take(asker);
    if (!giveBack) {
      state.close(CLOSINGS.later.code, 'Too many sockets');
      return false;
    }
    const forget = onViewerEnd(asker.viewer, options, () =>
      state.close(CLOSINGS.noViewer.code, 'Unauthorized'),
    );
    state.release = () => {
      giveBack();
      forget();
    };
    state.asker = asker;
    return true;
  }

  async function prepare(
    payload: SubscribePayload,
    requestId: string,
    socket: SocketContext,
  ): Promise<readonly GraphQLError[] | Prepared> {
    const { variables } = payload;
    // As over HTTP, an empty one names no operation.
    const operationName = payload.operationName || null;
    const query = documentText(trustedDocuments, payload);
    const { schema, parse, validate, contextFactory, execute, subscribe } = graphql.getEnveloped({
      requestId,
      socket,
      params: { query, operationName, variables },
    });
    const document = parse(query);
    const mistakes = validate(schema, document);
    if (mistakes.length > 0) return mistakes;
    return {
      schema,
      document,
      operationName,
      variableValues: variables ?? null,
      contextValue: await contextFactory(),
      rootValue: { execute, subscribe },
    };
  }

  const protocol = makeServer<Record<string, unknown>, SocketState>({
    // Ours: see awaitGreeting.
    connectionInitWaitTimeout: 0,
    async onConnect({ connectionParams, extra }) {
      stopAwaiting(extra);
      const { authorization, address } = extra;
      extra.authorization = undefined;
      try {
        return admit(
          extra,
          await identify(socketAuthorization(authorization, connectionParams), address, options),
        );
      } catch (error) {
        const closing = error instanceof GatewayError ? CLOSING_OF[error.code] : undefined;
        if (closing) extra.close(closing.code, (error as GatewayError).message);
        else {
          logger.error({ err: error }, 'a socket could not be authenticated');
          extra.close(CLOSINGS.later.code, 'Try again later');
        }
        return false;
      }
    },
    async onSubscribe({ extra, subscriptions }, id, payload) {
      if (Object.keys(subscriptions).length > MAX_OPERATIONS) return [mask(tooManyOperations())];
      if (id.length > MAX_ID) return [mask(idTooLong(id))];
      const requestId = newRequestId();
      try {
        const { asker, send, operations } = extra;
        if (!asker) throw new Error('an operation came before the socket was admitted');
        limits.count(asker.viewer, asker.address);
        const giveBack = held.take(asker, operations.sizeOf(id));
        if (!giveBack) throw holdsTooMuch();
        const toPrepared: SocketOperationOptions['prepare'] = (subscription) =>
          prepare(payload, requestId, {
            asker,
            live: subscription,
            onEnd: (release) => subscription.onEnd(release),
          });
        return await socketOperation({
          id,
          payload,
          asker,
          requestId,
          prepare: toPrepared,
          send,
          live,
          mask,
          onEnd(release) {
            operations.holds(id, () => {
              giveBack();
              release();
            });
          },
        });
      } catch (error) {
        return [mask(error, requestId)];
      }
    },
    onNext: (_socket, _id, _payload, _args, result) => (result.errors ? payloadOf(result) : undefined),
    onError: (_socket, _id, _payload, errors) => errors.map((error) => withoutStatus(mask(error))),
    execute: (args) => (args as SocketOperation).rootValue.execute(),
    subscribe: (args) => (args as SocketOperation).rootValue.subscribe() as OperationResult,
  });

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Node.js no longer listens to it: a reset without a listener would end the process.
    stream.on('error', () => stream.destroy());
    if (pathOf(request) !== PATH) return refuseConnection(stream, REFUSALS.wrongPath);
    const { authorization } = request.headers;
    // No page can set this header. A proxy may, for a cookie that the browser sends along wherever the page is from.
    if (isToken(authorization) && isForeignSocket(request, corsOrigins)) {
      return refuseConnection(stream, REFUSALS.foreignSite);
    }
    const address = addressOf(request);
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const close = (code?: number, reason?: string) => {
        operations.endAll();
        socket.close(code, reason);
      };
      const operations = new SocketOperations(close);
      const send = createLiveSender(socket, stream, () => operations.endAll());
      const state: SocketState = {
        address,
        authorization,
        socket,
        send,
        operations,
        close,
        release: () => {},
        greeting: null,
      };
      socket.once('close', () => {
        stopAwaiting(state);
        operations.endAll();
        state.release();
      });
      awaitGreeting(state, initWithin);
      serveSocket(protocol, socket, state, { heartbeat, clock, logger });
    });
  });

  return {
    get count() {
      return sockets.clients.size;
    },
    async close() {
      for (const socket of sockets.clients) socket.close(CLOSINGS.goingAway.code, 'Going away');
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, CLOSE_WITHIN);
      await new Promise((resolve) => {
        sockets.close(resolve);
      });
      clearTimeout(timer);
    },
  };
}

/** Closes a socket that has not said who it is within `ms` milliseconds. */
function awaitGreeting(state: SocketState, ms: number): void {
  const judge = () => {
    if (!state.greeting) return;
    state.close(CLOSINGS.noGreeting.code, 'Connection initialisation timeout');
  };
  // After what has come is read: when the process itself was held up, the greeting may be waiting.
  state.greeting = setTimeout(() => setImmediate(judge), ms);
}

function stopAwaiting(state: SocketState): void {
  if (state.greeting) clearTimeout(state.greeting);
  state.greeting = null;
}

const idTooLong = (id: string) =>
  new GatewayError(
    'BAD_USER_INPUT',
    `The operation's id has ${id.length} characters; ${MAX_ID} are allowed. A UUID is enough.`,
  );

const tooManyOperations = () =>
  new GatewayError(
    'RATE_LIMITED',
    `A socket may have ${MAX_OPERATIONS} operations at once. Open another one.`,
  );

/** What the client itself has to mend, or to wait for. */
const CLOSING_OF: Partial<Record<ErrorCode, Closing>> = {
  UNAUTHENTICATED: CLOSINGS.noViewer,
  BAD_USER_INPUT: CLOSINGS.wrongMessage,
  RATE_LIMITED: CLOSINGS.later,
};
