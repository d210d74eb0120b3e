import { createHash, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AsideFull, type AsideRow, type AsideStore, type NewAsideRow } from '../../src/aside/store.ts';

/** One set of data, and as many handles on it as wanted, each as another process would have it. */
export interface AsideStoreHarness {
  /** @param limit bytes of a provider; far more than a test needs by default. */
  open(limit?: number): Promise<AsideStore>;
  /** Closes what was opened and removes the data. */
  dispose(): Promise<void>;
}

const NOW = Date.UTC(2026, 0, 1);

const newRow = (changes: Partial<NewAsideRow> = {}): NewAsideRow => ({
  id: createHash('sha256').update(randomUUID()).digest('hex').slice(0, 32),
  provider: 'CASSO',
  scheme: 'v2',
  reason: 'amount',
  receivedAt: NOW,
  sealed: 'sealed',
  ...changes,
});

/** What every store of what is kept aside promises, whatever it keeps its rows in. */
export function asideStoreContract(name: string, start: () => Promise<AsideStoreHarness>): void {
  describe(`what is kept aside on ${name}`, () => {
    let harness: AsideStoreHarness;
    let store: AsideStore;
    let other: AsideStore;

    beforeEach(async () => {
      harness = await start();
      store = await harness.open();
      other = await harness.open();
    });
    afterEach(() => harness.dispose());

    const allRows = async (from = store): Promise<AsideRow[]> => {
      const rows: AsideRow[] = [];
      for await (const row of from.all()) rows.push(row);
      return rows;
    };
    const kept = async (changes: Partial<NewAsideRow> = {}): Promise<AsideRow> => {
      const row = newRow(changes);
      expect(await store.keep(row)).toBe(true);
      const found = await store.get(row.id);
      if (!found) throw new Error('the row is gone');
      return found;
    };

    test('a row is read back as it came, here and elsewhere', async () => {
      const row = newRow();
      expect(await store.keep(row)).toBe(true);
      expect(await store.get(row.id)).toMatchObject(row);
      expect(await other.get(row.id)).toEqual(await store.get(row.id));
      expect(await store.get(newRow().id)).toBeNull();
    });

    test('the same delivery is kept once, also when it comes to two processes at once, and the first one stays', async () => {
      const row = newRow();
      const outcomes = await Promise.all(
        [store, other, store, other].map((each, n) => each.keep({ ...row, receivedAt: NOW + n })),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      const [first] = await allRows();
      expect(await other.keep({ ...row, receivedAt: NOW + 99, sealed: 'later' })).toBe(false);
      expect(await allRows()).toEqual([first]);
    });

    test('rows are read in the order in which they came, whichever provider they are of', async () => {
      const rows: NewAsideRow[] = [];
      for (let n = 0; n < 12; n += 1) {
        const row = newRow({ provider: n % 3 ? 'CASSO' : 'BONGLOY', receivedAt: NOW + n });
        rows.push(row);
        await (n % 2 ? store : other).keep(row);
      }
      expect((await allRows()).map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    });

    test('rows that a provider sent in one moment are read in the order in which they were kept', async () => {
      const rows = Array.from({ length: 5 }, () => newRow());
      for (const row of rows) await store.keep(row);
      expect((await allRows(other)).map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    });

    test('a row that is sealed again has a new version and keeps its place', async () => {
      const first = await kept({ receivedAt: NOW });
      const second = await kept({ receivedAt: NOW + 1 });
      const resealed = await other.replace({ ...first, sealed: 'again' }, first.version);
      expect(resealed).toMatchObject({ id: first.id, sealed: 'again', reason: first.reason });
      expect(resealed?.version).not.toBe(first.version);
      expect(await allRows()).toEqual([resealed, second]);
    });

    test('an outdated version replaces and deletes nothing', async () => {
      const row = await kept();
      const resealed = await store.replace({ ...row, sealed: 'first' }, row.version);
      expect(await other.replace({ ...row, sealed: 'late' }, row.version)).toBeNull();
      expect(await other.delete(row.id, row.version)).toBe(false);
      expect(await allRows()).toEqual([resealed]);
    });

    test('of two deletions of a row at once one succeeds, and the row can come again', async () => {
      const row = await kept();
      expect(await store.delete(row.id, row.version)).toBe(true);
      expect(await other.delete(row.id, row.version)).toBe(false);
      expect(await other.get(row.id)).toBeNull();
      expect(await other.replace(row, row.version)).toBeNull();
      expect(await other.keep(row)).toBe(true);
    });

    test('rows may be deleted while all are read', async () => {
      const rows = [await kept(), await kept(), await kept()];
      const seen: string[] = [];
      for await (const row of store.all()) {
        seen.push(row.id);
        await store.delete(row.id, row.version);
      }
      expect(seen).toEqual(rows.map(({ id }) => id));
      expect(await allRows()).toEqual([]);
    });

    test('says how much there is of each provider', async () => {
      expect(await store.size('CASSO')).toEqual({ rows: 0, bytes: 0 });
      const row = await kept({ sealed: 'x'.repeat(5_000) });
      const { rows, bytes } = await other.size('CASSO');
      expect(rows).toBe(1);
      expect(bytes).toBeGreaterThanOrEqual(5_000);
      expect(await store.size('BONGLOY')).toEqual({ rows: 0, bytes: 0 });
      await store.delete(row.id, row.version);
      expect(await store.size('CASSO')).toEqual({ rows: 0, bytes: 0 });
    });

    test('a full store refuses what comes, forgets nothing, and leaves the other provider its room', async () => {
      const small = await harness.open(10_000);
      const large = { sealed: 'x'.repeat(4_000) };
      const [first, second] = [newRow(large), newRow(large)];
      expect(await small.keep(first)).toBe(true);
      expect(await small.keep(second)).toBe(true);
      await expect(small.keep(newRow(large))).rejects.toBeInstanceOf(AsideFull);
      expect(await small.keep(first)).toBe(false);
      expect(await small.keep(newRow({ ...large, provider: 'BONGLOY', receivedAt: NOW + 1 }))).toBe(true);
      expect((await allRows()).map(({ id }) => id).slice(0, 2)).toEqual([first.id, second.id]);

      const known = await small.get(first.id);
      if (!known) throw new Error('the row is gone');
      expect(await small.replace({ ...known, sealed: 'y'.repeat(4_100) }, known.version)).not.toBeNull();
      const other = await small.get(second.id);
      if (!other) throw new Error('the row is gone');
      expect(await small.delete(other.id, other.version)).toBe(true);
      expect(await small.keep(newRow(large))).toBe(true);
    });
  });
}
