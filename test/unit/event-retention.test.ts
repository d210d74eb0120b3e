import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LogUnavailable } from '../../src/events/log.ts';
import { startRetention } from '../../src/events/retention.ts';
import { DAY, HOUR } from '../../src/lib/duration.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { soleProcess } from '../../src/store/leases.ts';
import { NOW } from '../support/events.ts';

beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** A log of which only the forgetting is used; each trim lasts until it is let go. */
function slowLog() {
  const trims: { before: number; done: (error?: Error) => void }[] = [];
  const trim = (before: number) =>
    new Promise<void>((resolve, reject) => {
      trims.push({ before, done: (error) => (error ? reject(error) : resolve()) });
    });
  return { trims, trim };
}

const start = ({ trim }: ReturnType<typeof slowLog>) =>
  startRetention({
    log: { trim } as never,
    leases: soleProcess,
    clock: { now: () => Date.now() },
    days: 30,
    every: HOUR,
    logger: createLogger('silent'),
  });

test('events older than the retention are forgotten at the start, and again after each pause', async () => {
  const log = slowLog();
  const retention = start(log);
  expect(log.trims.map(({ before }) => before)).toEqual([NOW - 30 * DAY]);
  log.trims[0]?.done();
  await setImmediate();
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(log.trims.map(({ before }) => before)).toEqual([NOW - 30 * DAY, NOW - 30 * DAY + HOUR]);
  log.trims[1]?.done();
  await retention.stop();
});

test('a long forgetting is not overtaken by the next', async () => {
  const log = slowLog();
  const retention = start(log);
  await vi.advanceTimersByTimeAsync(5 * HOUR);
  expect(log.trims).toHaveLength(1);
  log.trims[0]?.done();
  await retention.stop();
});

test('one that fails is done again later', async () => {
  const log = slowLog();
  const retention = start(log);
  log.trims[0]?.done(new LogUnavailable('full'));
  await setImmediate();
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(log.trims).toHaveLength(2);
  log.trims[1]?.done();
  await retention.stop();
});

test('stop waits for the one under way, and none comes after', async () => {
  const log = slowLog();
  const retention = start(log);
  let stopped = false;
  const stop = async (): Promise<void> => {
    await retention.stop();
    stopped = true;
  };
  const stopping = stop();
  await setImmediate();
  expect(stopped).toBe(false);
  log.trims[0]?.done();
  await stopping;
  await vi.advanceTimersByTimeAsync(2 * HOUR);
  expect(log.trims).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
