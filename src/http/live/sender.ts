import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/**
 * What may wait for a peer before its live subscriptions fall back to reading the log, in bytes. One message more can
 * come on top, and what a peer holds in memory here is bounded by that.
 */
const MOST_BUFFERED = 128 * 1024;

/** Sends a message at once. @returns false, without sending, when too much waits for the peer. */
export type LiveSender = (text: string) => boolean;

/**
 * @param stream below the socket: what is sent in one turn of the process leaves in one write.
 * @param onClosing is called when the socket was found to be closing: it takes nothing more.
 */
export function createLiveSender(socket: WebSocket, stream: Duplex, onClosing: () => void): LiveSender {
  return (text) => {
    if (socket.readyState !== socket.OPEN) {
      onClosing();
      return true;
    }
    if (socket.bufferedAmount > MOST_BUFFERED) {
      stream.uncork();
      if (socket.bufferedAmount > MOST_BUFFERED) return false;
    }
    if (stream.writableCorked === 0) cork(stream);
    socket.send(text);
    return true;
  };
}

let corked: Duplex[] = [];

function cork(stream: Duplex): void {
  stream.cork();
  if (corked.push(stream) === 1) process.nextTick(uncorkAll);
}

function uncorkAll(): void {
  const streams = corked;
  corked = [];
  for (const stream of streams) stream.uncork();
}
