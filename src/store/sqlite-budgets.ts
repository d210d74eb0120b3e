import { type Clock, systemClock } from '../lib/clock.ts';
import { BUDGET_TTL, type BudgetEntry, type BudgetStore } from './budgets.ts';
import type { Database } from './database.ts';

/** All that are kept, to be moved elsewhere. */
export const sqliteBudgets = (
  database: Database,
): readonly { readonly key: string; readonly value: string }[] =>
  database.prepare<[], { key: string; value: string }>('SELECT key, value FROM budgets').all();

/** Budgets in the embedded database. */
export function createSqliteBudgetStore(database: Database, clock: Clock = systemClock): BudgetStore {
  const select = database.prepare<[string], BudgetEntry>('SELECT value, revision FROM budgets WHERE key = ?');
  const insert = database.prepare<[string, string, number]>(
    'INSERT INTO budgets (key, revision, value, written_at) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = database.prepare<[string, number, string, number]>(
    'UPDATE budgets SET revision = revision + 1, value = ?, written_at = ? WHERE key = ? AND revision = ?',
  );
  const forget = database.prepare<[number]>('DELETE FROM budgets WHERE written_at < ?');
  return {
    async get(key) {
      return select.get(key) ?? null;
    },

    async write(key, value, expected) {
      const now = clock.now();
      if (expected > 0) return update.run(value, now, key, expected).changes === 1 ? expected + 1 : null;
      // A new one is rare, and as good a moment as any to drop the old ones.
      forget.run(now - BUDGET_TTL);
      return insert.run(key, value, now).changes === 1 ? 1 : null;
    },
  };
}
