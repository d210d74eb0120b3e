import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request on the wire, with what was answered. */
export interface Exchange {
  readonly method: string;
  /** With the query, as it was sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

/** A wire between the gateway and a provider that can be listened to. */
export interface Tap {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  /** Where everything goes on to; requests that come before wait. */
  connect(target: string): void;
  close(): Promise<void>;
}

/** @param alter what is to be answered in the place of the provider's own body. */
export async function startTap(alter: (exchange: Exchange) => string = ({ answer }) => answer): Promise<Tap> {
  const exchanges: Exchange[] = [];
  let connect: (target: string) => void = () => {};
  const connected = new Promise<string>((resolve) => {
    connect = resolve;
  });

  async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { method = 'GET', url: path = '/', headers } = request;
    const { host: _host, connection: _connection, 'content-length': _length, ...passed } = headers;
    const reply = await fetch((await connected) + path, {
      method,
      headers: passed as Record<string, string>,
      redirect: 'manual',
      ...(body !== '' && { body }),
    });
    const exchange = { method, path, headers, body, status: reply.status, answer: await reply.text() };
    exchanges.push(exchange);
    const type = reply.headers.get('content-type') ?? 'text/plain';
    response.writeHead(reply.status, { 'content-type': type }).end(alter(exchange));
  }

  const server = createServer((request, response) => {
    // When the provider breaks off, so does the wire.
    passOn(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    connect,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
