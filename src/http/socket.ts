import type { Server } from 'graphql-ws';
import { MessageType, parseMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { nestsDeeper } from '../lib/nesting.ts';
import { CLOSINGS } from './close-codes.ts';
import { createMessageRate } from './limits/message-rate.ts';
import { MAX_JSON_NESTING } from './refusals.ts';
import type { SocketOperations } from './socket-operations.ts';

export interface SocketOptions {
  /** Milliseconds between two pings; a peer that has not answered one by the next is cut off. */
  readonly heartbeat: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the protocol keeps beside the socket. */
export interface ServedSocket {
  readonly operations: SocketOperations;
  close(code?: number, reason?: string): void;
}

/** What a peer may have asked for without reading it, in bytes. */
const MAX_UNREAD = 4 * 1024 * 1024;

/**
 * Moves messages between a WebSocket and the protocol. Events wait for the peer to take the last one, so a peer that
 * reads slowly holds one of each subscription here; one that stops reading answers no ping, and is cut off.
 */
export function serveSocket<Extra extends ServedSocket>(
  protocol: Server<Extra>,
  socket: WebSocket,
  extra: Extra,
  { heartbeat, clock, logger }: SocketOptions,
): void {
  let answered = true;
  const beat = () => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  };
  // After what has come is read: when the process itself was held up, the answer may be waiting.
  const timer = setInterval(() => setImmediate(beat), heartbeat);
  const bound = () => {
    if (socket.bufferedAmount > MAX_UNREAD) socket.terminate();
  };
  socket.on('pong', () => {
    answered = true;
  });
  const mayGoOn = createMessageRate(clock);
  /** Also pings: each wants an answer. */
  const count = (data: Buffer) => {
    if (mayGoOn(data.byteLength)) return true;
    extra.close(CLOSINGS.later.code, 'Too many messages');
    return false;
  };
  // Answers to pings and queries wait for nothing: they pile up where nobody reads them.
  socket.on('ping', (data) => {
    bound();
    count(data);
  });
  socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'));

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(text, (error) => (error ? reject(error) : resolve()));
        }),
      close: (code, reason) => extra.close(code, reason),
      onMessage: (take) => {
        socket.on('message', (data) => {
          // What a peer sends after we have closed comes too late.
          if (socket.readyState !== socket.OPEN) return;
          bound();
          // One buffer: what `ws` gives by default.
          const bytes = data as Buffer;
          if (!count(bytes)) return;
          const text = bytes.toString();
          if (nestsDeeper(text, MAX_JSON_NESTING)) {
            return extra.close(CLOSINGS.wrongMessage.code, 'Invalid message received');
          }
          // An operation lives as long as its message is being handled, a subscription too.
          extra.operations.take(text, take).catch((error: unknown) => {
            // Whoever left in the middle of an answer is no fault of ours.
            if (socket.readyState !== socket.OPEN) return;
            if (isServersOwn(text))
              return extra.close(CLOSINGS.wrongMessage.code, 'Invalid message received');
            logger.error({ err: error }, 'a message of a socket could not be handled');
            extra.close(CLOSINGS.failed.code, 'Internal server error');
          });
        });
      },
    },
    extra,
  );
  socket.once('close', (code, reason) => {
    clearInterval(timer);
    closed(code, String(reason)).catch((error: unknown) =>
      logger.error({ err: error }, 'a closed socket could not be cleared away'),
    );
  });
}

/** Only a server sends these. The protocol closes with 4400 then; graphql-ws throws, as if it were our fault. */
const isServersOwn = (text: string): boolean =>
  [MessageType.ConnectionAck, MessageType.Next, MessageType.Error].includes(parseMessage(text).type);
