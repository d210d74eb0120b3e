import { createSqliteEventLog } from '../events/sqlite.ts';
import { createSqliteReconcileState } from '../events/sqlite-reconcile-state.ts';
import { createSqliteSessionStore } from '../sessions/sqlite.ts';
import { type Database, openDatabase, openDatabaseForReading } from '../store/database.ts';
import { soleProcess } from '../store/leases.ts';
import type { Store } from './store.ts';

/** Everything in one database file, for one process. @throws Error when it cannot be opened. */
export const openSqliteStore = (path: string): Store => sqliteStore(openDatabase(path));

/** The same for who only looks, also while a gateway runs. @throws Error when there is no such file, or as above. */
export const openSqliteStoreForReading = (path: string): Store => sqliteStore(openDatabaseForReading(path));

const sqliteStore = (database: Database): Store => ({
  log: createSqliteEventLog({ database }),
  sessions: createSqliteSessionStore(database),
  reconcileState: createSqliteReconcileState(database),
  leases: soleProcess,
  close: async () => void database.close(),
});
