import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Signal } from '../../lib/abort.ts';
import { MINUTE } from '../../lib/duration.ts';
import type { Credential, Rank } from '../provider.ts';
import { type BudgetOptions, Turns } from './turns.ts';

/** How many requests leave for Casso under one credential, over all processes that share the store. */
export interface Budget {
  /**
   * Call it before every request that is really sent: returns when the request may leave, and is counted wherever that is
   * kept. `rank.ts` says which rank goes first, what each may take, and which of them wait.
   * @throws GatewayError RATE_LIMITED at once when the turn is further away than the longest wait, or cannot be counted as the store
   *   is away; also when the operation's deadline passes before the turn; UpstreamFailure `aborted` when the caller gives up
   *   before it.
   */
  take(credential: Counted, rank: Rank, signal: Signal): Promise<void>;
  /**
   * Casso refused a request as one too many: nothing leaves for so long, milliseconds, at any process.
   * Resolves when that is kept; never rejects.
   */
  refused(credential: Counted, pause: number): Promise<void>;
}

/** As far as counting needs one. */
export type Counted = Pick<Credential, 'id' | 'countedAs'>;

/** Credentials whose count is remembered here; of more, it is read again. */
const REMEMBERED = 10_000;

/**
 * At most `perMinute` in any sixty seconds, not only in each minute of the clock: Casso publishes neither the number nor how
 * it is counted (docs/providers/casso.md §3), so the strictest count is kept. It is counted where sessions are kept, by
 * compare-and-set and before the request leaves: so several processes never spend more than one may, and neither a restart nor a
 * crash forgets what was spent. That is one write for each request to Casso, and none for what is answered without one.
 *
 * While the store is away nothing is counted, so nothing leaves: what is held is answered all the same.
 */
export function createBudget(options: BudgetOptions): Budget {
  const turns = new LRUCache<string, Turns>({ max: REMEMBERED, ttl: 2 * MINUTE, updateAgeOnGet: true });

  function turnsOf({ countedAs, id }: Counted): Turns {
    const key = createHash('sha256')
      .update(countedAs?.() ?? id)
      .digest('hex');
    const known = turns.get(key);
    if (known) return known;
    const made = new Turns(key, options);
    turns.set(key, made);
    return made;
  }

  return {
    take: (credential, rank, signal) => turnsOf(credential).take(rank, signal),
    refused: (credential, pause) => turnsOf(credential).pause(pause),
  };
}
