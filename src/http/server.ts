import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SECOND } from '../lib/duration.ts';
import { requestIdFrom } from '../lib/request-id.ts';
import { allowPages } from './cors.ts';
import { MAX_HEAD, REFUSALS, refuse } from './refusals.ts';
import { closeResponsesThatWait } from './response-end.ts';
import { watchArrivals } from './settle.ts';
import { refuseUnread } from './unread-requests.ts';

/** Answers one request; the router has matched the path already, and `X-Request-Id` is set. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
) => void | Promise<void>;

/** Handlers by path, without query. */
export type Routes = Readonly<Record<string, Handler>>;

export interface HttpServer {
  readonly server: Server;
  /** Resolves when the port is open; `port` 0 lets the system choose. @throws Error when it is taken. */
  listen(port: number, host: string): Promise<AddressInfo>;
  /** From now on each answer ends its connection, so that clients and proxies go elsewhere by themselves. */
  drain(): void;
  /** Resolves when whatever had been sent before has been accepted and read, and after five seconds at the latest. */
  settle(): Promise<void>;
  /** Takes no new connection, lets requests under way finish for `graceMs`, then ends every connection. */
  close(graceMs: number): Promise<void>;
}

/**
 * Connections that may wait to be accepted; the system may allow fewer (`net.core.somaxconn`). Node.js accepts one in
 * each turn of its loop, so that subscribers who all come back at once, after a restart, outgrow its default of 511.
 */
const BACKLOG = 4096;

/** How long a client may take to send its headers, the whole of its request, and its next one, in milliseconds. */
export interface HttpLimits {
  readonly headersWithin: number;
  readonly requestWithin: number;
  readonly keepAlive: number;
}

/** A request whose answer is over. */
export interface Answered {
  readonly requestId: string;
  /** As the client sent it. */
  readonly method: string | undefined;
  /** One of ours, or `other`. */
  readonly route: string;
  /** 499 when the client left before there was one. */
  readonly status: number;
  /** From the request to the last byte of its answer; a stream's whole life. */
  readonly ms: number;
}

export interface HttpServerOptions {
  /** Gets a handler's failure, after the client got a constant 500. */
  readonly onError: (error: unknown, requestId: string) => void;
  readonly onAnswered?: (answer: Answered) => void;
  /** Pages of these may read every answer. */
  readonly corsOrigins?: readonly string[];
}

/** Every request has an id, `X-Request-Id` in its answer: see `requestIdFrom`. */
export function createHttpServer(
  routes: Routes,
  { onError, onAnswered, corsOrigins = [] }: HttpServerOptions,
  { headersWithin, requestWithin, keepAlive }: HttpLimits,
): HttpServer {
  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> => {
    if (allowPages(request, response, corsOrigins)) return;
    if (headOf(request) > MAX_HEAD) return refuse(request, response, REFUSALS.headTooLarge);
    // Whatever looks at the address knows this form of it.
    request.url = request.url?.replace(ORIGIN, '') || '/';
    const path = pathOf(request);
    const handler = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!handler) return refuse(request, response, REFUSALS.wrongPath);
    try {
      await handler(request, response, requestId);
    } catch (error) {
      onError(error, requestId);
      if (response.headersSent) response.destroy();
      else refuse(request, response, REFUSALS.failed);
    }
  };
  // A client that is late is found soon, and holds no connection.
  const limits = {
    headersTimeout: headersWithin,
    requestTimeout: requestWithin,
    connectionsCheckingInterval: Math.min(SECOND, headersWithin / 2),
    keepAliveTimeout: keepAlive,
    // What is longer than is allowed, within reason, is answered here, so that pages can read that.
    maxHeaderSize: 2 * MAX_HEAD,
  };
  const underWay = new Set<ServerResponse>();
  let draining = false;
  let closing = false;
  /** Also those that never asked anything, as browsers open them in advance. */
  const closeUnlessBusy = () => {
    if (closing && underWay.size === 0) server.closeAllConnections();
  };
  const server = createServer(limits, (request, response) => {
    const begun = performance.now();
    const requestId = requestIdFrom(request.headers['x-request-id']);
    response.setHeader('x-request-id', requestId);
    if (draining) response.setHeader('connection', 'close');
    underWay.add(response);
    response.once('close', () => {
      underWay.delete(response);
      closeUnlessBusy();
      const { method } = request;
      const route = Object.hasOwn(routes, pathOf(request)) ? pathOf(request) : 'other';
      const status = response.headersSent ? response.statusCode : 499;
      onAnswered?.({ requestId, method, route, status, ms: performance.now() - begun });
    });
    void answer(request, response, requestId);
  });
  closeResponsesThatWait(server);
  // The bytes of headers are bounded; beyond a number of them Node.js would drop the others without a word.
  server.maxHeadersCount = 0;
  refuseUnread(server, underWay);
  const settle = watchArrivals(server);

  return {
    server,
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, backlog: BACKLOG }, () => {
          server.off('error', reject);
          resolve(server.address() as AddressInfo);
        });
      }),
    drain() {
      draining = true;
    },
    settle,
    close: (graceMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        closing = true;
        closeUnlessBusy();
      }),
  };
}

/** A client that takes this for a proxy sends the whole address (RFC 9112 §3.2.2). */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/** Without the query. */
export const pathOf = ({ url = '/' }: IncomingMessage): string =>
  url.replace(ORIGIN, '').split('?', 1)[0] || '/';

/** The bytes of address and headers, as they were sent. */
const headOf = ({ url = '', rawHeaders }: IncomingMessage): number =>
  // Two characters follow each name, and two each value.
  rawHeaders.reduce((sum, text) => sum + text.length + 2, url.length);

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(value));
}
