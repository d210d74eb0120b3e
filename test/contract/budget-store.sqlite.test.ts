import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUDGET_TTL } from '../../src/store/budgets.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { createSqliteBudgetStore } from '../../src/store/sqlite-budgets.ts';
import { budgetStoreContract } from './budget-store.ts';

budgetStoreContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  const databases: Database[] = [];
  return {
    async open() {
      const database = openDatabase(join(folder, 'mekong.db'));
      databases.push(database);
      return createSqliteBudgetStore(database);
    },
    async dispose() {
      for (const database of databases) database.close();
      await rm(folder, { recursive: true });
    },
  };
});

test('what nothing was spent of for hours takes no room', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  const database = openDatabase(join(folder, 'mekong.db'));
  let now = 1;
  const store = createSqliteBudgetStore(database, { now: () => now });
  await store.write('old', 'x', 0);
  now += BUDGET_TTL + 1;
  await store.write('new', 'x', 0);
  expect(await store.get('old')).toBeNull();
  database.close();
  await rm(folder, { recursive: true });
});
