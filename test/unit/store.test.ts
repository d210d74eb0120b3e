import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';

let folder: string;
const databases: Database[] = [];
const open = (path: string): Database => {
  const database = openDatabase(path);
  databases.push(database);
  return database;
};
const pragma = (database: Database, name: string): unknown => database.pragma(name, { simple: true });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mekong-'));
});
afterEach(async () => {
  for (const database of databases.splice(0)) database.close();
  await rm(folder, { recursive: true });
});

test('the folder is made as needed, for its owner alone', async () => {
  open(join(folder, 'new', 'data', 'mekong.db'));
  expect((await stat(join(folder, 'new', 'data'))).mode & 0o777).toBe(0o700);
});

test('the file, and what lies beside it, is made for its owner alone', async () => {
  const path = join(folder, 'mekong.db');
  open(path);
  for (const name of [path, `${path}-wal`, `${path}-shm`])
    expect((await stat(name)).mode & 0o777).toBe(0o600);
});

test('a commit waits until it is on disk', () => {
  const database = open(join(folder, 'mekong.db'));
  expect(pragma(database, 'journal_mode')).toBe('wal');
  expect(pragma(database, 'synchronous')).toBe(2);
});

test('a new file is brought up to date', () => {
  const database = open(join(folder, 'mekong.db'));
  expect(pragma(database, 'user_version')).toBe(MIGRATIONS.length);
});

test('opening again applies nothing twice and keeps what is there', () => {
  const path = join(folder, 'mekong.db');
  const epoch = open(path).prepare('SELECT epoch FROM event_log').all();
  expect(epoch).toHaveLength(1);
  expect(open(path).prepare('SELECT epoch FROM event_log').all()).toEqual(epoch);
});

test('a file that is up to date can be opened while another process writes to it', () => {
  const path = join(folder, 'mekong.db');
  const writer = open(path);
  writer.exec('BEGIN IMMEDIATE');
  expect(pragma(open(path), 'user_version')).toBe(MIGRATIONS.length);
  writer.exec('ROLLBACK');
});

test('a file of a newer version is refused and left as it is', () => {
  const path = join(folder, 'mekong.db');
  const newer = open(path);
  newer.pragma(`user_version = ${MIGRATIONS.length + 1}`);
  expect(() => openDatabase(path)).toThrow('newer version');
  expect(pragma(newer, 'user_version')).toBe(MIGRATIONS.length + 1);
});

test('a file that is no database is refused', async () => {
  const path = join(folder, 'mekong.db');
  await writeFile(path, 'not a database, but long enough to be looked at as if it were one\n'.repeat(20));
  expect(() => openDatabase(path)).toThrow('not a database');
});

test('a folder that the system does not make is refused, and waits for nothing', () => {
  // Node.js's recursive making of folders never returned from here.
  const program =
    "import('./src/store/database.ts').then((m) => m.openDatabase('/proc/nowhere/data/mekong.db'))";
  const run = spawnSync(process.execPath, ['--import', 'tsx', '-e', program], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect(run.signal).toBeNull();
  expect(run.stderr).toContain("mkdir '/proc/nowhere'");
}, 40_000);
