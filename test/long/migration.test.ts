import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/app/store.ts';
import { openSqliteStore } from '../../src/app/store-sqlite.ts';
import { decodeEventCursor, encodeEventCursor } from '../../src/events/cursor.ts';
import { HOUR, MINUTE } from '../../src/lib/duration.ts';
import { migrateStore } from '../../src/migration/migrate.ts';
import { MigrationRefused } from '../../src/migration/refused.ts';
import type { NewSessionRow } from '../../src/sessions/store.ts';
import { killChildren, startChild } from '../support/child.ts';
import { bankEvent, bankEvents, bongloyEvent, keysOf, NOW, readAll } from '../support/events.ts';
import { openMoved, play, target, wipe, withFile, withMoved, withStore } from '../support/migration.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

const row = (changes: Partial<NewSessionRow> = {}): NewSessionRow => ({
  id: randomUUID(),
  createdAt: NOW,
  expiresAt: NOW + HOUR,
  sealed: 'sealed',
  ...changes,
});

/** All sessions, as far as the store does not name them itself. */
async function sessionsOf({ sessions }: Store): Promise<NewSessionRow[]> {
  const rows: NewSessionRow[] = [];
  for await (const { version: _version, ...rest } of sessions.all()) rows.push(rest);
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Where a client goes on that hands in this cursor: the keys of what follows, or the code of the refusal. */
async function resume({ log }: Store, cursor: string): Promise<string[] | string> {
  try {
    return keysOf(await readAll(log, await decodeEventCursor(cursor, log, 'after')));
  } catch (error) {
    return (error as { code: string }).code;
  }
}
const resumeAll = async (store: Store, cursors: Iterable<string>) => {
  const outcomes: [string, string[] | string][] = [];
  for (const cursor of cursors) outcomes.push([cursor, await resume(store, cursor)]);
  return outcomes;
};
/** Everything of an event but where it stands. */
const eventsOf = async ({ log }: Store) =>
  (await readAll(log, await log.trimmedTo())).map(({ position: _position, ...event }) => event);

withNatsServer(() => {
  let cluster: NatsCluster;
  let folder: string;
  let path: string;
  let url: string;
  beforeAll(async () => {
    cluster = await startNats();
    ({ url } = cluster);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mekong-move-'));
    path = join(folder, 'mekong.db');
  });
  afterEach(async () => {
    killChildren();
    await wipe(url);
    await rm(folder, { recursive: true });
  });
  afterAll(() => cluster.dispose());

  const move = (onProgress?: (done: number, total: number) => void, signal?: AbortSignal) =>
    migrateStore({
      from: path,
      to: target(url),
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });

  describe('a move to NATS', () => {
    test('answers every cursor that the file answered, with the same events; and what had expired still has', async () => {
      const happening = fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record({ kind: fc.constant('append'), count: fc.integer({ min: 1, max: 6 }) }),
        },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant('trim'), to: fc.integer({ min: 1, max: 40 }) }),
        },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart') }) },
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(happening, { maxLength: 20 }), async (history) => {
          run += 1;
          const file = join(folder, `${run}.db`);
          const cursors = await play(file, history);
          const before = await withFile(file, (store) => resumeAll(store, cursors));
          const events = await withFile(file, eventsOf);
          await migrateStore({ from: file, to: target(url) });
          await withMoved(url, async (store) => {
            expect(await resumeAll(store, cursors)).toEqual(before);
            expect(await eventsOf(store)).toEqual(events);
            // What comes later follows all of them.
            const [later] = await store.log.append([bongloyEvent({ key: 'later' })]);
            expect(later?.duplicate).toBe(false);
            for (const [cursor, keys] of before) {
              const after = await resume(store, cursor);
              expect(after).toEqual(Array.isArray(keys) ? [...keys, 'later'] : keys);
            }
          });
          await wipe(url);
        }),
        { numRuns: 15 },
      );
    }, 60_000);

    test('lets a cursor of another file, of another epoch, or from beyond the end expire', async () => {
      await withFile(path, ({ log }) => log.append(bankEvents(5)));
      const stranger = join(folder, 'stranger.db');
      await withFile(stranger, ({ log }) => log.append(bankEvents(5)));
      const foreign = await withFile(stranger, async ({ log }) => encodeEventCursor(log, 3));
      await move();
      // The file goes on without the cluster: what it gives out then is of a history that the cluster has not.
      await withFile(path, ({ log }) => log.append(bankEvents(2)));
      const { beyond, own } = await withFile(path, async ({ log }) => ({
        own: encodeEventCursor(log, 5),
        beyond: encodeEventCursor({ epochAt: () => log.epochAt(5) }, 6),
      }));
      const lost = await withFile(path, async ({ log }) => encodeEventCursor(log, 6));
      await withMoved(url, async (store) => {
        await store.log.append(bankEvents(5));
        expect(await resume(store, foreign)).toBe('CURSOR_EXPIRED');
        expect(await resume(store, lost)).toBe('CURSOR_EXPIRED');
        expect(await resume(store, beyond)).toBe('CURSOR_EXPIRED');
        expect(await resume(store, own)).toHaveLength(5);
      });
    });

    test('back on the file, a cursor of the cluster expires: it is never taken for another event', async () => {
      await withFile(path, ({ log }) => log.append(bankEvents(3)));
      await move();
      const cursor = await withMoved(url, async ({ log }) => {
        await log.append(bankEvents(2));
        return encodeEventCursor(log, 4);
      });
      await withFile(path, async (store) => {
        await store.log.append(bankEvents(5));
        expect(await resume(store, cursor)).toBe('CURSOR_EXPIRED');
      });
    });

    test('knows every event again whose webhook is repeated', async () => {
      const events = [bankEvent(), bongloyEvent({ key: 'a.b *>%$/ à' }), bankEvent()];
      await withFile(path, ({ log }) => log.append(events));
      await move();
      await withMoved(url, async ({ log }) => {
        expect((await log.append([...events, bankEvent()])).map(({ duplicate }) => duplicate)).toEqual([
          true,
          true,
          true,
          false,
        ]);
      });
    });

    test('keeps when each was received: it is forgotten when its own time is over', async () => {
      await withFile(path, ({ log }) => log.append([bankEvent({}, NOW), bankEvent({}, NOW + MINUTE)]));
      await move();
      await withMoved(url, async ({ log }) => {
        await log.trim(NOW + 1);
        expect((await readAll(log, await log.trimmedTo())).map(({ receivedAt }) => receivedAt)).toEqual([
          NOW + MINUTE,
        ]);
      });
    });

    test('brings sessions, used states, and how far reconciliation has come', async () => {
      const reconciled = { baseline: 3, settled: 9, settledAt: NOW };
      const expiresAt = Date.now() + MINUTE;
      const before = await withFile(path, async (store) => {
        for (let n = 0; n < 120; n += 1) await store.sessions.create(row({ sealed: `sealed ${n}` }));
        const [first] = await sessionsOf(store);
        if (first) await store.sessions.replace({ ...first, sealed: 'refreshed', expiresAt }, 1);
        await store.sessions.useOnce('a state', expiresAt);
        await store.reconcileState.set(reconciled);
        await store.budgets.write('a-key', 'spent', 0);
        return sessionsOf(store);
      });
      expect(await move()).toEqual({ alreadyMoved: false, events: 0, sessions: 120, aside: 0 });
      await withMoved(url, async (store) => {
        expect(await sessionsOf(store)).toEqual(before);
        expect(await store.sessions.useOnce('a state', expiresAt)).toBe(false);
        expect(await store.sessions.useOnce('another', expiresAt)).toBe(true);
        expect(await store.reconcileState.get()).toEqual(reconciled);
        expect(await store.budgets.get('a-key')).toMatchObject({ value: 'spent' });
      });
    });

    test('brings what is kept aside, in its order, and goes on where it was interrupted', async () => {
      const asideRow = (n: number) => ({
        id: n.toString(16).padStart(32, '0'),
        provider: n % 2 ? ('CASSO' as const) : ('BONGLOY' as const),
        scheme: 'v2',
        reason: 'amount',
        receivedAt: NOW + n,
        sealed: `sealed ${n}`,
      });
      const kept = async ({ aside }: Store) => {
        const rows: { id: string; sealed: string }[] = [];
        for await (const { id, sealed } of aside.all()) rows.push({ id, sealed });
        return rows;
      };
      await withFile(path, async ({ aside }) => {
        for (let n = 0; n < 6; n += 1) await aside.keep(asideRow(n));
      });
      const stop = new AbortController();
      await expect(move((done) => done === 3 && stop.abort(), stop.signal)).rejects.toThrow();
      // Replayed, and sealed again, on the file that the gateway went back to.
      const before = await withFile(path, async (store) => {
        await store.aside.delete(asideRow(0).id, 1);
        await store.aside.replace({ ...asideRow(1), version: 1, sealed: 'again' }, 1);
        return kept(store);
      });
      expect(await move()).toEqual({ alreadyMoved: false, events: 0, sessions: 0, aside: 5 });
      await withMoved(url, async (store) => expect(await kept(store)).toEqual(before));
      expect(await move()).toMatchObject({ alreadyMoved: true, aside: 5 });
      await withFile(path, ({ aside }) => aside.keep(asideRow(9)));
      await expect(move()).rejects.toBeInstanceOf(MigrationRefused);
    });

    test('tells how far it is, up to the end', async () => {
      await withFile(path, async ({ log, sessions }) => {
        await log.append(bankEvents(1_200));
        await sessions.create(row());
      });
      const told: [number, number][] = [];
      await move((...progress) => told.push(progress));
      expect(told).toEqual([
        [0, 1_201],
        [500, 1_201],
        [1_000, 1_201],
        [1_200, 1_201],
        [1_201, 1_201],
      ]);
    });

    test('copies every event also where some were deleted by hand: then cursors before the end expire', async () => {
      await withFile(path, ({ log }) => log.append(bankEvents(6)));
      const cursors = await withFile(path, async ({ log }) =>
        [2, 6].map((position) => encodeEventCursor(log, position)),
      );
      const database = new SQLite(path);
      database.exec('DELETE FROM events WHERE position = 4');
      database.close();
      const events = await withFile(path, eventsOf);
      await move();
      await withMoved(url, async (store) => {
        expect(await eventsOf(store)).toEqual(events);
        expect(await Promise.all(cursors.map((cursor) => resume(store, cursor)))).toEqual([
          'CURSOR_EXPIRED',
          [],
        ]);
      });
    });
  });

  describe('a move that is run again', () => {
    test('after it has finished does nothing', async () => {
      await withFile(path, async ({ log, sessions }) => {
        await log.append(bankEvents(3));
        await sessions.create(row());
      });
      await move();
      await withMoved(url, async ({ log, sessions }) => {
        await log.append(bankEvents(2));
        await sessions.create(row());
      });
      const before = await withMoved(url, async (store) => [await eventsOf(store), await sessionsOf(store)]);
      expect(await move()).toEqual({ alreadyMoved: true, events: 3, sessions: 1, aside: 0 });
      expect(await withMoved(url, async (store) => [await eventsOf(store), await sessionsOf(store)])).toEqual(
        before,
      );
    });

    test('after kill -9, again and again, ends as if nothing had happened; no gateway starts before', async () => {
      await withFile(path, async ({ log, sessions }) => {
        for (let n = 0; n < 12; n += 1) await log.append(bankEvents(500));
        for (let n = 0; n < 300; n += 1) await sessions.create(row());
      });
      const program = ['--import', 'tsx', 'test/support/migration-process.ts', path, url];
      for (let kill = 0; kill < 2; kill += 1) {
        const child = startChild(process.execPath, program, {});
        await child.says('copying');
        child.signal('SIGKILL');
        expect(await child.exit).toBeNull();
        await expect(openMoved(url)).rejects.toThrow('run mekong migrate again');
      }
      const [events, sessions] = await withFile(path, async (store) => [
        await eventsOf(store),
        await sessionsOf(store),
      ]);
      expect(await move()).toEqual({ alreadyMoved: false, events: 6_000, sessions: 300, aside: 0 });
      await withMoved(url, async (store) => {
        expect(await eventsOf(store)).toEqual(events);
        expect(await sessionsOf(store)).toEqual(sessions);
      });
    }, 60_000);

    test('after the file was used in between brings what came, and ends what was ended', async () => {
      const [stays, changes, goes] = [row(), row(), row()];
      await withFile(path, async ({ log, sessions }) => {
        await log.append(bankEvents(700));
        for (const each of [stays, changes, goes]) await sessions.create(each);
      });
      // Stopped when all but the last step is done.
      const stop = new AbortController();
      await expect(
        move((done, total) => done === total && stop.abort(new Error('stop')), stop.signal),
      ).rejects.toThrow('stop');
      const cursors = await withFile(path, async ({ log, sessions }) => {
        await log.append(bankEvents(700));
        await sessions.replace({ ...changes, sealed: 'refreshed' }, 1);
        await sessions.delete(goes.id);
        await sessions.create(row({ sealed: 'new' }));
        return [0, 350, 700, 701, 1_400].map((position) => encodeEventCursor(log, position));
      });
      const before = await withFile(path, async (store) => [
        await sessionsOf(store),
        await resumeAll(store, cursors),
      ]);
      await move();
      await withMoved(url, async (store) =>
        expect([await sessionsOf(store), await resumeAll(store, cursors)]).toEqual(before),
      );
    });

    test('after it was stopped goes on', async () => {
      await withFile(path, ({ log }) => log.append(bankEvents(1_200)));
      const stop = new AbortController();
      await expect(move(() => stop.abort(new Error('enough')), stop.signal)).rejects.toThrow('enough');
      await expect(openMoved(url)).rejects.toThrow('run mekong migrate again');
      const told: number[] = [];
      await move((done) => told.push(done));
      expect(told[0]).toBe(500);
      expect(await withMoved(url, eventsOf)).toEqual(await withFile(path, eventsOf));
    });
  });

  test('a server that dies and comes back in the middle holds a move up, and nothing more', async () => {
    await withFile(path, ({ log }) => log.append(bankEvents(3_000)));
    const [server] = cluster.servers;
    let outage: Promise<void> | null = null;
    await move((done) => {
      if (done < 1_000 || outage) return;
      outage = server?.kill().then(() => server.restart()) ?? null;
    });
    expect(outage).not.toBeNull();
    expect(await withMoved(url, eventsOf)).toEqual(await withFile(path, eventsOf));
  }, 60_000);

  describe('refused, with nothing changed, is a move', () => {
    const refused = (message: string) => async () => {
      const error = await move().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(MigrationRefused);
      expect((error as Error).message).toContain(message);
    };
    beforeEach(() => withFile(path, ({ log }) => log.append(bankEvents(3))));

    test('to a log that has events of its own', async () => {
      await withMoved(url, ({ log }) => log.append(bankEvents(2)));
      const before = await withMoved(url, eventsOf);
      await refused('MEKONG_EVENTS holds another log')();
      expect(await withMoved(url, eventsOf)).toEqual(before);
    });

    test('to a cluster where people have logged in', async () => {
      await withMoved(url, ({ sessions }) => sessions.create(row()));
      await refused('there are sessions')();
      await withMoved(url, async ({ log }) => expect(await log.end()).toBe(0));
    });

    test('of another file than the one that was moved', async () => {
      await move();
      const before = await withMoved(url, eventsOf);
      path = join(folder, 'another.db');
      await withFile(path, ({ log }) => log.append(bankEvents(3)));
      await refused('another database')();
      expect(await withMoved(url, eventsOf)).toEqual(before);
    });

    test('of another file than the one whose move was interrupted', async () => {
      const stop = new AbortController();
      await expect(move((done) => done > 0 && stop.abort(), stop.signal)).rejects.toThrow('aborted');
      path = join(folder, 'another.db');
      await withFile(path, ({ log }) => log.append(bankEvents(3)));
      await refused('not of this database')();
    });

    test.each<[string, (store: Store) => Promise<unknown>]>([
      ['events', ({ log }) => log.append(bankEvents(1))],
      ['sessions', ({ sessions }) => sessions.create(row())],
    ])('of a file that has got more %s since it was moved', async (_what, change) => {
      await move();
      await withFile(path, change);
      await refused('has changed since')();
    });

    test('whose beginning the file has forgotten while it was interrupted', async () => {
      await withFile(path, ({ log }) => log.append(bankEvents(1_997)));
      const stop = new AbortController();
      await expect(move((done) => done > 0 && stop.abort(), stop.signal)).rejects.toThrow('aborted');
      await withFile(path, async ({ log }) => {
        await log.append([bankEvent({}, NOW + MINUTE)]);
        await log.trim(NOW + MINUTE);
      });
      await refused('has forgotten events')();
    });
  });

  test('a gateway that still runs on the file is not moved away from', async () => {
    await withStore(openSqliteStore(path), async () => {
      await expect(move()).rejects.toThrow('Stop the gateway first');
    });
    await move();
  });

  test('a file that is not there is not made', async () => {
    path = join(folder, 'typo.db');
    await expect(move()).rejects.toThrow('there is no database');
    await expect(move()).rejects.toThrow('there is no database');
  });
});
