import { waitFor } from '../lib/abort.ts';
import { DeadlineExceeded } from '../lib/deadline.ts';
import { currentTraceparent } from '../lib/span.ts';
import { Attempt } from './attempt.ts';
import { UpstreamFailure } from './errors.ts';
import { createDispatcher, type ProxySettings } from './proxy.ts';
import type { Outcome, UpstreamRequest } from './upstream.ts';

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
   * @param request whose signal has not aborted yet.
   * @param endsAt when the call must be over, by `performance.now()`, however much of the attempt's own time is left.
   * @param done is called once, perhaps before this returns. The error is an UpstreamFailure `no-answer`, `late` (the
   *   attempt's own time was over) or `wrong-shape`; DeadlineExceeded at `endsAt`; the reason of the request's signal; or
   *   undici's own for a request that it finds malformed, which is a fault of ours.
   */
  send(request: UpstreamRequest, endsAt: number, done: (outcome: Outcome) => void): void;
  /** Breaks every connection: attempts under way fail with `no-answer`. */
  close(): Promise<void>;
}

export function createTransport(options: TransportOptions): Transport {
  const { name, attemptTimeoutMs, connections } = options;
  const { origin, pathname } = new URL(options.baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  const limits = {
    connections,
    pipelining: 1,
    maxResponseSize: options.maxResponseBytes,
    connect: { timeout: attemptTimeoutMs },
    // The attempt's deadline covers both, to the millisecond.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const dispatcher = createDispatcher(origin, limits, options.proxy);

  return {
    send(request, endsAt, done) {
      const left = endsAt - performance.now();
      const attempt = new Attempt(name, (outcome) => {
        stop();
        done(outcome);
      });
      const stop = waitFor(
        Math.min(left, attemptTimeoutMs),
        request.signal,
        () =>
          attempt.giveUp(
            left > attemptTimeoutMs
              ? new UpstreamFailure('late', `${name} did not answer within ${attemptTimeoutMs} ms`)
              : new DeadlineExceeded(),
          ),
        (reason) => attempt.giveUp(reason),
      );
      request.onAttempt?.();
      dispatcher.dispatch(
        {
          origin,
          method: request.method,
          path: prefix + request.path + queryOf(request),
          headers: headersOf(request, options.userAgent),
          body: request.body ?? null,
        },
        attempt,
      );
    },
    close: () => dispatcher.destroy(),
  };
}

/** With random ids of ours, so that a provider's log can be laid beside ours: they say nothing about the person behind a request. */
function headersOf({ requestId, headers }: UpstreamRequest, userAgent: string): Record<string, string> {
  const all: Record<string, string> = { 'user-agent': userAgent };
  if (requestId !== undefined) all['x-request-id'] = requestId;
  const traceparent = currentTraceparent();
  if (traceparent !== undefined) all['traceparent'] = traceparent;
  return Object.assign(all, headers);
}

function queryOf({ query }: UpstreamRequest): string {
  if (!query) return '';
  const text = new URLSearchParams(query).toString();
  return text && `?${text}`;
}
