import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeEventCursor, encodeEventCursor } from '../../src/events/cursor.ts';
import type { EventLog } from '../../src/events/log.ts';
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { bankEvent, bankEvents, NOW, readAll } from '../support/events.ts';

let folder: string;
let path: string;
let database: Database;
let log: EventLog;

/** As a process of its own would: nothing but the file is known from before. */
function open(): void {
  database = openDatabase(path);
  log = createSqliteEventLog({ database });
}
async function shut(): Promise<void> {
  await log.close();
  database.close();
}
async function restart(): Promise<void> {
  await shut();
  open();
}
/** A copy of the whole file, by whatever means: it is closed meanwhile, so that there is one file alone. */
async function copy(from: string, to: string): Promise<void> {
  await shut();
  await copyFile(from, to);
  open();
}
const append = async (): Promise<string> => {
  const [added] = await log.append([bankEvent()]);
  return encodeEventCursor(log, added?.position ?? 0);
};
const verdict = (cursor: string): Promise<string> =>
  decodeEventCursor(cursor, log, 'after').then(
    () => 'good',
    (error: unknown) => String((error as { code?: string }).code),
  );

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  path = join(folder, 'mekong.db');
  open();
});
afterEach(async () => {
  await shut();
  await rm(folder, { recursive: true });
});

describe('a file that was put back from an old copy', () => {
  test('honours cursors from before the copy; those from after it have expired, also when their positions are given again', async () => {
    const kept = await append();
    const backup = join(folder, 'backup.db');
    await copy(path, backup);
    const lost = [await append(), await append()];
    await copy(backup, path);
    expect(await verdict(kept)).toBe('good');
    const again = [await append(), await append()];
    expect(await Promise.all(lost.map(verdict))).toEqual(['CURSOR_EXPIRED', 'CURSOR_EXPIRED']);
    expect(await Promise.all(again.map(verdict))).toEqual(['good', 'good']);
  });

  test('the same when the process that wrote the copy had gone on writing', async () => {
    const kept = await append();
    const backup = join(folder, 'backup.db');
    await database.backup(backup);
    const lost = await append();
    await shut();
    await copyFile(backup, path);
    open();
    const again = await append();
    expect(await Promise.all([kept, lost, again].map(verdict))).toEqual(['good', 'CURSOR_EXPIRED', 'good']);
  });

  test('the same when it is put back a second time', async () => {
    const backup = join(folder, 'backup.db');
    await append();
    await copy(path, backup);
    const first = await append();
    await copy(backup, path);
    const second = await append();
    await copy(backup, path);
    const third = await append();
    expect(await Promise.all([first, second, third].map(verdict))).toEqual([
      'CURSOR_EXPIRED',
      'CURSOR_EXPIRED',
      'good',
    ]);
  });

  test('whatever happened in between: a cursor is honoured exactly while the log holds its event', async () => {
    const step = fc.constantFrom('append', 'append', 'restart', 'back up', 'put back', 'trim');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        await shut();
        await rm(path);
        open();
        let backup: string | null = null;
        /** Every cursor that was ever handed out, with the key of its event. */
        const handedOut = new Map<string, string>();
        for (const what of steps) {
          if (what === 'append') {
            const event = bankEvent();
            const [added] = await log.append([event]);
            const cursor = encodeEventCursor(log, added?.position ?? 0);
            expect([...handedOut.keys()]).not.toContain(cursor);
            handedOut.set(cursor, event.key);
          } else if (what === 'restart') await restart();
          else if (what === 'trim') {
            const events = await readAll(log, await log.trimmedTo());
            database
              .prepare('UPDATE events SET received_at = 0 WHERE position <= ?')
              .run(events[0]?.position ?? 0);
            await log.trim(1);
          } else if (what === 'back up') {
            backup = join(folder, 'backup.db');
            await rm(backup, { force: true });
            await database.backup(backup);
          } else if (backup) {
            await shut();
            await copyFile(backup, path);
            open();
          }
        }
        const kept = new Map((await readAll(log, await log.trimmedTo())).map((e) => [e.position, e.key]));
        const trimmedTo = await log.trimmedTo();
        for (const [cursor, key] of handedOut) {
          const position = await decodeEventCursor(cursor, log, 'after').catch(() => null);
          if (position === null) expect([...kept.values()]).not.toContain(key);
          else if (position !== trimmedTo) expect(kept.get(position)).toBe(key);
        }
      }),
      { numRuns: 15 },
    );
  });
});

test('a file of the first version: its cursors go on being good', async () => {
  await log.append(bankEvents(3));
  database.exec('DELETE FROM event_epochs');
  await restart();
  const old = encodeEventCursor(log, 3);
  expect(old).toBe(encodeEventCursor(log, 3));
  const next = await append();
  expect(await Promise.all([old, next].map(verdict))).toEqual(['good', 'good']);
  expect(encodeEventCursor(log, 3)).toBe(old);
});

test('restarts leave nothing behind that is of no more use', async () => {
  for (let round = 0; round < 5; round += 1) {
    await restart();
    await append();
  }
  await log.trim(NOW + 1);
  await restart();
  const last = await append();
  expect(database.prepare('SELECT count(*) AS n FROM event_epochs').get()).toEqual({ n: 2 });
  expect(await verdict(last)).toBe('good');
});
