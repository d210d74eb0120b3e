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
  readonly #byNumber = new LRUCache<string, readonly AccountIdentity[]>({ max: MOST_NUMBERS });

  /** @param accounts a business's list, in the place of what was known of them. */
  add(accounts: readonly AccountIdentity[]): void {
    for (const { id, accountNumber, bank } of accounts) {
      const key = accountNumberKey(accountNumber);
      const others = this.bearersOf(key).filter((other) => other.id !== id);
      this.#byNumber.set(key, [...others, { id, accountNumber, bank }]);
    }
  }

  /** @param key as `accountNumberKey` makes it. */
  bearersOf(key: string): readonly AccountIdentity[] {
    return this.#byNumber.get(key) ?? [];
  }
}
