import { setTimeout as sleep } from 'node:timers/promises';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import { UpstreamFailure } from './errors.ts';
import { retryAfterMs } from './retry-after.ts';
import type { UpstreamRequest, UpstreamResponse } from './upstream.ts';

/** What a repetition can cure. A late attempt is not repeated: its time is spent. */
const RETRIED_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Decorrelated jitter, so that callers who failed together do not come back together. Milliseconds. */
const BACKOFF = new ExponentialBackoff({ initialDelay: 128, maxDelay: 2_000 });

export interface RetryOptions {
  /** Attempts after the first; 0 sends once. */
  readonly retries: number;
  /** When the call must be over, by `performance.now()`. */
  readonly endsAt: number;
  /** Its abort ends a wait at once, and its reason is thrown. */
  readonly signal: AbortSignal;
  /** Asked before and after each wait: false keeps what came last. */
  readonly worthRepeating: () => boolean;
}

/** Whether the request may be sent more than once. */
export const isRepeatable = ({ method, retry }: UpstreamRequest): boolean =>
  (retry ?? (method === 'GET' ? 'safe' : 'never')) === 'safe';

/**
 * Sends, and sends again as `UpstreamRequest.retry` promises. cockatiel's own loop waits on after an abort, and
 * cannot give up because a wait is too long; its backoff is what is used here.
 * @returns the first good answer, else the last one.
 * @throws what the last attempt threw, or the signal's reason.
 */
export async function withRetries(
  send: () => Promise<UpstreamResponse>,
  { retries, endsAt, signal, worthRepeating }: RetryOptions,
): Promise<UpstreamResponse> {
  let backoff: IBackoff<unknown> | undefined;
  for (let left = retries; ; left -= 1) {
    const outcome = await answerOf(send);
    const repeatable = outcome instanceof UpstreamFailure || RETRIED_STATUS.has(outcome.status);
    if (!repeatable || left === 0) return settle(outcome);
    backoff = backoff?.next(undefined) ?? BACKOFF.next();
    const wait = asked(outcome) ?? backoff.duration;
    const fits = performance.now() + wait < endsAt;
    if (!fits || !worthRepeating()) return settle(outcome);
    await sleep(wait, undefined, { signal }).catch(() => {
      throw signal.reason;
    });
    if (!worthRepeating()) return settle(outcome);
  }
}

/** No answer is an outcome to look at; everything else that is thrown ends the call. */
async function answerOf(send: () => Promise<UpstreamResponse>): Promise<UpstreamResponse | UpstreamFailure> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof UpstreamFailure && error.kind === 'no-answer') return error;
    throw error;
  }
}

const asked = (outcome: UpstreamResponse | UpstreamFailure): number | null =>
  outcome instanceof UpstreamFailure ? null : retryAfterMs(outcome.headers);

function settle(outcome: UpstreamResponse | UpstreamFailure): UpstreamResponse {
  if (outcome instanceof UpstreamFailure) throw outcome;
  return outcome;
}
