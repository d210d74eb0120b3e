import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { expect } from 'vitest';
import type { Store } from '../../../src/app/store.ts';
import { openSqliteStoreAlone } from '../../../src/app/store-sqlite.ts';
import { decodeEventCursor } from '../../../src/events/cursor.ts';
import { restoreDatabase } from '../../../src/store/backup.ts';
import { readAll } from '../events.ts';
import { type Recorded, startRecording } from './recording.ts';
import type { Line } from './store-writer.ts';

const WRITER = fileURLToPath(new URL('store-writer.ts', import.meta.url));
/** Below the recorded folder: the folder of the database is made by the process, too. */
export const FILE = join('data', 'mekong.db');

/** What a process did to a disk, and what it said of it. */
export interface Life {
  /** What the disk held before, all of it synced. */
  readonly before: string;
  readonly changes: readonly Recorded[];
  readonly lines: readonly Line[];
}

/**
 * Records `store-writer.ts` from its start to its end.
 * @param prepare puts a database in place before, and returns lines of what it holds.
 */
export async function recordLife(
  env: NodeJS.ProcessEnv = {},
  prepare: (path: string) => readonly Line[] = () => [],
): Promise<Life> {
  const own = mkdtempSync(join(tmpdir(), 'mekong-'));
  const before = join(own, 'before');
  const folder = join(own, 'now');
  mkdirSync(before);
  const prepared = prepare(join(before, FILE));
  cpSync(before, folder, { recursive: true });
  const recording = startRecording(folder);
  const writer = spawn(process.execPath, ['--import', 'tsx', WRITER, join(folder, FILE)], {
    env: { PATH: process.env['PATH'], ...recording.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(writer, 'close');
  const lines = [...prepared];
  for await (const line of createInterface({ input: writer.stdout })) lines.push(JSON.parse(line) as Line);
  expect(await closed).toEqual([0, null]);
  const changes = recording.changes();
  recording.remove();
  rmSync(folder, { recursive: true });
  return { before, changes, lines };
}

type OfKind<K extends Line['kind']> = Extract<Line, { readonly kind: K }>;
const ofKind = <K extends Line['kind']>(lines: readonly Line[], kind: K): OfKind<K>[] =>
  lines.filter((line): line is OfKind<K> => line.kind === kind);

/**
 * @param lines all that was said before the cut.
 * @throws AssertionError when something that had resolved is not in the folder as it was, or something else is wrong with it.
 */
export async function expectLifeKept(folder: string, lines: readonly Line[]): Promise<void> {
  const path = join(folder, FILE);
  const done = lines.filter((line) => line.done);
  if (!existsSync(path)) return expect(done, 'no database was there').toEqual([]);
  // As a gateway that starts there.
  const store = openSqliteStoreAlone(path);
  try {
    await expectEvents(store, lines);
    await expectCursors(store, ofKind(done, 'cursor'));
    await expectSessions(store, ofKind(lines, 'session'));
  } finally {
    await store.log.close();
    await store.close();
  }
  expectSound(path);
  for (const { file } of ofKind(done, 'backup')) {
    const restored = `${path}.restored`;
    await restoreDatabase(join(folder, 'data', basename(file)), restored);
    expectSound(restored);
    rmSync(restored);
  }
}

/** Every acknowledged event is at its position, unless it was trimmed; all are in order and there once. */
async function expectEvents({ log }: Store, lines: readonly Line[]): Promise<void> {
  const events = await readAll(log, await log.trimmedTo());
  const positions = events.map(({ position }) => position);
  expect(positions, 'in order, none twice').toEqual([...new Set(positions)].sort((a, b) => a - b));
  expect(new Set(events.map(({ key }) => key)).size, 'no key twice').toBe(events.length);
  const keys = new Map(events.map(({ position, key }) => [position, key]));
  const trims = ofKind(lines, 'trim');
  const mayBeGone = Math.max(0, ...trims.map(({ before }) => before));
  const isGone = Math.max(0, ...trims.filter((line) => line.done).map(({ before }) => before));
  for (const { positions: given, keys: appended, receivedAt } of ofKind(lines, 'append')) {
    const there = given.map((position) => keys.get(position));
    if (receivedAt < isGone) expect(there, 'trimmed').toEqual(given.map(() => undefined));
    else if (receivedAt >= mayBeGone) expect(there, 'an acknowledged append').toEqual(appended);
  }
}

async function expectCursors({ log }: Store, cursors: readonly OfKind<'cursor'>[]): Promise<void> {
  const trimmedTo = await log.trimmedTo();
  for (const { cursor, position } of cursors) {
    const decoded = decodeEventCursor(cursor, log, 'after');
    if (position < trimmedTo) await expect(decoded).rejects.toThrow('no longer holds');
    else expect(await decoded).toBe(position);
  }
}

async function expectSessions({ sessions }: Store, lines: readonly OfKind<'session'>[]): Promise<void> {
  for (const id of new Set(lines.map((line) => line.id))) {
    const states = lines.filter((line) => line.id === id);
    const last = states.findLastIndex((line) => line.done);
    // What was begun after that may have been kept, or not.
    const possible = [states[last]?.sealed ?? null, ...states.slice(last + 1).map(({ sealed }) => sealed)];
    expect(possible).toContain((await sessions.get(id))?.sealed ?? null);
  }
}

export function expectSound(path: string): void {
  const database = new SQLite(path);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
}
