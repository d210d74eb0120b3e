import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newestEvents, positionAt, readAll } from '../../src/events/seek.ts';
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { openDatabase } from '../../src/store/database.ts';
import { bankEvent, bongloyEvent, NOW } from '../support/events.ts';

/** A log whose events were received at these seconds after NOW, every third of them at Casso, without the first ones. */
async function withLog<T>(
  { seconds, trimmed }: World,
  work: (log: ReturnType<typeof createSqliteEventLog>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-seek-'));
  const database = openDatabase(join(folder, 'mekong.db'));
  const log = createSqliteEventLog({ database });
  try {
    for (const [index, second] of seconds.entries()) {
      const receivedAt = NOW + second * 1000;
      await log.append([index % 3 === 0 ? bankEvent({}, receivedAt) : bongloyEvent({ receivedAt })]);
    }
    await log.trim(NOW + trimmed * 1000);
    return await work(log);
  } finally {
    await log.close();
    database.close();
    rmSync(folder, { recursive: true });
  }
}

interface World {
  readonly seconds: readonly number[];
  readonly trimmed: number;
}
const world = fc.record({
  seconds: fc.array(fc.nat(30), { maxLength: 25 }).map((list) => list.sort((a, b) => a - b)),
  trimmed: fc.nat(12),
});

test('reading from a time on finds every kept event that was received then or later, and none before', async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.nat(32), async (given, second) => {
      const found = await withLog(given, async (log) => {
        const times: number[] = [];
        for await (const { events } of readAll(log, await positionAt(log, NOW + second * 1000))) {
          times.push(...events.map(({ receivedAt }) => (receivedAt - NOW) / 1000));
        }
        return times;
      });
      expect(found).toEqual(given.seconds.filter((time) => time >= second && time >= given.trimmed));
    }),
    { numRuns: 40 },
  );
});

test('the newest are the last of those that match, in log order', async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.nat(10), fc.boolean(), async (given, count, filtered) => {
      const { expected, found } = await withLog(given, async (log) => {
        const all = (await log.read(await log.trimmedTo(), 1000)).events;
        const filter = filtered ? { providers: ['CASSO'] as const } : undefined;
        const matching = all.filter(({ provider }) => !filtered || provider === 'CASSO');
        return {
          expected: count === 0 ? [] : matching.slice(-count),
          found: await newestEvents(log, count, filter),
        };
      });
      expect(found).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});
