import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Calls `listener` once, when the response was written or its connection is gone; at once when that was before. */
export function onResponseEnd(response: ServerResponse, listener: () => void): void {
  if (response.destroyed) listener();
  else response.once('close', listener);
}

/**
 * Lets every response have its `close`. Node.js emits none for an answer that waits behind another one of its connection
 * (HTTP pipelining) when the connection goes.
 */
export function closeResponsesThatWait(server: Server): void {
  const waiting = new WeakMap<Socket, Set<ServerResponse>>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (response.socket) return;
    const responses = waiting.get(socket) ?? new Set();
    if (!waiting.has(socket)) {
      waiting.set(socket, responses);
      socket.once('close', () => {
        for (const each of responses) if (!each.socket) close(each);
      });
    }
    responses.add(response);
    response.once('close', () => responses.delete(response));
  });
}

function close(response: ServerResponse): void {
  response.destroy();
  response.emit('close');
}
