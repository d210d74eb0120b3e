import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteAsideStore } from '../../src/aside/sqlite.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { asideStoreContract } from './aside-store.ts';

asideStoreContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  const databases: Database[] = [];
  return {
    async open(limit) {
      const database = openDatabase(join(folder, 'mekong.db'));
      databases.push(database);
      return createSqliteAsideStore(database, limit);
    },
    async dispose() {
      for (const database of databases) database.close();
      await rm(folder, { recursive: true });
    },
  };
});
