import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewSessionRow, SessionChange, SessionRow, SessionStore } from '../../src/sessions/store.ts';

/** One set of data, and as many handles on it as wanted, each as another process would have it. */
export interface SessionStoreHarness {
  open(): Promise<SessionStore>;
  /** Closes what was opened and removes the data. */
  dispose(): Promise<void>;
}

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 1);

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex');

const newRow = (changes: Partial<NewSessionRow> = {}): NewSessionRow => ({
  id: idOf(randomUUID()),
  createdAt: NOW,
  expiresAt: NOW + HOUR,
  sealed: 'sealed',
  ...changes,
});

/** What every session store promises, whatever it keeps its rows in. */
export function sessionStoreContract(name: string, start: () => Promise<SessionStoreHarness>): void {
  describe(`session store on ${name}`, () => {
    let harness: SessionStoreHarness;
    let store: SessionStore;
    let other: SessionStore;

    beforeEach(async () => {
      harness = await start();
      store = await harness.open();
      other = await harness.open();
    });
    afterEach(() => harness.dispose());

    const allRows = async (): Promise<SessionRow[]> => {
      const rows: SessionRow[] = [];
      for await (const row of store.all()) rows.push(row);
      return rows;
    };

    test('a row is read back as it was created, here and elsewhere', async () => {
      const row = await store.create(newRow());
      expect(await store.get(row.id)).toEqual(row);
      expect(await other.get(row.id)).toEqual(row);
      expect(await store.get(idOf('another'))).toBeNull();
    });

    test('an id is taken once', async () => {
      const row = await store.create(newRow());
      await expect(other.create(newRow({ id: row.id, sealed: 'forged' }))).rejects.toBeInstanceOf(Error);
      expect(await store.get(row.id)).toEqual(row);
    });

    test('a replaced row has a new version and the new values, and keeps when it was created', async () => {
      const row = await store.create(newRow());
      const replaced = await store.replace(
        { ...row, expiresAt: NOW + 2 * HOUR, sealed: 'again' },
        row.version,
      );
      expect(replaced).toMatchObject({ createdAt: NOW, expiresAt: NOW + 2 * HOUR, sealed: 'again' });
      expect(replaced?.version).not.toBe(row.version);
      expect(await other.get(row.id)).toEqual(replaced);
    });

    test('an outdated version replaces nothing', async () => {
      const row = await store.create(newRow());
      const replaced = await store.replace({ ...row, sealed: 'first' }, row.version);
      expect(await other.replace({ ...row, sealed: 'late' }, row.version)).toBeNull();
      expect(await store.get(row.id)).toEqual(replaced);
    });

    test('of many that replace the same version at once, in two processes, exactly one succeeds', async () => {
      let row = await store.create(newRow());
      for (let round = 0; round < 10; round += 1) {
        const { version } = row;
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            (n % 2 ? store : other).replace({ ...row, sealed: `${round}.${n}` }, version),
          ),
        );
        const winners = outcomes.filter((outcome) => outcome !== null);
        expect(winners).toHaveLength(1);
        expect(await store.get(row.id)).toEqual(winners[0]);
        row = winners[0] ?? row;
      }
    });

    test('a deleted row is gone, cannot be replaced, and only one of many is told that it deleted it', async () => {
      const row = await store.create(newRow());
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, n) => (n % 2 ? store : other).delete(row.id)),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await store.get(row.id)).toBeNull();
      expect(await store.replace(row, row.version)).toBeNull();
      expect(await other.get(row.id)).toBeNull();
    });

    test('a listener has heard of a change of ours by the time it is done', async () => {
      const heard: SessionChange[] = [];
      store.watch((change) => heard.push(change));
      const row = await store.create(newRow());
      await store.replace(row, row.version);
      expect(heard).toContainEqual({ id: row.id, kind: 'replaced' });
      await store.delete(row.id);
      expect(heard).toContainEqual({ id: row.id, kind: 'deleted' });
    });

    test('a listener hears nothing of what did not happen, nor after it stopped', async () => {
      const heard: SessionChange[] = [];
      const row = await store.create(newRow());
      const stop = store.watch((change) => heard.push(change));
      await store.delete(idOf('unknown'));
      await store.replace(newRow(), 1);
      expect(heard).toEqual([]);
      stop();
      await store.delete(row.id);
      expect(heard).toEqual([]);
    });

    test('what has expired is deleted and told; what has not stays', async () => {
      const heard: string[] = [];
      store.watch((change) => change.kind === 'deleted' && heard.push(change.id));
      const old = await Promise.all(
        Array.from({ length: 450 }, (_, n) => store.create(newRow({ expiresAt: NOW - n }))),
      );
      const young = await store.create(newRow({ expiresAt: NOW + 1 }));
      expect(await store.deleteExpired(NOW)).toBe(450);
      expect(new Set(heard)).toEqual(new Set(old.map(({ id }) => id)));
      expect(await allRows()).toEqual([young]);
      expect(await store.deleteExpired(NOW)).toBe(0);
    });

    test('every row is listed once, also while rows are changed', async () => {
      const rows = await Promise.all(Array.from({ length: 450 }, () => store.create(newRow())));
      const seen: string[] = [];
      for await (const row of store.all()) {
        seen.push(row.id);
        await store.replace({ ...row, sealed: 'again' }, row.version);
      }
      expect(seen.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
      expect((await allRows()).every(({ sealed }) => sealed === 'again')).toBe(true);
    });

    test('of many that use a mark at once, in two processes, exactly one is the first', async () => {
      for (let round = 0; round < 5; round += 1) {
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, n) => (n % 2 ? store : other).useOnce(`mark ${round}`, NOW + HOUR)),
        );
        expect(outcomes.filter(Boolean)).toHaveLength(1);
      }
    });

    test('a used mark stays used until it has expired', async () => {
      await store.useOnce('mark', NOW + HOUR);
      await store.deleteExpired(NOW + HOUR - 1);
      expect(await other.useOnce('mark', NOW + HOUR)).toBe(false);
    });

    test('a row and a mark of the same id have nothing to do with each other', async () => {
      const row = await store.create(newRow());
      expect(await store.useOnce(row.id, NOW + HOUR)).toBe(true);
      expect(await store.get(row.id)).toEqual(row);
    });

    test('a restart keeps rows, versions and marks', async () => {
      const created = await store.create(newRow());
      const row = await store.replace({ ...created, sealed: 'again' }, created.version);
      await store.useOnce('mark', NOW + HOUR);
      await store.close();
      await other.close();
      const reopened = await harness.open();
      expect(await reopened.get(created.id)).toEqual(row);
      expect(await reopened.replace(created, created.version)).toBeNull();
      expect(await reopened.useOnce('mark', NOW + HOUR)).toBe(false);
    });

    test('any sequence of changes leaves what a plain map would hold', async () => {
      const step = fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        act: fc.constantFrom('create', 'replace', 'replaceOutdated', 'delete', 'expire'),
        hours: fc.integer({ min: 1, max: 3 }),
        elsewhere: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.uuid(), async (steps, run) => {
          const model = new Map<string, SessionRow>();
          for (const { key, act, hours, elsewhere } of steps) {
            const id = idOf(run + key);
            const handle = elsewhere ? other : store;
            const known = model.get(id);
            const next = newRow({ id, expiresAt: NOW + hours * HOUR, sealed: `sealed ${hours}` });
            if (act === 'create' && !known) model.set(id, await handle.create(next));
            if (act === 'replace' && known) {
              const replaced = await handle.replace(next, known.version);
              model.set(id, replaced ?? { ...known, sealed: 'was not replaced' });
            }
            if (act === 'replaceOutdated') await handle.replace(next, (known?.version ?? 0) + 1_000_000);
            if (act === 'delete') {
              await handle.delete(id);
              model.delete(id);
            }
            if (act === 'expire') {
              const limit = NOW + hours * HOUR;
              await handle.deleteExpired(limit);
              for (const [rowId, { expiresAt }] of model) if (expiresAt <= limit) model.delete(rowId);
            }
            for (const name of ['a', 'b', 'c']) {
              expect(await store.get(idOf(run + name))).toEqual(model.get(idOf(run + name)) ?? null);
            }
          }
          expect((await allRows()).toSorted(byId)).toEqual([...model.values()].toSorted(byId));
          await store.deleteExpired(Number.MAX_SAFE_INTEGER);
        }),
        { numRuns: 30 },
      );
    });
  });
}

const byId = (a: SessionRow, b: SessionRow): number => (a.id < b.id ? -1 : 1);
