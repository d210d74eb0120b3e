import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { openDatabase } from '../../src/store/database.ts';
import { readAll } from '../support/events.ts';

const WRITER = fileURLToPath(new URL('event-log-writer.ts', import.meta.url));
const KILLS = 6;

interface Acknowledged {
  readonly keys: readonly string[];
  readonly positions: readonly number[];
}

/** Starts a writer, kills it in the middle of its work, and returns what it had acknowledged. */
async function writeUntilKilled(path: string, afterLines: number): Promise<Acknowledged[]> {
  const writer = spawn(process.execPath, ['--import', 'tsx', WRITER, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(writer, 'close');
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    // The kill may cut the last line short: that one was not told.
    if (line.endsWith('}')) acknowledged.push(JSON.parse(line) as Acknowledged);
    if (acknowledged.length === afterLines) writer.kill('SIGKILL');
  }
  const [, signal] = await closed;
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

test('kill -9 under load, again and again: every acknowledged event is there once, in order, appends whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  const path = join(folder, 'mekong.db');
  try {
    const acknowledged: Acknowledged[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      acknowledged.push(...(await writeUntilKilled(path, 1 + Math.floor(Math.random() * 400))));
    }

    const database = openDatabase(path);
    const log = createSqliteEventLog({ database });
    const events = await readAll(log, 0);
    const positions = events.map(({ position }) => position);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
    const keyAt = new Map(events.map(({ position, key }) => [position, key]));
    expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS);
    for (const { keys, positions: told } of acknowledged) {
      expect(told.map((position) => keyAt.get(position))).toEqual(keys);
      expect(told).toEqual(told.map((_, n) => (told[0] ?? 0) + n));
    }
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    await log.close();
    database.close();
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
