import type { BudgetStore } from './budgets.ts';
import type { Bucket } from './nats-bucket.ts';

/** Budgets in a bucket of their own, whose entries go by themselves: one for all processes. */
export const createNatsBudgetStore = (bucket: Bucket): BudgetStore => ({
  get: (key) => bucket.get(key),
  write: (key, value, expected) => bucket.write(key, value, expected),
});
