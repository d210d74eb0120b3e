import { UpstreamFailure } from './errors.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Outcome, UpstreamRequest } from './upstream.ts';

const RETRIED_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Our own waits, milliseconds. */
const SHORTEST = 50;
const LONGEST = 2_000;

/** Whether the request may be sent more than once. */
export const isRepeatable = ({ method, retry }: UpstreamRequest): boolean =>
  (retry ?? (method === 'GET' ? 'safe' : 'never')) === 'safe';

/** Whether another attempt may end better. A late one is not repeated: its time is spent. */
export const isPassing = (outcome: Outcome): boolean =>
  'response' in outcome
    ? RETRIED_STATUS.has(outcome.response.status)
    : outcome.error instanceof UpstreamFailure && outcome.error.kind === 'no-answer';

/** How long the provider asks us to wait before the next attempt, in milliseconds; null where it does not say. */
export const askedWait = (outcome: Outcome): number | null =>
  'response' in outcome ? retryAfterMs(outcome.response.headers) : null;

/** Decorrelated jitter: callers who failed together do not come back together. @param last the wait before, if any. */
export const ownWait = (last = SHORTEST): number =>
  Math.min(LONGEST, SHORTEST + Math.random() * (3 * last - SHORTEST));
