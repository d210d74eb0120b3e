import { setImmediate } from 'node:timers/promises';
import type { Provider } from '../domain/provider.ts';
import type { Database } from '../store/database.ts';
import {
  ASIDE_LIMIT,
  AsideFull,
  type AsideRow,
  type AsideStore,
  AsideUnavailable,
  type NewAsideRow,
} from './store.ts';

interface Placed {
  readonly position: number;
  readonly id: string;
}

const COLUMNS = 'id, version, provider, scheme, reason, received_at AS receivedAt, sealed';

/** In the embedded database. Compare-and-set holds between processes that share the file. @param limit see `ASIDE_LIMIT`. */
export function createSqliteAsideStore(database: Database, limit = ASIDE_LIMIT): AsideStore {
  const insert = database.prepare<[string, string, string, string, number, number, string]>(
    `INSERT INTO aside (id, version, provider, scheme, reason, received_at, size, sealed) VALUES (?, 1, ?, ?, ?, ?, ?, ?)`,
  );
  const select = database.prepare<[string], AsideRow>(`SELECT ${COLUMNS} FROM aside WHERE id = ?`);
  const selectNext = database.prepare<[number], Placed>(
    'SELECT position, id FROM aside WHERE position > ? ORDER BY position LIMIT 1',
  );
  const update = database.prepare<[number, string, string, number]>(
    'UPDATE aside SET version = version + 1, size = ?, sealed = ? WHERE id = ? AND version = ?',
  );
  const remove = database.prepare<[string, number]>('DELETE FROM aside WHERE id = ? AND version = ?');
  const sum = database.prepare<[string], { rows: number; bytes: number }>(
    'SELECT count(*) AS rows, coalesce(sum(size), 0) AS bytes FROM aside WHERE provider = ?',
  );
  const size = (provider: Provider) => sum.get(provider) ?? { rows: 0, bytes: 0 };

  /** In one transaction, so that two at once do not pass the bound together. */
  const keep = database.transaction((row: NewAsideRow): boolean => {
    if (select.get(row.id)) return false;
    const { id, provider, scheme, reason, receivedAt, sealed } = row;
    if (size(provider).bytes + sealed.length > limit) throw new AsideFull(provider);
    insert.run(id, provider, scheme, reason, receivedAt, sealed.length, sealed);
    return true;
  });

  return {
    async keep(row) {
      try {
        return keep.immediate(row);
      } catch (error) {
        if (error instanceof AsideFull) throw error;
        throw new AsideUnavailable('deliveries cannot be kept aside now', { cause: error });
      }
    },

    async get(id) {
      return select.get(id) ?? null;
    },

    async replace(row, expectedVersion) {
      const { changes } = update.run(row.sealed.length, row.sealed, row.id, expectedVersion);
      return changes === 0 ? null : { ...row, version: expectedVersion + 1 };
    },

    async delete(id, expectedVersion) {
      return remove.run(id, expectedVersion).changes === 1;
    },

    async *all() {
      // One at a time: a row may be a megabyte.
      for (let next = selectNext.get(0); next; next = selectNext.get(next.position)) {
        const row = select.get(next.id);
        if (row) yield row;
        await setImmediate();
      }
    },

    async size(provider) {
      return size(provider);
    },
  };
}
