import { setMaxListeners } from 'node:events';
import { Bulkhead } from '../lib/bulkhead.ts';
import { SECOND } from '../lib/duration.ts';
import { inSpan } from '../lib/span.ts';
import { Breaker, type BreakerOptions, type BreakerState } from './breaker.ts';
import { Call, type Line } from './call.ts';
import { UpstreamFailure, type UpstreamFailureKind } from './errors.ts';
import type { ProxySettings } from './proxy.ts';
import { createTransport } from './request.ts';
import type { Outcome, Upstream, UpstreamResponse } from './upstream.ts';

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
 * all others for ten seconds in a blip that the retries were about to cure. An open breaker still ends the retries
 * of calls that began before it opened. It stands inside the queue, so that a call that waited is refused at once when it
 * has opened meanwhile, and is asked once before the queue too, so that none waits for a refusal.
 *
 * The deadline is a moment that attempts and waits keep; only a call that must queue has a timer for it.
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { name, totalTimeoutMs = 10 * SECOND, concurrency = 128, onResult } = options;
  const line: Line = {
    name,
    totalTimeoutMs,
    retries: options.retries ?? 2,
    bulkhead: new Bulkhead(concurrency, options.queue ?? 4096),
    breaker: new Breaker({
      minimumCalls: 10,
      windowMs: 10 * SECOND,
      failureRatio: 0.5,
      openMs: 10 * SECOND,
      ...options.breaker,
      onChange: options.onBreakerChange,
    }),
    transport: createTransport({
      name,
      baseUrl: options.baseUrl,
      attemptTimeoutMs: Math.min(options.attemptTimeoutMs ?? 8 * SECOND, 0.8 * totalTimeoutMs),
      maxResponseBytes: options.maxResponseBytes ?? 5 * 1024 * 1024,
      connections: concurrency,
      userAgent: options.userAgent ?? 'mekong',
      proxy: options.proxy ?? null,
    }),
    isClosed: false,
  };

  return {
    request(request) {
      const { method, signal } = request;
      // An operation's calls share its signal, and each takes its listener back: more than ten at once is no leak.
      if (signal instanceof AbortSignal) setMaxListeners(0, signal);
      const attributes = { 'http.request.method': method, 'mekong.provider': name };
      return inSpan(
        { name: `${method} ${name}`, kind: 'client', attributes },
        (annotate) =>
          new Promise<UpstreamResponse>((resolve, reject) => {
            const begun = performance.now();
            new Call(line, request, (outcome) => {
              const label = labelOf(outcome);
              if ('response' in outcome) annotate({ 'http.response.status_code': outcome.response.status });
              annotate({ 'mekong.outcome': label });
              onResult?.(label, performance.now() - begun);
              if ('response' in outcome) resolve(outcome.response);
              else reject(outcome.error);
            }).start();
          }),
      );
    },
    async close() {
      line.isClosed = true;
      await line.transport.close();
    },
  };
}

function labelOf(outcome: Outcome): UpstreamOutcome {
  if ('error' in outcome) return outcome.error instanceof UpstreamFailure ? outcome.error.kind : 'fault';
  const { status } = outcome.response;
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}
