import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { eventLogContract } from './event-log.ts';

eventLogContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  const databases: Database[] = [];
  return {
    async open() {
      const database = openDatabase(join(folder, 'mekong.db'));
      databases.push(database);
      return createSqliteEventLog({ database });
    },
    async dispose() {
      for (const database of databases) database.close();
      await rm(folder, { recursive: true });
    },
  };
});
