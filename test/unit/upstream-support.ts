import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createUpstream, type UpstreamOptions } from '../../src/upstream/create-upstream.ts';
import type { UpstreamFailure } from '../../src/upstream/errors.ts';
import type { Upstream, UpstreamRequest } from '../../src/upstream/upstream.ts';

/** A real server on a free port, put away after the test, that remembers what it saw. */
export interface Provider {
  readonly url: string;
  readonly requests: IncomingMessage[];
  readonly sockets: Socket[];
}

export async function provider(handler: RequestListener): Promise<Provider> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  return { ...(await listening(server, 'connection')), requests };
}

/** Speaks bytes: for what no HTTP library would send. */
export const rawProvider = (onSocket: (socket: Socket) => void): Promise<Omit<Provider, 'requests'>> =>
  listening(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      onSocket(socket);
    }),
    'connection',
  );

export async function listening(server: Server, event: 'connection'): Promise<Omit<Provider, 'requests'>> {
  const sockets: Socket[] = [];
  server.on(event, (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

export function upstreamTo(baseUrl: string, options: Partial<UpstreamOptions> = {}): Upstream {
  const upstream = createUpstream({ name: 'casso', baseUrl, ...options });
  onTestFinished(() => upstream.close());
  return upstream;
}

export const get = (fields: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'GET',
  path: '/',
  signal: new AbortController().signal,
  ...fields,
});

export const post = (fields: Partial<UpstreamRequest> = {}): UpstreamRequest =>
  get({ method: 'POST', ...fields });

/** The kind of failure of a call that must not succeed. */
export const failure = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no failure',
    (error: UpstreamFailure) => error.kind ?? `not an UpstreamFailure: ${String(error)}`,
  );

/** Unlike `once(socket, 'close')` this does not mind that the other side reset the connection. */
export const closed = (socket: Socket | undefined): Promise<void> =>
  new Promise((resolve) => socket?.once('close', () => resolve()));

/** Answers the first requests with these statuses, the rest with 200. */
export function answering(...statuses: (number | 'reset')[]): RequestListener {
  return (_request, response: ServerResponse) => {
    const status = statuses.shift() ?? 200;
    if (status === 'reset') response.socket?.resetAndDestroy();
    else response.writeHead(status).end(`status ${status}`);
  };
}

/** A handler that answers nobody before `release`, and everybody after it. */
export function holding() {
  const responses: ServerResponse[] = [];
  const seen = new EventEmitter();
  let open = false;
  const handler: RequestListener = (_request, response) => {
    responses.push(response);
    seen.emit('request');
    if (open) response.end('held');
  };
  return {
    handler,
    release: (): void => {
      open = true;
      for (const response of responses) response.end('held');
    },
    arrived: async (count: number): Promise<void> => {
      while (responses.length < count) await once(seen, 'request');
    },
  };
}
