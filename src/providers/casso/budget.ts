import { LRUCache } from 'lru-cache';
import { rateLimited } from '../../domain/errors.ts';
import { type Signal, waitFor } from '../../lib/abort.ts';
import { DeadlineExceeded } from '../../lib/deadline.ts';
import { MINUTE, SECOND } from '../../lib/duration.ts';
import { UpstreamFailure } from '../../upstream/errors.ts';
import type { Rank } from '../provider.ts';
import { leftOver, patienceOf } from './rank.ts';

/** How many requests this process sends to Casso under one credential. */
export interface Budget {
  /**
   * Call it before every request that is really sent: returns when the request may leave. Turns are given in the
   * order of asking. `REFRESH` and `RECONCILIATION` never wait, and leave some to people (see `rank.ts`).
   * @throws GatewayError RATE_LIMITED at once when the turn is further away than the longest wait, and when the
   *   operation's deadline passes before the turn; UpstreamFailure `aborted` when the caller gives up before it.
   */
  take(credentialId: string, signal: Signal, rank?: Rank): Promise<void>;
}

/** A request's place in time: milliseconds by the monotonic clock, so that a corrected wall clock stops nobody. */
interface Turn {
  readonly at: number;
}

/** Credentials remembered at most; more than that in one minute is no business of this gateway's size. */
const MAX_CREDENTIALS = 10_000;

/**
 * At most `requestsPerMinute` in any sixty seconds, not only in each minute of the clock: Casso publishes neither
 * the number nor how it is counted (providers/casso.md §3), so the strictest count is kept.
 * rate-limiter-flexible does not fit: its windows are fixed, so twice the number may leave around their edge, and its
 * queue knows no longest wait, no abort and no forgetting.
 * @param maxWaitMs the longest wait for a turn in milliseconds; a turn further away is refused instead.
 */
export function createBudget(requestsPerMinute: number, maxWaitMs = 5 * SECOND): Budget {
  /** Per credential, the turns of the last minute and of the near future, in order. */
  const turns = new LRUCache<string, readonly Turn[]>({ max: MAX_CREDENTIALS, ttl: MINUTE + maxWaitMs });

  return {
    async take(credentialId, signal, rank = 'ANSWER') {
      const now = performance.now();
      const taken = (turns.get(credentialId) ?? []).filter(({ at }) => at > now - MINUTE);
      const blocking = taken.at(-Math.max(1, requestsPerMinute - leftOver(rank, requestsPerMinute)));
      const turn: Turn = { at: blocking === undefined ? now : blocking.at + MINUTE };
      const wait = turn.at - now;
      if (wait > patienceOf(rank, maxWaitMs)) throw rateLimited(wait, 'CASSO');
      turns.set(
        credentialId,
        [...taken, turn].sort((a, b) => a.at - b.at),
      );
      if (await passes(wait, signal)) return;
      turns.set(
        credentialId,
        (turns.get(credentialId) ?? []).filter((other) => other !== turn),
      );
      if (signal.reason instanceof DeadlineExceeded) throw rateLimited(turn.at - performance.now(), 'CASSO');
      throw new UpstreamFailure('aborted', 'the caller gave up before the request left', {
        cause: signal.reason,
      });
    },
  };
}

/** Whether the time passed, in milliseconds, before the signal aborted. */
function passes(ms: number, signal: Signal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  if (ms === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    waitFor(
      Math.ceil(ms),
      signal,
      () => resolve(true),
      () => resolve(false),
    );
  });
}
