import { DeadlineExceeded } from '../lib/deadline.ts';
import { currentTraceparent } from '../lib/span.ts';
import { Attempt } from './attempt.ts';
import { UpstreamFailure } from './errors.ts';
import { createDispatcher, type ProxySettings } from './proxy.ts';
import type { UpstreamRequest, UpstreamResponse } from './upstream.ts';

export interface TransportOptions {
  /** Names the provider in messages. */
  readonly name: string;
  /** Its path, if any, goes before every request's path. */
  readonly baseUrl: string;
  /** From the first byte we would like to send to the last one received, milliseconds. */
  readonly attemptTimeoutMs: number;
  /** Of the body, bytes. */
  readonly maxResponseBytes: number;
  /** Sockets at most. */
  readonly connections: number;
  readonly userAgent: string;
  /** Null: straight. */
  readonly proxy: ProxySettings | null;
}

/** One attempt, one connection pool: the only one that sends. */
export interface Transport {
  /**
   * Sends once and reads the whole answer; a redirect is an answer like any other.
   * @param endsAt when the call must be over, by `performance.now()`, however much of the attempt's own time is left.
   * @throws UpstreamFailure `no-answer`, `late` (its own time was over) or `wrong-shape`; DeadlineExceeded at `endsAt`; the
   *   reason of the request's signal; a request that undici finds malformed is a fault of ours and throws undici's error.
   */
  send(request: UpstreamRequest, endsAt: number): Promise<UpstreamResponse>;
  /** Breaks every connection: attempts under way fail with `no-answer`. */
  close(): Promise<void>;
}

export function createTransport(options: TransportOptions): Transport {
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  const limits = {
    connections: options.connections,
    pipelining: 1,
    maxResponseSize: options.maxResponseBytes,
    connect: { timeout: options.attemptTimeoutMs },
    // The attempt's deadline covers both, to the millisecond.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const dispatcher = createDispatcher(base.origin, limits, options.proxy);

  return {
    send: (request, endsAt) =>
      new Promise((resolve, reject) => {
        const { signal } = request;
        signal.throwIfAborted();
        const left = endsAt - performance.now();
        const settled = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
        };
        const attempt = new Attempt({
          answered(response) {
            settled();
            resolve(response);
          },
          failed(error) {
            settled();
            const isOurs = error instanceof UpstreamFailure || error instanceof DeadlineExceeded;
            reject(isOurs || signal.aborted ? error : failureOf(options.name, error));
          },
        });
        const onAbort = () => attempt.giveUp(signal.reason);
        const timer = setTimeout(
          () => attempt.giveUp(left > options.attemptTimeoutMs ? late(options) : new DeadlineExceeded()),
          Math.min(left, options.attemptTimeoutMs),
        );
        signal.addEventListener('abort', onAbort, { once: true });
        request.onAttempt?.();
        dispatcher.dispatch(
          {
            origin: base.origin,
            method: request.method,
            path: prefix + request.path + queryOf(request),
            headers: { 'user-agent': options.userAgent, ...tracingHeaders(request), ...request.headers },
            body: request.body ?? null,
          },
          attempt,
        );
      }),
    close: () => dispatcher.destroy(),
  };
}

/** So that a provider's log can be laid beside ours: random ids, and nothing about whom they are for. */
function tracingHeaders({ requestId }: UpstreamRequest): Record<string, string> {
  const traceparent = currentTraceparent();
  return {
    ...(requestId !== undefined && { 'x-request-id': requestId }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

const queryOf = ({ query }: UpstreamRequest): string => {
  const text = new URLSearchParams(query).toString();
  return text && `?${text}`;
};

const late = ({ name, attemptTimeoutMs }: TransportOptions) =>
  new UpstreamFailure('late', `${name} did not answer within ${attemptTimeoutMs} ms`);

/**
 * In our words with the library's code, and without the error as its cause: a parser's error carries what was received.
 * A request that undici finds malformed is our fault, not the provider's, and stays as it is.
 */
function failureOf(name: string, error: unknown): unknown {
  const code = codeOf(error);
  switch (code) {
    case 'UND_ERR_INVALID_ARG':
      return error;
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new UpstreamFailure('wrong-shape', `${name} sent more than is accepted (${code})`);
    default: {
      const status = refusalOfProxy(error);
      if (status !== null) {
        return new UpstreamFailure(
          'no-answer',
          `the proxy to ${name} answered ${status} in place of a connection`,
        );
      }
      return new UpstreamFailure('no-answer', `${name} gave no whole answer (${code})`);
    }
  }
}

/** Its status, which undici has in the message alone. */
const refusalOfProxy = (error: unknown): string | null =>
  (error instanceof Error && /^Proxy response \((\d+)\)/.exec(error.message)?.[1]) || null;

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
