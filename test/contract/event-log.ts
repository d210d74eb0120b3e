import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/domain/errors.ts';
import { decodeEventCursor, encodeEventCursor } from '../../src/events/cursor.ts';
import { CursorExpired, type EventLog, LogUnavailable } from '../../src/events/log.ts';
import {
  appendEach,
  bankEvent,
  bankEvents,
  bongloyEvent,
  keysOf,
  NOW,
  readAll,
  startFollower,
} from '../support/events.ts';
import { hubContract } from './event-hub.ts';
import { followerContract } from './event-log-followers.ts';

/** One set of data, empty at first. */
export interface EventLogHarness {
  /** The log on that data; after the last one was closed, this is a restart. */
  open(): Promise<EventLog>;
  /** Closes what was opened and removes the data. */
  dispose(): Promise<void>;
}

/** The log refuses to go on from there, and tells from where it can. */
async function expectExpired(log: EventLog, after: number): Promise<void> {
  const trimmedTo = await log.trimmedTo();
  await expect(log.read(after, 10)).rejects.toThrow(CursorExpired);
  await expect(log.read(after, 10)).rejects.toMatchObject({ trimmedTo });
  await expect(startFollower(log, after).take()).rejects.toThrow(CursorExpired);
  await expect(decodeEventCursor(encodeEventCursor(log, after), log, 'after')).rejects.toMatchObject({
    code: 'CURSOR_EXPIRED',
    details: { earliestCursor: encodeEventCursor(log, trimmedTo) },
  });
}

/** What every event log promises, whatever it keeps its events in. */
export function eventLogContract(name: string, start: () => Promise<EventLogHarness>): void {
  describe(`event log on ${name}`, () => {
    let harness: EventLogHarness;
    let log: EventLog;

    beforeEach(async () => {
      harness = await start();
      log = await harness.open();
    });
    afterEach(() => harness.dispose());

    const restart = async (): Promise<void> => {
      await log.close();
      log = await harness.open();
    };
    describe('keeps', () => {
      test('an empty log ends at 0 and has forgotten nothing', async () => {
        expect(await log.end()).toBe(0);
        expect(await log.trimmedTo()).toBe(0);
        expect(await log.read(0, 10)).toEqual({ events: [], position: 0, atEnd: true });
      });

      test('events come back as they were given, in order, each with a greater position', async () => {
        const given = [bankEvent(), bongloyEvent(), bankEvent({ description: null }), bongloyEvent()];
        for (const event of given) await log.append([event]);
        const events = await readAll(log, 0);
        const positions = events.map(({ position }) => position);
        expect(events).toEqual(given.map((event, n) => Object.assign({ position: positions[n] }, event)));
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        expect(positions.at(-1)).toBe(await log.end());
      });

      test('a page holds no more than was asked for, and tells whether it is the last', async () => {
        await log.append(bankEvents(5));
        const first = await log.read(0, 3);
        expect(first.events).toHaveLength(3);
        expect(first.atEnd).toBe(false);
        const second = await log.read(first.position, 3);
        expect(second.events).toHaveLength(2);
        expect(second).toMatchObject({ atEnd: true, position: await log.end() });
      });

      test('restarts keep events, positions and cursors', async () => {
        await log.append(bankEvents(3));
        const cursors = async () =>
          [0, ...(await readAll(log, 0)).map(({ position }) => position)].map((at) =>
            encodeEventCursor(log, at),
          );
        const events = await readAll(log, 0);
        const before = await cursors();
        await restart();
        expect(await readAll(log, 0)).toEqual(events);
        expect(await cursors()).toEqual(before);
        const [later] = await log.append([bankEvent()]);
        expect(later?.position).toBeGreaterThan(events.at(-1)?.position ?? 0);
        const longer = await cursors();
        expect(longer.slice(0, -1)).toEqual(before);
        await restart();
        await log.append([bankEvent()]);
        expect((await cursors()).slice(0, -1)).toEqual(longer);
      });

      test('appends under way are kept when the log has closed; later ones are refused', async () => {
        const underWay = appendEach(log, bankEvents(20));
        await log.close();
        const closed = log;
        log = await harness.open();
        expect(await readAll(log, 0)).toHaveLength(20);
        expect(await underWay).toHaveLength(20);
        await expect(closed.append([bankEvent()])).rejects.toThrow(LogUnavailable);
      });
    });

    describe('de-duplicates', () => {
      test('a known event is not added again, and the place of the first is told', async () => {
        const event = bankEvent();
        const [first] = await log.append([event]);
        expect(first?.duplicate).toBe(false);
        expect(await log.append([event])).toEqual([{ position: first?.position, duplicate: true }]);
        expect(await readAll(log, 0)).toHaveLength(1);
      });

      test('an event that stands twice in one append is added once', async () => {
        const event = bongloyEvent();
        const [first, second] = await log.append([event, event]);
        expect(second).toEqual({ position: first?.position, duplicate: true });
        expect(await readAll(log, 0)).toHaveLength(1);
      });

      test('a new event among known ones is added', async () => {
        const known = bankEvent();
        await log.append([known]);
        const fresh = bankEvent();
        const results = await log.append([known, fresh]);
        expect(results.map(({ duplicate }) => duplicate)).toEqual([true, false]);
        expect(keysOf(await readAll(log, 0))).toEqual([known.key, fresh.key]);
      });

      test('the same key of two providers is two events', async () => {
        const bank = bankEvent();
        await log.append([bank, bongloyEvent({ key: bank.key })]);
        expect(await readAll(log, 0)).toHaveLength(2);
      });

      test('of many appends of one event at once exactly one adds it', async () => {
        const event = bankEvent();
        const results = (await Promise.all(Array.from({ length: 50 }, () => log.append([event])))).flat();
        expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
        expect(new Set(results.map(({ position }) => position)).size).toBe(1);
        expect(await readAll(log, 0)).toHaveLength(1);
      });

      test('also after a restart', async () => {
        const event = bankEvent();
        const [first] = await log.append([event]);
        await restart();
        expect(await log.append([event])).toEqual([{ position: first?.position, duplicate: true }]);
      });

      test('a duplicate reaches no follower', async () => {
        const follower = startFollower(log, 0);
        const [known, fresh] = [bankEvent(), bankEvent()];
        await log.append([known]);
        await log.append([known]);
        await log.append([fresh]);
        expect(keysOf(await follower.takeUntil(2))).toEqual([known.key, fresh.key]);
      });
    });

    describe('orders', () => {
      test('the events of one append stand together, whatever else is appended at once', async () => {
        const appends = Array.from({ length: 30 }, () => bankEvents(4));
        await Promise.all(appends.map((events) => log.append(events)));
        const keys = keysOf(await readAll(log, 0));
        expect(keys).toHaveLength(120);
        for (const events of appends) {
          const from = keys.indexOf(events[0]?.key ?? '');
          expect(keys.slice(from, from + 4)).toEqual(keysOf(events));
        }
      });

      test('with many writers at once every follower sees the order that a reader sees', async () => {
        const followers = Array.from({ length: 5 }, () => startFollower(log, 0));
        const watching = followers.map((follower) => follower.takeUntil(200));
        for (let round = 0; round < 4; round += 1) await appendEach(log, bankEvents(50));
        const read = await readAll(log, 0);
        expect(read).toHaveLength(200);
        for (const seen of await Promise.all(watching)) expect(seen).toEqual(read);
      });

      test('positions go on growing after everything was forgotten, also across a restart', async () => {
        await log.append(bankEvents(3));
        const end = await log.end();
        await log.trim(NOW + 1);
        expect(await log.trimmedTo()).toBe(end);
        expect(await log.end()).toBe(end);
        await restart();
        expect(await log.end()).toBe(end);
        const [result] = await log.append([bankEvent()]);
        expect(result?.position).toBeGreaterThan(end);
      });
    });

    followerContract(() => log);
    hubContract(() => log);

    describe('forgets', () => {
      test('only what was received before, oldest first', async () => {
        const times = [NOW - 3, NOW - 2, NOW - 1, NOW];
        const positions = await appendEach(
          log,
          times.map((time) => bankEvent({}, time)),
        );
        await log.trim(NOW - 1);
        expect(await log.trimmedTo()).toBe(positions[1]);
        const kept = await readAll(log, await log.trimmedTo());
        expect(kept.map(({ receivedAt }) => receivedAt)).toEqual([NOW - 1, NOW]);
      });

      test('nothing that is behind a younger event, so that what is kept has no holes', async () => {
        await log.append([bankEvent({}, NOW), bankEvent({}, NOW - 9)]);
        await log.trim(NOW - 1);
        expect(await log.trimmedTo()).toBe(0);
        expect(await readAll(log, 0)).toHaveLength(2);
      });

      test('an event that is kept is still de-duplicated', async () => {
        const kept = bankEvent({}, NOW);
        await log.append([bankEvent({}, NOW - 9), kept]);
        await log.trim(NOW - 1);
        const [result] = await log.append([kept]);
        expect(result?.duplicate).toBe(true);
      });

      test('appends go on while much is forgotten, and are kept', async () => {
        await log.append(bankEvents(1_500));
        const follower = startFollower(log, await log.end());
        const trimming = log.trim(NOW + 1);
        const later = Array.from({ length: 20 }, () => bankEvent({}, NOW + 1));
        const appending = later.map((event) => log.append([event]));
        await Promise.all([trimming, ...appending]);
        expect(keysOf(await follower.takeUntil(20))).toEqual(keysOf(later));
        expect(keysOf(await readAll(log, await log.trimmedTo()))).toEqual(keysOf(later));
      });

      test('what was forgotten stays so after a restart', async () => {
        const positions = await appendEach(log, bankEvents(3));
        await log.trim(NOW + 1);
        await restart();
        expect(await log.trimmedTo()).toBe(positions.at(-1));
        expect(await readAll(log, await log.trimmedTo())).toEqual([]);
      });
    });

    describe('refuses positions that it cannot go on from', () => {
      test('forgotten ones; the oldest that is left works', async () => {
        await log.append([bankEvent({}, NOW - 2), bankEvent({}, NOW - 1), bankEvent({}, NOW)]);
        await log.trim(NOW);
        const trimmedTo = await log.trimmedTo();
        await expectExpired(log, 0);
        await expectExpired(log, trimmedTo - 1);
        expect(await readAll(log, trimmedTo)).toHaveLength(1);
        expect(await startFollower(log, trimmedTo).takeUntil(1)).toHaveLength(1);
      });

      test('ones beyond the end', async () => {
        await log.append(bankEvents(2));
        const end = await log.end();
        await expectExpired(log, end + 1);
        expect(await readAll(log, end)).toEqual([]);
      });

      test('ones that a slow follower left too late', async () => {
        await log.append(bankEvents(250));
        const follower = startFollower(log, 0);
        expect(await follower.take()).toBe(true);
        await log.trim(NOW + 1);
        await expect(follower.takeUntil(250)).rejects.toThrow(CursorExpired);
        expect(getEventListeners(follower.signal, 'abort')).toEqual([]);
      });

      test('ones of another log', async () => {
        const elsewhere = await start();
        try {
          const other = await elsewhere.open();
          await Promise.all([log.append(bankEvents(2)), other.append(bankEvents(2))]);
          const cursor = encodeEventCursor(other, 1);
          const error = await decodeEventCursor(cursor, log, 'after').catch((e: unknown) => e);
          expect(error).toBeInstanceOf(GatewayError);
          expect(error).toMatchObject({ code: 'CURSOR_EXPIRED' });
        } finally {
          await elsewhere.dispose();
        }
      });

      test('no other: every kept position is a cursor that gives the rest', async () => {
        await log.append(bankEvents(5));
        const events = await readAll(log, 0);
        for (const [index, { position }] of events.entries()) {
          const after = await decodeEventCursor(encodeEventCursor(log, position), log, 'after');
          expect(await readAll(log, after)).toEqual(events.slice(index + 1));
        }
      });
    });
  });
}
