import { HOUR } from '../lib/duration.ts';

/** What was spent of a budget, as it stands. */
export interface BudgetEntry {
  /** Written and read by the budget alone. */
  readonly value: string;
  /** Another one after every write; compared, never counted. */
  readonly revision: number;
}

/** Where it is kept for all processes that share the store, and for the next one after a crash. */
export interface BudgetStore {
  /** Null when nothing was spent lately. @throws Error when it cannot be read now. */
  get(key: string): Promise<BudgetEntry | null>;
  /**
   * Compare-and-set; kept, also through a crash, when it resolves.
   * @param key letters, digits, `-` and `_`; no secret.
   * @param expected the revision that must stand there; 0: there must be none.
   * @returns the new revision; null when something else stands there.
   * @throws Error when it cannot be written now; it may have been written all the same.
   */
  write(key: string, value: string, expected: number): Promise<number | null>;
}

/** An entry goes by itself this long after its last write, milliseconds. */
export const BUDGET_TTL = 2 * HOUR;
