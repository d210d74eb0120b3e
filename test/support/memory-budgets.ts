import type { BudgetEntry, BudgetStore } from '../../src/store/budgets.ts';

/** A store that several budgets of one test share, as processes do. */
export interface MemoryBudgets extends BudgetStore {
  readonly entries: ReadonlyMap<string, BudgetEntry>;
  /** Those that were tried. */
  writes: number;
  /** Called before each write; may take its time, or throw. */
  beforeWrite: (count: number) => Promise<void>;
}

export function memoryBudgets(): MemoryBudgets {
  const entries = new Map<string, BudgetEntry>();
  const store: MemoryBudgets = {
    entries,
    writes: 0,
    beforeWrite: async () => {},
    get: async (key) => entries.get(key) ?? null,
    async write(key, value, expected) {
      store.writes += 1;
      await store.beforeWrite(store.writes);
      if ((entries.get(key)?.revision ?? 0) !== expected) return null;
      entries.set(key, { value, revision: expected + 1 });
      return expected + 1;
    },
  };
  return store;
}
