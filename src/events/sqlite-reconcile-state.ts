import type { Database } from '../store/database.ts';
import type { Reconciled, ReconcileState } from './reconcile-state.ts';

/** Kept beside the event log in the embedded database. */
export function createSqliteReconcileState(database: Database): ReconcileState {
  const select = database.prepare<[], Reconciled>(
    'SELECT baseline, settled, settled_at AS settledAt FROM reconciliation',
  );
  const write = database.prepare<[number, number, number]>(
    'INSERT OR REPLACE INTO reconciliation (id, baseline, settled, settled_at) VALUES (1, ?, ?, ?)',
  );
  return {
    async get() {
      return select.get() ?? null;
    },

    async set({ baseline, settled, settledAt }) {
      write.run(baseline, settled, settledAt);
    },
  };
}
