import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { SECOND } from '../lib/duration.ts';
import { requestIdFrom } from '../lib/request-id.ts';
import { allowPages } from './cors.ts';
import { MAX_HEAD, REFUSALS, type Refusal, refuse, refuseConnection } from './refusals.ts';
import { closeResponsesThatWait } from './response-end.ts';

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

/** Turns of the loop in which nothing arrives before all has been read. */
const QUIET_TURNS = 10;
/** Each may wait for the disk. */
const SETTLE_WITHIN = 5 * SECOND;

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
  /** Told of a handler's failure, after the client got a constant 500. */
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
  // Slow clients hold no socket: whoever is late is found soon.
  const limits = {
    headersTimeout: headersWithin,
    requestTimeout: requestWithin,
    connectionsCheckingInterval: Math.min(SECOND, headersWithin / 2),
    keepAliveTimeout: keepAlive,
    // What is longer than is allowed, within reason, is answered here, so that pages can read that.
    maxHeaderSize: 2 * MAX_HEAD,
  };
  const underWay = new Set<ServerResponse>();
  /** Connections whose last request was answered before all of it had come. */
  const ahead = new WeakSet<Duplex>();
  let arrivals = 0;
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
    arrivals += 1;
    underWay.add(response);
    ahead.delete(request.socket);
    response.once('close', () => {
      underWay.delete(response);
      if (!request.complete) ahead.add(request.socket);
      closeUnlessBusy();
      const { method } = request;
      const route = Object.hasOwn(routes, pathOf(request)) ? pathOf(request) : 'other';
      const status = response.headersSent ? response.statusCode : 499;
      onAnswered?.({ requestId, method, route, status, ms: performance.now() - begun });
    });
    void answer(request, response, requestId);
  });
  closeResponsesThatWait(server);
  // Their bytes are bounded; beyond a number Node.js would drop them without a word.
  server.maxHeadersCount = 0;
  server.on('connection', () => {
    arrivals += 1;
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const isAnswered = [...underWay].some((response) => response.socket === socket && response.headersSent);
    if (isAnswered || ahead.has(socket) || !socket.writable) socket.destroy();
    else refuseConnection(socket, (error.code && UNREAD[error.code]) || REFUSALS.malformed);
  });

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
    async settle() {
      const until = performance.now() + SETTLE_WITHIN;
      let before = arrivals;
      for (let quiet = 0; quiet < QUIET_TURNS && performance.now() < until; quiet += 1) {
        await turn();
        if (arrivals !== before) quiet = 0;
        before = arrivals;
      }
    },
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

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/';

/** By Node.js's code of why it gave up to read a request; anything else is no HTTP. */
const UNREAD: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: REFUSALS.headTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: REFUSALS.tooSlow,
};

/** The bytes of address and headers, as they were sent. */
const headOf = ({ url = '', rawHeaders }: IncomingMessage): number =>
  // Between name and value, and after it, stand two signs each.
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
