import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Calls `listener` once, when nothing can be written to the response any more: it was written, or its connection is
 * gone. At once when that was before. An answer that waits behind another one of its connection (HTTP pipelining) has
 * no `close` of its own when the connection goes, so both are listened to.
 */
export function onResponseEnd(
  { socket }: Pick<IncomingMessage, 'socket'>,
  response: ServerResponse,
  listener: () => void,
): void {
  if (response.closed || socket.destroyed) return listener();
  const end = () => {
    response.off('close', end);
    socket.off('close', end);
    listener();
  };
  response.on('close', end);
  socket.on('close', end);
}
