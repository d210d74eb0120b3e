import { createSqliteAsideStore } from '../aside/sqlite.ts';
import type { AsideStore } from '../aside/store.ts';
import type { EventLog } from '../events/log.ts';
import type { ReconcileState } from '../events/reconcile-state.ts';
import { createSqliteEventLog } from '../events/sqlite.ts';
import { createSqliteReconcileState } from '../events/sqlite-reconcile-state.ts';
import { createSqliteSessionStore, sqliteUseMarks, type UseMark } from '../sessions/sqlite.ts';
import type { SessionStore } from '../sessions/store.ts';
import { openDatabaseAlone } from '../store/database.ts';
import { sqliteBudgets } from '../store/sqlite-budgets.ts';

/** What is moved. */
export interface Source {
  readonly log: EventLog;
  readonly sessions: SessionStore;
  readonly aside: AsideStore;
  readonly reconcileState: ReconcileState;
  useMarks(): Iterable<UseMark>;
  budgets(): ReturnType<typeof sqliteBudgets>;
  close(): Promise<void>;
}

/** Nobody else opens the file meanwhile. @throws Error as `openDatabaseAlone`. */
export function openSource(path: string): Source {
  const database = openDatabaseAlone(path);
  return {
    log: createSqliteEventLog({ database }),
    aside: createSqliteAsideStore(database),
    sessions: createSqliteSessionStore(database),
    reconcileState: createSqliteReconcileState(database),
    useMarks: () => sqliteUseMarks(database),
    budgets: () => sqliteBudgets(database),
    close: async () => void database.close(),
  };
}
