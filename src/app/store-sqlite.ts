import { dirname } from 'node:path';
import { createSqliteAsideStore } from '../aside/sqlite.ts';
import { createSqliteEventLog } from '../events/sqlite.ts';
import { createSqliteReconcileState } from '../events/sqlite-reconcile-state.ts';
import { makeFolder } from '../lib/make-folder.ts';
import { createSqliteSessionStore } from '../sessions/sqlite.ts';
import {
  type Database,
  openDatabase,
  openDatabaseForReading,
  openDatabaseToWrite,
} from '../store/database.ts';
import { soleProcess } from '../store/leases.ts';
import { lockDatabase } from '../store/lock.ts';
import { createSqliteBudgetStore } from '../store/sqlite-budgets.ts';
import { tryWrite, watchFile } from '../store/try-write.ts';
import type { Store } from './store.ts';

/** Everything in one database file. @throws Error when it cannot be opened. */
export const openSqliteStore = (path: string): Store => sqliteStore(openDatabase(path), path);

/** The same for a gateway, of which a file has one at a time. @throws DatabaseInUse when there is one, or as above. */
export function openSqliteStoreAlone(path: string): Store {
  makeFolder(dirname(path));
  const unlock = lockDatabase(path);
  try {
    const store = sqliteStore(openDatabaseToWrite(path), path);
    return {
      ...store,
      async close() {
        await store.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The same for who only looks, also while a gateway runs. @throws Error when there is no such file, or as above. */
export const openSqliteStoreForReading = (path: string): Store =>
  sqliteStore(openDatabaseForReading(path), path);

function sqliteStore(database: Database, path: string): Store {
  const checkFile = watchFile(path);
  return {
    log: createSqliteEventLog({ database }),
    aside: createSqliteAsideStore(database),
    sessions: createSqliteSessionStore(database),
    reconcileState: createSqliteReconcileState(database),
    budgets: createSqliteBudgetStore(database),
    leases: soleProcess,
    async tryWrite() {
      checkFile();
      tryWrite(database);
    },
    advice: async () => [],
    close: async () => void database.close(),
  };
}
