import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { type AccountIdentity, accountNumberKey } from '../domain/bank-identity.ts';

/** Numbers that are remembered at most. */
const MOST_NUMBERS = 200_000;

/**
 * The bank accounts of every business whose list this process has read since it started, by their number. It only ever
 * keeps news back: where a transaction tells no bank that can be compared, a number that another business's account
 * bears does not say whose it is.
 */
export class KnownAccounts {
  readonly #reading = new Set<Promise<unknown>>();
  readonly #byNumber = new LRUCache<string, readonly AccountIdentity[]>({ max: MOST_NUMBERS });

  /** @param accounts a business's list, in the place of what was known of them. */
  add(accounts: readonly AccountIdentity[]): void {
    for (const { id, accountNumber, bank } of accounts) {
      const key = accountNumberKey(accountNumber);
      const others = this.#of(key).filter((other) => other.id !== id);
      this.#byNumber.set(key, [...others, { id, accountNumber, bank }]);
    }
  }

  /** The same, of a list that is being read. @returns what was read; rejects as the reading does. */
  async learn<A extends AccountIdentity>(reading: Promise<readonly A[]>): Promise<readonly A[]> {
    this.#reading.add(reading);
    try {
      const accounts = await reading;
      this.add(accounts);
      return accounts;
    } finally {
      this.#reading.delete(reading);
    }
  }

  /**
   * Waits for the lists that are being read: those who ask about one event at once learn of one another.
   * @param key as `accountNumberKey` makes it.
   */
  async bearersOf(key: string): Promise<readonly AccountIdentity[]> {
    await setImmediate();
    await Promise.allSettled(this.#reading);
    return this.#of(key);
  }

  #of(key: string): readonly AccountIdentity[] {
    return this.#byNumber.get(key) ?? [];
  }
}
