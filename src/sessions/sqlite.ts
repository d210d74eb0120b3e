import { setImmediate } from 'node:timers/promises';
import { createListeners } from '../lib/listeners.ts';
import type { Database } from '../store/database.ts';
import type { SessionChange, SessionRow, SessionStore } from './store.ts';

/** Rows in one step of `all` and `deleteExpired`, so that neither holds up a request for long. */
const STEP = 200;

const COLUMNS = 'id, version, created_at AS createdAt, expires_at AS expiresAt, sealed';

/** An id that `useOnce` has taken, until `expiresAt` (milliseconds since the epoch). */
export interface UseMark {
  readonly id: string;
  readonly expiresAt: number;
}

/** All use-marks of the embedded database. */
export const sqliteUseMarks = (database: Database): readonly UseMark[] =>
  database.prepare<[], UseMark>('SELECT id, expires_at AS expiresAt FROM use_marks').all();

/**
 * Sessions in the embedded database. Compare-and-set holds between processes that share the file; listeners hear
 * only of changes made through this store, as the file serves one gateway process.
 */
export function createSqliteSessionStore(database: Database): SessionStore {
  const insert = database.prepare<[string, number, number, string]>(
    'INSERT INTO sessions (id, version, created_at, expires_at, sealed) VALUES (?, 1, ?, ?, ?)',
  );
  const select = database.prepare<[string], SessionRow>(`SELECT ${COLUMNS} FROM sessions WHERE id = ?`);
  const selectAfter = database.prepare<[string], SessionRow>(
    `SELECT ${COLUMNS} FROM sessions WHERE id > ? ORDER BY id LIMIT ${STEP}`,
  );
  const update = database.prepare<[number, string, string, number]>(
    'UPDATE sessions SET version = version + 1, expires_at = ?, sealed = ? WHERE id = ? AND version = ?',
  );
  const remove = database.prepare<[string]>('DELETE FROM sessions WHERE id = ?');
  const removeExpired = database.prepare<[number], { id: string }>(
    `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? LIMIT ${STEP}) RETURNING id`,
  );
  const mark = database.prepare<[string, number]>(
    'INSERT INTO use_marks (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const removeMarks = database.prepare<[number]>('DELETE FROM use_marks WHERE expires_at <= ?');

  const listeners = createListeners<SessionChange>();
  const { tell } = listeners;

  return {
    async create(row) {
      insert.run(row.id, row.createdAt, row.expiresAt, row.sealed);
      return { ...row, version: 1 };
    },

    async get(id) {
      return select.get(id) ?? null;
    },

    async replace(row, expectedVersion) {
      const { changes } = update.run(row.expiresAt, row.sealed, row.id, expectedVersion);
      if (changes === 0) return null;
      tell({ id: row.id, kind: 'replaced' });
      return { ...row, version: expectedVersion + 1 };
    },

    async delete(id) {
      if (remove.run(id).changes === 0) return false;
      tell({ id, kind: 'deleted' });
      return true;
    },

    async useOnce(id, expiresAt) {
      return mark.run(id, expiresAt).changes === 1;
    },

    async deleteExpired(now) {
      removeMarks.run(now);
      let count = 0;
      for (;;) {
        const deleted = removeExpired.all(now);
        for (const { id } of deleted) tell({ id, kind: 'deleted' });
        count += deleted.length;
        if (deleted.length < STEP) return count;
        await setImmediate();
      }
    },

    async *all() {
      let after = '';
      for (;;) {
        const rows = selectAfter.all(after);
        yield* rows;
        const last = rows.at(-1);
        if (!last) return;
        after = last.id;
        await setImmediate();
      }
    },

    watch: listeners.add,

    async close() {
      listeners.clear();
    },
  };
}
