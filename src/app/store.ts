import type { EventLog } from '../events/log.ts';
import type { ReconcileState } from '../events/reconcile-state.ts';
import { createSqliteEventLog } from '../events/sqlite.ts';
import { createSqliteReconcileState } from '../events/sqlite-reconcile-state.ts';
import { createSqliteSessionStore } from '../sessions/sqlite.ts';
import type { SessionStore } from '../sessions/store.ts';
import { type Database, openDatabase, openDatabaseForReading } from '../store/database.ts';

/** What the gateway keeps, wherever it is kept. */
export interface Store {
  readonly log: EventLog;
  readonly sessions: SessionStore;
  readonly reconcileState: ReconcileState;
  /** After everything that uses it has stopped. */
  close(): Promise<void>;
}

/** Everything in one database file. @throws Error when it cannot be opened. */
export const openSqliteStore = (path: string): Store => sqliteStore(openDatabase(path));

/** The same for who only looks, also while a gateway runs. @throws Error when there is no such file, or as above. */
export const openSqliteStoreForReading = (path: string): Store => sqliteStore(openDatabaseForReading(path));

const sqliteStore = (database: Database): Store => ({
  log: createSqliteEventLog({ database }),
  sessions: createSqliteSessionStore(database),
  reconcileState: createSqliteReconcileState(database),
  close: async () => void database.close(),
});
