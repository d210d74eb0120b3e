import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { matches } from '../../src/events/filter.ts';
import { createHub, type Hub } from '../../src/events/hub.ts';
import type { EventFilter, EventLog, LogEvent } from '../../src/events/log.ts';
import { bankEvent, bongloyEvent, onAccount, readAll } from '../support/events.ts';

const FILTERS: readonly EventFilter[] = [
  {},
  { providers: ['BONGLOY'] },
  { providers: ['CASSO'] },
  { providers: ['CASSO'], ...onAccount('1') },
  { providers: ['CASSO'], ...onAccount('2'), minimumAmount: 200_000 },
  { providers: ['CASSO'], direction: 'DEBIT' },
  { providers: ['CASSO'], text: 'dh1', maximumAmount: 250_000 },
];

const fresh = {
  card: () => bongloyEvent(),
  first: () => bankEvent({ bankAccountNumber: '1' }),
  second: () => bankEvent({ bankAccountNumber: '2', direction: 'DEBIT', description: 'ĐH 1' }),
};

/** Reads the log to its end, then goes on with the hub: everything that it was given by either, in that order. */
function startReader(log: EventLog, hub: Hub, after: number, filter: EventFilter) {
  const seen: LogEvent[] = [];
  const stop = new AbortController();
  let wake = () => {};
  let leave: (() => void) | null = null;
  const told = () => wake();
  const takesOver = (position: number) => {
    leave = hub.join(position, filter, {
      tell(event) {
        if (event.position > position) seen.push(event);
        told();
      },
      lost() {},
    });
    told();
    return leave !== null;
  };
  const reading = (async () => {
    for await (const { events } of log.follow(after, filter, stop.signal, takesOver)) seen.push(...events);
  })();
  return {
    after,
    filter,
    seen,
    async until(condition: () => boolean): Promise<void> {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    isLive: () => leave !== null,
    async stop() {
      leave?.();
      stop.abort();
      await reading;
    },
  };
}

/** The fan-out over any event log; the log is empty when a test begins. */
export function hubContract(current: () => EventLog): void {
  describe('the hub', () => {
    let log: EventLog;
    let hub: Hub;
    beforeEach(async () => {
      log = current();
      hub = await createHub(log);
    });
    afterEach(async () => {
      await log.close();
      await hub.close();
    });

    test('goes on where the log ends: no gap, no repeat, and only what matches, whoever comes when', async () => {
      const command = fc.oneof(
        fc.record({
          kind: fc.constant('append' as const),
          what: fc.array(fc.constantFrom('card' as const, 'first' as const, 'second' as const), {
            minLength: 1,
            maxLength: 3,
          }),
          wait: fc.boolean(),
        }),
        fc.record({
          kind: fc.constant('read' as const),
          from: fc.nat(),
          filter: fc.constantFrom(...FILTERS),
          toEnd: fc.boolean(),
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
          const starts = [await log.end()];
          const readers: ReturnType<typeof startReader>[] = [];
          const appending: Promise<unknown>[] = [];
          for (const each of commands) {
            if (each.kind === 'append') {
              const append = log.append(each.what.map((what) => fresh[what]()));
              appending.push(append);
              if (each.wait) starts.push(...(await append).map(({ position }) => position));
            } else {
              const after = starts[each.from % starts.length] ?? 0;
              const reader = startReader(log, hub, after, each.filter);
              readers.push(reader);
              if (each.toEnd) await reader.until(reader.isLive);
            }
          }
          await Promise.all(appending);
          for (const reader of readers) {
            const expected = (await readAll(log, reader.after)).filter((event) =>
              matches(event, reader.filter),
            );
            await reader.until(() => reader.seen.length >= expected.length);
            expect(reader.seen).toEqual(expected);
            await reader.stop();
          }
        }),
        { numRuns: 40 },
      );
    });

    test('lets nobody in who has missed what it told already', async () => {
      const seen = startReader(log, hub, await log.end(), {});
      await seen.until(seen.isLive);
      const [before] = await log.append([bankEvent()]);
      const [last] = await log.append([bankEvent()]);
      await seen.until(() => seen.seen.length === 2);
      const listener = { tell() {}, lost() {} };
      expect(hub.join(before?.position ?? 0, {}, listener)).toBeNull();
      expect(hub.join(last?.position ?? 0, {}, listener)).not.toBeNull();
      await seen.stop();
    });

    test('compares an event once for all who have joined with the same filter', async () => {
      let compared = 0;
      const filter = (): EventFilter => ({
        providers: ['CASSO'],
        direction: 'CREDIT',
        get text() {
          compared += 1;
          return 'dh1';
        },
      });
      const readers = [];
      for (let n = 0; n < 20; n += 1) {
        const position = await log.end();
        const seen: LogEvent[] = [];
        const leave = hub.join(position, filter(), { tell: (event) => seen.push(event), lost() {} });
        expect(leave).not.toBeNull();
        readers.push({ seen, leave });
      }
      readers[3]?.leave?.();
      const last = startReader(log, hub, await log.end(), {});
      await last.until(last.isLive);
      compared = 0;
      await log.append([bankEvent({ description: 'ĐH-1' }), bankEvent({ direction: 'DEBIT' }), bankEvent()]);
      await last.until(() => last.seen.length === 3);
      expect(compared).toBe(3);
      expect(readers.map(({ seen }) => seen.length)).toEqual(readers.map((_, n) => (n === 3 ? 0 : 1)));
      await last.stop();
    });

    test('tells nothing more to who has left', async () => {
      const [leaver, stayer] = [
        startReader(log, hub, await log.end(), {}),
        startReader(log, hub, await log.end(), {}),
      ];
      for (const reader of [leaver, stayer]) await reader.until(reader.isLive);
      await leaver.stop();
      await log.append([bankEvent()]);
      await stayer.until(() => stayer.seen.length === 1);
      expect(leaver.seen).toEqual([]);
      await stayer.stop();
    });

    test('has told everything that was kept when the log is closed', async () => {
      const reader = startReader(log, hub, await log.end(), {});
      await reader.until(reader.isLive);
      const kept = Promise.all(Array.from({ length: 20 }, () => log.append([bankEvent()])));
      await kept;
      await log.close();
      await hub.close();
      expect(reader.seen).toHaveLength(20);
      await reader.stop();
    });
  });
}
