import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { REFUSALS, type Refusal, refuseConnection } from './refusals.ts';

/** By Node.js's code of why it gave up to read a request; anything else is no HTTP. */
const UNREAD: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: REFUSALS.headTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: REFUSALS.tooSlow,
};

/**
 * Answers what Node.js gave up to read as a request, in words, and ends its connection. A client that has its answer already
 * gets no second one.
 * @param underWay the responses that are not over.
 */
export function refuseUnread(server: Server, underWay: ReadonlySet<ServerResponse>): void {
  /** Connections whose last request was answered before all of it had come. */
  const ahead = new WeakSet<Duplex>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    ahead.delete(request.socket);
    response.once('close', () => {
      if (!request.complete) ahead.add(request.socket);
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const isAnswered = [...underWay].some((response) => response.socket === socket && response.headersSent);
    if (isAnswered || ahead.has(socket) || !socket.writable) socket.destroy();
    else refuseConnection(socket, (error.code && UNREAD[error.code]) || REFUSALS.malformed);
  });
}
