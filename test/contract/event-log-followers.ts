import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { EventFilter, EventLog, NewEvent } from '../../src/events/log.ts';
import {
  appendEach,
  bankEvent,
  bankEvents,
  bongloyEvent,
  keysOf,
  NOW,
  onAccount,
  readAll,
  startFollower,
} from '../support/events.ts';

/** Appends all at once, and notes where they stand. */
async function appendOnce(log: EventLog, events: readonly NewEvent[], positions: number[]): Promise<void> {
  const results = await log.append(events);
  positions.push(...results.map(({ position }) => position));
}

/** The part of the contract that is about followers and filters; the log is empty when a test begins. */
export function followerContract(current: () => EventLog): void {
  let log: EventLog;
  beforeEach(() => {
    log = current();
  });

  describe('follows', () => {
    test('first what is kept, then what comes: no gap and no repeat, however reads and appends interleave', async () => {
      const command = fc.oneof(
        fc.record({
          kind: fc.constant('append' as const),
          count: fc.integer({ min: 1, max: 4 }),
          wait: fc.boolean(),
        }),
        fc.record({ kind: fc.constant('follow' as const), from: fc.nat() }),
        fc.record({ kind: fc.constant('take' as const), who: fc.nat(), wait: fc.boolean() }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
          const starts = [await log.end()];
          const followers: { after: number; follower: ReturnType<typeof startFollower> }[] = [];
          const appending: Promise<unknown>[] = [];
          for (const command of commands) {
            if (command.kind === 'append') {
              const append = appendOnce(log, bankEvents(command.count), starts);
              appending.push(append);
              if (command.wait) await append;
            } else if (command.kind === 'follow') {
              const after = starts[command.from % starts.length] ?? 0;
              followers.push({ after, follower: startFollower(log, after) });
            } else if (followers.length > 0) {
              const { after, follower } = followers[command.who % followers.length] ?? {};
              const take = follower?.take();
              // At the end there is no page to wait for.
              if (
                command.wait &&
                after !== undefined &&
                (follower?.seen.at(-1)?.position ?? after) < (await log.end())
              ) {
                await take;
              }
            }
          }
          await Promise.all(appending);
          for (const { after, follower } of followers) {
            const expected = await readAll(log, after);
            expect(await follower.takeUntil(expected.length)).toEqual(expected);
            follower.abort();
            expect(await follower.take()).toBe(false);
          }
        }),
        { numRuns: 60 },
      );
    });

    test('and who watches is told of each event before a follower has it, and before its append resolves', async () => {
      const book: string[] = [];
      const stop = log.watch(({ key, position }) => void book.push(`${key} at ${position}`));
      const follower = startFollower(log, await log.end());
      const following = follower.takeUntil(6).then(() => void book.push('followed'));
      const events = bankEvents(6);
      const [first, ...others] = events;
      const [result] = await log.append(first ? [first] : []);
      expect(book).toContain(`${first?.key} at ${result?.position}`);
      await log.append(others);
      await following;
      const told = book.slice(0, book.indexOf('followed'));
      expect([...new Set(told)]).toEqual(follower.seen.map(({ key, position }) => `${key} at ${position}`));
      stop();
      const before = book.length;
      await log.append(bankEvents(1));
      expect(book).toHaveLength(before);
      follower.abort();
    });

    test('an end taken before an append sees what it adds', async () => {
      for (let round = 0; round < 10; round += 1) {
        const after = await log.end();
        const follower = startFollower(log, after);
        const event = bankEvent();
        const [, seen] = await Promise.all([log.append([event]), follower.takeUntil(1)]);
        expect(keysOf(seen)).toEqual([event.key]);
        follower.abort();
      }
    });

    test('a long history is followed page by page, to the live events', async () => {
      const history = bankEvents(450);
      await log.append(history);
      const follower = startFollower(log, 0);
      await follower.takeUntil(450);
      const live = bankEvent();
      await log.append([live]);
      expect(keysOf(await follower.takeUntil(451))).toEqual([...keysOf(history), live.key]);
    });

    test('a follower that does not read delays nobody, and loses nothing', async () => {
      const slow = startFollower(log, 0);
      const [first] = await appendEach(log, bankEvents(1));
      expect(await slow.take()).toBe(true);
      const quick = startFollower(log, first ?? 0);
      for (let round = 0; round < 10; round += 1) {
        await appendEach(log, bankEvents(60));
        await quick.takeUntil((round + 1) * 60);
      }
      expect(slow.seen).toHaveLength(1);
      expect(await slow.takeUntil(601)).toEqual(await readAll(log, 0));
    });

    test('an abort ends a waiting follower and leaves no listener behind', async () => {
      const follower = startFollower(log, 0);
      const waiting = follower.take();
      await log.append([bankEvent()]);
      expect(await waiting).toBe(true);
      const next = follower.take();
      await log.append([]);
      follower.abort();
      expect(await next).toBe(false);
      expect(getEventListeners(follower.signal, 'abort')).toEqual([]);
      expect(await follower.take()).toBe(false);
    });

    test('a consumer that leaves while it waits is let go, with no listener left behind', async () => {
      const follower = startFollower(log, 0);
      const waiting = follower.take();
      await log.append([]);
      expect(await follower.leave()).toBe(true);
      expect(await waiting).toBe(false);
      expect(getEventListeners(follower.signal, 'abort')).toEqual([]);
    });

    test('leaving the loop after a page lets go too', async () => {
      await log.append(bankEvents(3));
      const { signal } = new AbortController();
      for await (const page of log.follow(0, undefined, signal)) {
        expect(page.events).toHaveLength(3);
        break;
      }
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    test('a signal that aborted before gives nothing', async () => {
      await log.append(bankEvents(3));
      const follower = startFollower(log, 0);
      follower.abort();
      expect(await follower.take()).toBe(false);
      expect(getEventListeners(follower.signal, 'abort')).toEqual([]);
    });

    test('closing the log gives its followers first what has been kept', async () => {
      const [first, ...later] = [bankEvent(), ...bankEvents(3)];
      await log.append([first]);
      const waiting = startFollower(log, 0);
      const slow = startFollower(log, 0);
      await Promise.all([waiting.take(), slow.take()]);
      const pending = waiting.take();
      await log.append(later);
      await log.close();
      expect(await pending).toBe(true);
      for (const follower of [waiting, slow]) {
        expect(keysOf(await follower.takeUntil(4))).toEqual(keysOf([first, ...later]));
        expect(await follower.take()).toBe(false);
      }
    });

    test('closing the log ends its followers', async () => {
      const waiting = startFollower(log, 0);
      const pending = waiting.take();
      await log.append([]);
      const idle = startFollower(log, 0);
      await log.close();
      expect(await pending).toBe(false);
      expect(await idle.take()).toBe(false);
      expect(getEventListeners(waiting.signal, 'abort')).toEqual([]);
    });
  });

  describe('filters', () => {
    const events = [
      bongloyEvent(),
      bankEvent({ bankAccountNumber: 'A', direction: 'DEBIT' }),
      bankEvent({ bankAccountNumber: 'B' }),
      bankEvent({ bankAccountNumber: 'A', amount: { minorUnits: 10, currency: 'VND', exponent: 0 } }),
      bankEvent({ bankAccountNumber: 'A' }),
      bankEvent({ bankAccountNumber: 'D', bank: { code: 'MBB', name: 'MBBank', bin: null } }),
      bankEvent({ bankAccountNumber: 'D', bank: { code: 'ACB', name: null, bin: null } }),
      bankEvent({ bankAccountNumber: 'D' }),
      bankEvent({ bankAccountNumber: 'E', description: 'THANHTOAN  ĐH-12.34' }),
      bankEvent({ bankAccountNumber: 'E', description: null }),
    ] as const;
    const cases: [string, EventFilter, readonly number[]][] = [
      ['nothing given', {}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
      ['one provider', { providers: ['BONGLOY'] }, [0]],
      ['several providers', { providers: ['BONGLOY', 'CASSO'] }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
      ['no provider', { providers: [] }, []],
      ['bank account', onAccount('A'), [1, 3, 4]],
      ['unknown bank account', onAccount('C'), []],
      ['the same number at another bank', onAccount('D', 'mbbank'), [5, 7]],
      ['a number that its bank groups', onAccount('D ', 'acb_digi'), [6, 7]],
      ['direction', { direction: 'CREDIT' }, [2, 3, 4, 5, 6, 7, 8, 9]],
      ['least amount, inclusive', { minimumAmount: 250_000 }, [1, 2, 4, 5, 6, 7, 8, 9]],
      ['greatest amount, inclusive', { maximumAmount: 10 }, [3]],
      ['text of the description, as it is folded', { text: 'dh1234' }, [8]],
      ['text that no description has', { text: 'dh12345' }, []],
      [
        'all at once',
        { providers: ['CASSO'], ...onAccount('A'), direction: 'CREDIT', minimumAmount: 11, text: 'tien' },
        [4],
      ],
      ['conditions that contradict', { providers: ['BONGLOY'], ...onAccount('A') }, []],
    ];

    test.each(cases)(
      '%s: read and follow give the matching events alone',
      async (_name, filter, expected) => {
        const live = startFollower(log, 0, filter);
        const watching = live.takeUntil(expected.length);
        await appendEach(log, events);
        const keys = expected.map((n) => events[n]?.key);
        expect(keysOf(await readAll(log, 0, filter, 2))).toEqual(keys);
        expect(keysOf(await watching)).toEqual(keys);
        const late = startFollower(log, 0, filter);
        expect(keysOf(await late.takeUntil(expected.length))).toEqual(keys);
      },
    );

    test('pages advance through a long log in which nothing, or little, matches', async () => {
      const rare = bankEvent({ direction: 'DEBIT', bankAccountNumber: 'B' });
      await log.append(bankEvents(700));
      await log.append([rare]);
      await log.append(bankEvents(700));
      expect(keysOf(await readAll(log, 0, { direction: 'DEBIT' }))).toEqual([rare.key]);
      expect(keysOf(await readAll(log, 0, onAccount('B')))).toEqual([rare.key]);
      expect(await readAll(log, 0, { providers: ['BONGLOY'] })).toEqual([]);
      const follower = startFollower(log, 0, { direction: 'DEBIT' });
      await follower.takeUntil(1);
      const live = bankEvent({ direction: 'DEBIT' });
      await log.append([bankEvent(), live, bankEvent()]);
      expect(keysOf(await follower.takeUntil(2))).toEqual([rare.key, live.key]);
    });

    test('a follower may wait while everything that does not concern it comes and goes', async () => {
      const follower = startFollower(log, 0, onAccount('A'));
      const waiting = follower.takeUntil(1);
      await log.append(bankEvents(20));
      await log.trim(NOW + 1);
      const event = bankEvent({ bankAccountNumber: 'A' });
      await log.append([event]);
      expect(keysOf(await waiting)).toEqual([event.key]);
    });
  });
}
