import { LRUCache } from 'lru-cache';
import type { BankEvent } from '../events/log.ts';
import type { Logger } from '../lib/logger.ts';

/** Events that are remembered, so that each counts once. */
const MOST_EVENTS = 10_000;

/** Counts each bank event that is kept from a business that may own its account, once, and warns of it. */
export function reportWithheld(count: () => void, logger: Logger): (event: BankEvent) => void {
  const told = new LRUCache<number, true>({ max: MOST_EVENTS });
  return ({ position, provider }) => {
    if (told.get(position)) return;
    told.set(position, true);
    count();
    logger.warn(
      { provider, position },
      'a bank event is withheld: it names no bank that can be compared, and accounts of several businesses have its number. See docs/operating.md',
    );
  };
}
