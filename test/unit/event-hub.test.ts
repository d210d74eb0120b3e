import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createHub } from '../../src/events/hub.ts';
import { type LogEvent, LogUnavailable } from '../../src/events/log.ts';
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { openDatabase } from '../../src/store/database.ts';
import { bankEvent } from '../support/events.ts';

test('who listens when the log is lost is told so, and who joins later hears what comes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-hub-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const database = openDatabase(join(folder, 'mekong.db'));
  const log = createSqliteEventLog({ database });
  let fail = (_error: Error): void => {};
  const broken = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  let follows = 0;
  const hub = await createHub({
    end: () => log.end(),
    // The first follower breaks when it is told to.
    follow(...args: Parameters<typeof log.follow>) {
      follows += 1;
      const pages = log.follow(...args);
      if (follows > 1) return pages;
      return {
        ...pages,
        next: () => Promise.race([pages.next(), broken]),
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  });
  const lost = new Promise<void>((resolve) => {
    hub.join(0, {}, { tell() {}, lost: resolve });
  });
  fail(new LogUnavailable('gone'));
  await lost;
  expect(hub.join(0, {}, { tell() {}, lost() {} })).toBeNull();

  const heard = await new Promise<LogEvent>((resolve) => {
    const listener = { tell: resolve, lost() {} };
    const join = setInterval(() => {
      if (!hub.join(0, {}, listener)) return;
      clearInterval(join);
      void log.append([bankEvent()]);
    }, 5);
  });
  expect(heard.position).toBe(1);
  await log.close();
  await hub.close();
  database.close();
});
