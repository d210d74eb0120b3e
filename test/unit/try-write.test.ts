import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Store } from '../../src/app/store.ts';
import { openSqliteStoreAlone } from '../../src/app/store-sqlite.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { explainStartError } from '../../src/lib/start-error.ts';
import { openDatabase } from '../../src/store/database.ts';
import { tryWrite } from '../../src/store/try-write.ts';
import { createWriteProbe } from '../../src/store/write-probe.ts';
import { bankEvent } from '../support/events.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mekong-try-write-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with something in each table, without a write-ahead log beside it. */
async function makeFile(name: string): Promise<string> {
  const path = join(folder, name);
  const store = openSqliteStoreAlone(path);
  await write(store, 1);
  await store.close();
  return path;
}
async function write(store: Store, n: number): Promise<void> {
  await store.log.append([bankEvent()]);
  await store.sessions.create({ id: `s${n}`, createdAt: 0, expiresAt: 1e15, sealed: 'x' });
  await store.sessions.useOnce(`m${n}`, 1e15);
}

test('what is tried changes nothing that is kept, and reaches the disk', async () => {
  const path = await makeFile('same.db');
  const database = openDatabase(path);
  const all = () =>
    database
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]);
  const before = all();
  const size = statSync(`${path}-wal`).size;
  tryWrite(database);
  expect(all()).toEqual(before);
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(size);
  database.close();
});

test('every table is tried', () => {
  const source = readFileSync(new URL('../../src/store/try-write.ts', import.meta.url), 'utf8');
  const database = openDatabase(join(folder, 'tables.db'));
  const tables = database
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all();
  for (const { name } of tables) expect(source).toMatch(new RegExp(`(INTO|UPDATE) ${name}\\b`));
  database.close();
});

test('of a file with a damaged page, whichever, a gateway does not start, or all that it does works', async () => {
  const good = await makeFile('good.db');
  const pageSize = 4096;
  const pages = statSync(good).size / pageSize;
  expect(pages).toBeGreaterThan(10);
  let refused = 0;
  for (let page = 1; page <= pages; page += 1) {
    const path = join(folder, `damaged-${page}.db`);
    copyFileSync(good, path);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(pageSize, 0x5a), 0, pageSize, (page - 1) * pageSize);
    closeSync(file);
    let store: Store;
    try {
      store = openSqliteStoreAlone(path);
    } catch (error) {
      expect(explainStartError(error)).toMatch(
        /^Could not start: the (database file is damaged|file is not a database)/,
      );
      refused += 1;
      continue;
    }
    await store.tryWrite();
    await write(store, 2);
    expect(await store.log.end()).toBe(2);
    await store.close();
  }
  expect(refused).toBeGreaterThan(pages / 2);
});

test('a file that was moved away or replaced while it is open takes no more writes', async () => {
  const path = await makeFile('moved.db');
  const store = openSqliteStoreAlone(path);
  await store.tryWrite();
  renameSync(path, `${path}.old`);
  await expect(store.tryWrite()).rejects.toThrow('the database file was moved away or replaced');
  writeFileSync(path, '');
  await expect(store.tryWrite()).rejects.toThrow('the database file was moved away or replaced');
  renameSync(`${path}.old`, path);
  await store.tryWrite();
  await store.close();
});

test('a probe writes once for all who ask within two seconds, and again afterwards', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  let writes = 0;
  let fault: Error | null = null;
  const probe = createWriteProbe({
    async tryWrite() {
      writes += 1;
      if (fault) throw fault;
    },
    logger: createLogger('silent'),
  });
  const ask = () => Promise.all(Array.from({ length: 10 }, () => probe.refusal()));
  expect(new Set(await ask())).toEqual(new Set([null]));
  fault = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  expect(new Set(await ask())).toEqual(new Set([null]));
  expect(writes).toBe(1);
  vi.advanceTimersByTime(2000);
  expect(new Set(await ask())).toEqual(new Set(['the disk is full. Make room where the database is.']));
  fault = null;
  vi.advanceTimersByTime(2000);
  expect(new Set(await ask())).toEqual(new Set([null]));
  expect(writes).toBe(3);
  vi.useRealTimers();
});
