import { accountNumberKey } from '../domain/bank-identity.ts';
import { matches } from './filter.ts';
import type { EventFilter, LogEvent } from './log.ts';

/**
 * Followers that have read everything and wait for more. Whoever is narrowed to a bank account is found by it, so an
 * append looks at those alone whom it may concern, and wakes only those whom it does.
 */
export interface Waiters {
  /**
   * Waits for a matching event.
   * @param after where the follower stands; nothing newer may be known when this is called.
   * @returns the position to read on from; nothing between `after` and it matches.
   */
  wait(after: number, filter: EventFilter | undefined, signal: AbortSignal): Promise<number>;
  /** Tells of events that directly follow what was known, in order. */
  tell(event: LogEvent): void;
  /** Lets everybody look for himself, from where he stands. */
  wakeAll(): void;
}

interface Waiter {
  readonly after: number;
  readonly filter: EventFilter | undefined;
  wake(position: number): void;
}

export function createWaiters(): Waiters {
  /** By the number of the bank account that they are narrowed to; `undefined` holds all others. Sets that would be empty are left out. */
  const byBankAccount = new Map<string | undefined, Set<Waiter>>();

  function tellThose(key: string | undefined, event: LogEvent): void {
    for (const waiter of byBankAccount.get(key) ?? []) {
      if (matches(event, waiter.filter)) waiter.wake(event.position - 1);
    }
  }

  return {
    wait(after, filter, signal) {
      const key = filter?.bankAccount && accountNumberKey(filter.bankAccount.accountNumber);
      const set = byBankAccount.get(key) ?? new Set();
      byBankAccount.set(key, set);
      return new Promise((resolve) => {
        const onAbort = () => waiter.wake(after);
        const waiter: Waiter = {
          after,
          filter,
          wake(position) {
            set.delete(waiter);
            if (set.size === 0) byBankAccount.delete(key);
            signal.removeEventListener('abort', onAbort);
            resolve(position);
          },
        };
        set.add(waiter);
        signal.addEventListener('abort', onAbort);
      });
    },

    tell(event) {
      tellThose(undefined, event);
      if (event.provider === 'CASSO') tellThose(accountNumberKey(event.transaction.bankAccountNumber), event);
    },

    wakeAll() {
      for (const set of byBankAccount.values()) {
        for (const waiter of set) waiter.wake(waiter.after);
      }
    },
  };
}
