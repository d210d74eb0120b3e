import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { type BackupProgress, backupDatabase, restoreDatabase } from '../../src/store/backup.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { lockDatabase } from '../../src/store/lock.ts';
import { bankEvents, keysOf, readAll } from '../support/events.ts';

let folder: string;
let path: string;
let database: Database;
const backup = () => join(folder, 'backup.db');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  path = join(folder, 'mekong.db');
  database = openDatabase(path);
});
afterEach(async () => {
  database.close();
  await rm(folder, { recursive: true });
});

/** What a log in that file would answer. */
async function eventsIn(file: string): Promise<string[]> {
  const other = openDatabase(file);
  const keys = keysOf(await readAll(createSqliteEventLog({ database: other }), 0));
  other.close();
  return keys;
}

describe('a backup', () => {
  test('is of one moment, while events come in without being held up, and tells how far it is', async () => {
    const log = createSqliteEventLog({ database });
    for (let n = 0; n < 10; n += 1) await log.append(bankEvents(500));
    const before = keysOf(await readAll(log, 0));
    const seen: BackupProgress[] = [];
    let during = 0;
    await backupDatabase(path, backup(), (progress) => {
      seen.push(progress);
      database.prepare("UPDATE events SET key = 'changed' WHERE position = ?").run(1);
      during += 1;
    });
    expect(during).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual({ copiedPages: seen[0]?.totalPages, totalPages: seen[0]?.totalPages });
    expect(seen.map((each) => each.copiedPages)).toEqual(
      seen.map((each) => each.copiedPages).toSorted((a, b) => a - b),
    );
    expect(await eventsIn(backup())).toEqual(before);
  });

  test('is one file, that its owner alone may read', async () => {
    await backupDatabase(path, backup());
    expect(statSync(backup()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);
  });

  test.each(['backup.db', 'backup.db-wal'])('is not made where %s is already', async (name) => {
    writeFileSync(join(folder, name), 'mine');
    await expect(backupDatabase(path, backup())).rejects.toThrow(`${name} exists already. Move it away`);
    expect(statSync(join(folder, name)).size).toBe(4);
  });

  test('of what is no database of ours is refused, and leaves nothing behind', async () => {
    const other = join(folder, 'other.db');
    new SQLite(other).exec('CREATE TABLE t (a)').close();
    await expect(backupDatabase(other, backup())).rejects.toThrow('no database of this program');
    writeFileSync(join(folder, 'text'), 'no database at all, but long enough to look like one\n'.repeat(20));
    await expect(backupDatabase(join(folder, 'text'), backup())).rejects.toThrow(
      'no database of this program',
    );
    await expect(backupDatabase(join(folder, 'missing'), backup())).rejects.toThrow();
    expect(readdirSync(folder).filter((name) => name.startsWith('backup'))).toEqual([]);
  });

  test('of a damaged file is refused, so that it never takes the place of a good one', async () => {
    await createSqliteEventLog({ database }).append(bankEvents(200));
    database.pragma('wal_checkpoint(TRUNCATE)');
    const file = await openFile(path, 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(4096, 0xff), 0, 4096, Math.floor(size / 8192) * 4096);
    await file.close();
    await expect(backupDatabase(path, backup())).rejects.toThrow(`${path} is damaged`);
    expect(existsSync(backup())).toBe(false);
  });
});

describe('restoring', () => {
  test('puts the events of the backup in the place of a file that was moved away', async () => {
    const log = createSqliteEventLog({ database });
    await log.append(bankEvents(3));
    const kept = keysOf(await readAll(log, 0));
    await backupDatabase(path, backup());
    const to = join(folder, 'again.db');
    await restoreDatabase(backup(), to);
    expect(await eventsIn(to)).toEqual(kept);
  });

  test('is refused while a gateway has the file, and while an old one is in the way', async () => {
    await backupDatabase(path, backup());
    await expect(restoreDatabase(backup(), path)).rejects.toThrow('exists already');
    const to = join(folder, 'again.db');
    const unlock = lockDatabase(to);
    await expect(restoreDatabase(backup(), to)).rejects.toThrow('another process uses the database');
    unlock();
    await restoreDatabase(backup(), to);
  });
});
