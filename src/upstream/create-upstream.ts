import { setMaxListeners } from 'node:events';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import { DeadlineExceeded } from '../lib/deadline.ts';
import { SECOND } from '../lib/duration.ts';
import { inSpan } from '../lib/span.ts';
import { abortable } from './abortable.ts';
import {
  type BreakerOptions,
  type BreakerState,
  breakerOpen,
  createBreaker,
  type Outcome,
  type Verdict,
} from './breaker.ts';
import { UpstreamFailure, type UpstreamFailureKind } from './errors.ts';
import type { ProxySettings } from './proxy.ts';
import { createTransport } from './request.ts';
import { isRepeatable, withRetries } from './retry.ts';
import type { Upstream, UpstreamRequest, UpstreamResponse } from './upstream.ts';

/** How a call ended, as a metric's label: the class of its status, how it failed, or `fault` for a mistake of ours. */
export type UpstreamOutcome = '2xx' | '3xx' | '4xx' | '5xx' | UpstreamFailureKind | 'fault';

export interface UpstreamOptions {
  /** Names the provider in messages and metrics. */
  readonly name: string;
  /** Scheme, host, and possibly a path that goes before every request's path. */
  readonly baseUrl: string;
  /** One attempt, from connecting to the last byte, milliseconds; default 8 s, and at most four fifths of the total. */
  readonly attemptTimeoutMs?: number;
  /** The whole call, with queueing, retries and waits between them, milliseconds; default 10 s. */
  readonly totalTimeoutMs?: number;
  /** Of a response body, bytes; default 5 MiB. */
  readonly maxResponseBytes?: number;
  /** Calls in flight at once, each on a socket of its own; default 128. */
  readonly concurrency?: number;
  /** Calls that wait for their turn; beyond it they fail with `overloaded`; default 4096. */
  readonly queue?: number;
  /** Attempts after the first of a call that may be repeated; default 2. */
  readonly retries?: number;
  /** Default `mekong`. */
  readonly userAgent?: string;
  /** Straight, by default. */
  readonly proxy?: ProxySettings | null;
  /** See `BreakerOptions` for units and defaults. */
  readonly breaker?: Partial<Pick<BreakerOptions, 'minimumCalls' | 'windowMs' | 'failureRatio' | 'openMs'>>;
  readonly onBreakerChange?: (state: BreakerState) => void;
  /** Once for each call when it is over, with its whole duration in milliseconds. */
  readonly onResult?: (outcome: UpstreamOutcome, durationMs: number) => void;
}

/**
 * A call passes, from the outside in: total deadline → place among `concurrency` → breaker → retries → attempts.
 *
 * The breaker wraps calls, not attempts. "Half of at least 10 calls failed" is then what callers see: a fault that a
 * retry cured is no failure, whereas counting attempts would let four unlucky calls (three attempts each) shut out
 * everybody for ten seconds in a blip that the retries were about to cure. An open breaker still ends the retries
 * of calls that began before it opened. It stands inside the queue, so that whoever waited is refused at once when it
 * has opened meanwhile, and is asked once before the queue too, so that nobody waits for a refusal.
 *
 * The deadline is a moment that attempts and waits keep; only who must queue has a timer for it.
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const {
    name,
    totalTimeoutMs = 10 * SECOND,
    concurrency = 128,
    queue = 4096,
    retries = 2,
    onResult,
  } = options;
  const transport = createTransport({
    name,
    baseUrl: options.baseUrl,
    attemptTimeoutMs: Math.min(options.attemptTimeoutMs ?? 8 * SECOND, 0.8 * totalTimeoutMs),
    maxResponseBytes: options.maxResponseBytes ?? 5 * 1024 * 1024,
    connections: concurrency,
    userAgent: options.userAgent ?? 'mekong',
    proxy: options.proxy ?? null,
  });
  const breaker = createBreaker({
    name,
    minimumCalls: 10,
    windowMs: 10 * SECOND,
    failureRatio: 0.5,
    openMs: 10 * SECOND,
    ...options.breaker,
    onChange: options.onBreakerChange,
  });
  const places = bulkhead(concurrency, queue);
  let closed = false;

  async function call(request: UpstreamRequest): Promise<UpstreamResponse> {
    if (!breaker.admits()) throw breakerOpen(name);
    const { signal } = request;
    const endsAt = performance.now() + totalTimeoutMs;
    const attempts = () =>
      withRetries(() => transport.send(request, endsAt), {
        retries: isRepeatable(request) ? retries : 0,
        endsAt,
        signal,
        worthRepeating: () => !closed && breaker.state !== 'open',
      });
    const inPlace = () => {
      // Whoever gave up while he waited sends nothing.
      signal.throwIfAborted();
      if (performance.now() >= endsAt) throw new DeadlineExceeded();
      return breaker.run(attempts, judge);
    };
    // An operation's calls share its signal, and each takes its listener back: more than ten at once is no leak.
    setMaxListeners(0, signal);
    if (places.executionSlots > 0) return places.execute(inPlace);
    // Not given the signal: cockatiel's bulkhead leaves whoever waits behind an aborted call waiting.
    return abortable(places.execute(inPlace), signal, totalTimeoutMs);
  }

  function explained(error: unknown, request: UpstreamRequest): unknown {
    if (error instanceof UpstreamFailure) return error;
    if (request.signal.aborted) {
      return request.signal.reason instanceof DeadlineExceeded
        ? new UpstreamFailure('late', `${name} had not answered when the operation's time was over`)
        : new UpstreamFailure('aborted', `the call to ${name} was given up`);
    }
    if (error instanceof DeadlineExceeded)
      return new UpstreamFailure(
        'late',
        `${name} had not answered when the call's ${totalTimeoutMs} ms were over`,
      );
    if (error instanceof BulkheadRejectedError)
      return new UpstreamFailure('overloaded', `too many calls to ${name} wait already`);
    return error;
  }

  return {
    request(request) {
      const { method } = request;
      const attributes = { 'http.request.method': method, 'mekong.provider': name };
      return inSpan({ name: `${method} ${name}`, kind: 'client', attributes }, async (annotate) => {
        const begun = performance.now();
        let outcome: UpstreamOutcome = 'fault';
        try {
          const response = await call(request);
          outcome = statusClass(response.status);
          annotate({ 'http.response.status_code': response.status });
          return response;
        } catch (error) {
          const reason = explained(error, request);
          if (reason instanceof UpstreamFailure) outcome = reason.kind;
          throw reason;
        } finally {
          annotate({ 'mekong.outcome': outcome });
          onResult?.(outcome, performance.now() - begun);
        }
      });
    },
    async close() {
      closed = true;
      await transport.close();
    },
  };
}

/**
 * Down: no answer, an attempt that had its whole time and was late, 5xx. Up: any other answer, also 4xx and 429 and
 * one that is too large. A call that the caller, the queue or a mistake of ours ended says nothing.
 */
function judge(outcome: Outcome<UpstreamResponse>): Verdict {
  if ('value' in outcome) return outcome.value.status >= 500 ? 'down' : 'up';
  if (!(outcome.error instanceof UpstreamFailure)) return 'unknown';
  return outcome.error.kind === 'wrong-shape' ? 'up' : 'down';
}

const statusClass = (status: number): UpstreamOutcome => {
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
};
