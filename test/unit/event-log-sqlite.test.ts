import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EventLog, LogUnavailable } from '../../src/events/log.ts';
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import {
  bankEvent,
  bongloyEvent,
  keysOf,
  NOW,
  onAccount,
  readAll,
  startFollower,
} from '../support/events.ts';

describe('the event log in the embedded database', () => {
  let folder: string;
  let path: string;
  let database: Database;
  let log: EventLog;
  let statements: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mekong-'));
    path = join(folder, 'mekong.db');
    openDatabase(path).close();
    database = new SQLite(path, { timeout: 0, verbose: (sql) => statements.push(String(sql)) });
    statements = [];
    migrate(database);
    log = createSqliteEventLog({ database });
  });
  afterEach(async () => {
    await log.close();
    database.close();
    await rm(folder, { recursive: true });
  });

  const count = (word: string): number => statements.filter((sql) => sql.startsWith(word)).length;
  const unavailable = (event = bankEvent()) => expect(log.append([event])).rejects.toThrow(LogUnavailable);

  describe('costs', () => {
    test('a hundred appends at once share one transaction, and one wait for the disk', async () => {
      statements = [];
      await Promise.all(Array.from({ length: 100 }, () => log.append([bankEvent(), bankEvent()])));
      expect(count('COMMIT')).toBe(1);
      expect(await readAll(log, 0)).toHaveLength(200);
    });

    test('an append is not told of before its transaction is committed', async () => {
      statements = [];
      await log.append([bankEvent()]);
      expect(statements.at(-1)).toBe('COMMIT');
    });

    test('a burst is committed in portions', async () => {
      statements = [];
      await Promise.all(Array.from({ length: 1_100 }, () => log.append([bongloyEvent()])));
      expect(count('COMMIT')).toBe(3);
    });

    test('followers at the end read nothing from the database when an event comes', async () => {
      const followers = Array.from({ length: 200 }, () => startFollower(log, 0));
      const watching = followers.map((follower) => follower.takeUntil(1));
      // Reads begin in the next turn; this one brings everybody to the end.
      await log.append([]);
      statements = [];
      const event = bankEvent();
      await log.append([event]);
      for (const seen of await Promise.all(watching)) expect(keysOf(seen)).toEqual([event.key]);
      expect(statements.filter((sql) => sql.includes('event AS text'))).toEqual([]);
    });

    test('append, read, end and trimmedTo find their rows by an index, whatever the length of the log', async () => {
      const event = bankEvent({ bankAccountNumber: 'A' });
      await log.append([bankEvent(), event]);
      statements = [];
      await log.append([event, bankEvent()]);
      await log.read(1, 10);
      await log.read(1, 10, { direction: 'CREDIT' });
      await log.read(1, 10, onAccount('A'));
      await log.end();
      await log.trimmedTo();
      const queries = statements.filter((sql) => /^(SELECT|INSERT)/.test(sql) && sql.includes('FROM events'));
      expect(queries.length).toBeGreaterThanOrEqual(5);
      for (const sql of queries) {
        const plan = database.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all();
        const steps = plan.map(({ detail }) => detail);
        expect(steps).toEqual([
          expect.stringMatching(/^SEARCH events USING (INTEGER PRIMARY KEY|(COVERING )?INDEX)/),
        ]);
      }
    });

    test('an append waits for one portion of forgetting at most', async () => {
      await log.append(Array.from({ length: 3_000 }, () => bankEvent()));
      let trimmed = false;
      const trim = async (): Promise<void> => {
        await log.trim(NOW + 1);
        trimmed = true;
      };
      const trimming = trim();
      await log.append([bankEvent({}, NOW + 1)]);
      expect(trimmed).toBe(false);
      await trimming;
      expect(await readAll(log, await log.trimmedTo())).toHaveLength(1);
    });
  });

  describe('fails in a way that loses nothing', () => {
    test('an append with an event that can never be kept fails alone, and as a whole', async () => {
      const [good, better] = [bankEvent(), bankEvent()];
      const bad = log.append([bankEvent(), { ...bankEvent(), receivedAt: 0.5 }]);
      const fine = Promise.all([log.append([good]), log.append([better])]);
      await expect(bad).rejects.toThrow('events.received_at');
      await fine;
      expect(keysOf(await readAll(log, 0))).toEqual(keysOf([good, better]));
    });

    test('a full disk: appends are refused, reads and followers go on, and all is well once there is room', async () => {
      const event = bankEvent();
      await log.append([event]);
      const follower = startFollower(log, 0);
      await follower.takeUntil(1);
      const pages = Number(database.pragma('page_count', { simple: true }));
      database.pragma(`max_page_count = ${pages}`);
      const large = Array.from({ length: 20 }, () => bankEvent({ description: 'x'.repeat(2_000) }));
      const outcomes = await Promise.allSettled(large.map((one) => log.append([one])));
      expect(outcomes.map(({ status }) => status)).toEqual(large.map(() => 'rejected'));
      await expect(log.append(large)).rejects.toThrow(/SQLITE_FULL/);
      expect(keysOf(await readAll(log, 0))).toEqual([event.key]);
      expect(await log.end()).toBe(1);
      database.pragma('max_page_count = 1000000');
      const results = await log.append(large);
      expect(results.every(({ duplicate }) => !duplicate)).toBe(true);
      expect(keysOf(await follower.takeUntil(21))).toEqual(keysOf([event, ...large]));
    });

    test('a read-only database: appends and forgetting are refused until it can be written again', async () => {
      const [refused, event] = [bankEvent(), bankEvent()];
      await log.append([event]);
      database.pragma('query_only = ON');
      await unavailable(refused);
      await expect(log.trim(NOW + 1)).rejects.toThrow(LogUnavailable);
      expect(await readAll(log, 0)).toHaveLength(1);
      database.pragma('query_only = OFF');
      await log.append([refused]);
      expect(keysOf(await readAll(log, 0))).toEqual(keysOf([event, refused]));
    });

    test('a file that another process has locked: refused now, taken later', async () => {
      const other = new SQLite(path);
      const event = bankEvent();
      other.exec('BEGIN IMMEDIATE');
      await unavailable(event);
      other.exec('ROLLBACK');
      other.close();
      expect((await log.append([event]))[0]?.duplicate).toBe(false);
    });

    test('a database that was closed: everything is LogUnavailable, and nothing else', async () => {
      await log.append([bankEvent()]);
      const follower = startFollower(log, 0);
      await follower.takeUntil(1);
      const late = startFollower(log, 0);
      database.close();
      await unavailable();
      for (const attempt of [log.end(), log.trimmedTo(), log.read(0, 1), log.trim(NOW)]) {
        await expect(attempt).rejects.toThrow(LogUnavailable);
      }
      expect(() => createSqliteEventLog({ database })).toThrow(LogUnavailable);
      const waiting = follower.take();
      await log.close();
      expect(await waiting).toBe(false);
      expect(await late.take()).toBe(false);
    });
  });

  test('what a second process appends reaches followers with the next append here: in order, once, no gap', async () => {
    const other = openDatabase(path);
    const elsewhere = createSqliteEventLog({ database: other });
    const all = startFollower(log, 0);
    const narrowed = startFollower(log, 0, onAccount('A'));
    const events = Array.from({ length: 4 }, () => bankEvent({ bankAccountNumber: 'A' }));
    const watching = Promise.all([all.takeUntil(4), narrowed.takeUntil(4)]);
    const [first, second, third, fourth] = events;
    if (!first || !second || !third || !fourth) throw new Error('four events');
    await log.append([first]);
    await elsewhere.append([second, third]);
    await log.append([fourth]);
    for (const seen of await watching) expect(keysOf(seen)).toEqual(keysOf(events));
    await elsewhere.close();
    other.close();
  });
});
