import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteSessionStore } from '../../src/sessions/sqlite.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { sessionStoreContract } from './session-store.ts';

sessionStoreContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  const databases: Database[] = [];
  return {
    async open() {
      const database = openDatabase(join(folder, 'mekong.db'));
      databases.push(database);
      return createSqliteSessionStore(database);
    },
    async dispose() {
      for (const database of databases) database.close();
      await rm(folder, { recursive: true });
    },
  };
});
