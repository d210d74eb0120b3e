import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A POST to /graphql by hand, for what no client library would do with it. */
export interface RawRequest {
  readonly socket: Socket;
  /** What came so far. */
  readonly text: string;
  /** Resolves with the first bytes of the answer, or when the connection closes without any. */
  readonly begun: Promise<void>;
  /** Resolves when the connection has closed. */
  readonly closed: Promise<void>;
}

export interface RawRequestOptions {
  readonly accept: string;
  readonly query: string;
  readonly variables?: object;
  readonly token: string;
  /** How often it is sent, without waiting for an answer (HTTP pipelining). */
  readonly times?: number;
}

/** Resolves when the request has been handed to the network. */
export async function postByHand(url: string, options: RawRequestOptions): Promise<RawRequest> {
  const { accept, query, variables, token, times = 1 } = options;
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const body = JSON.stringify({ query, variables });
  const request = [
    'POST /graphql HTTP/1.1',
    `Host: ${hostname}`,
    'Content-Type: application/json',
    `Accept: ${accept}`,
    `Authorization: Bearer ${token}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const begun = new Promise<void>((resolve) => {
    socket.once('data', () => resolve());
    void closed.then(resolve);
  });
  await new Promise((resolve) => socket.write(request.repeat(times), resolve));
  return {
    socket,
    get text() {
      return text;
    },
    begun,
    closed,
  };
}
