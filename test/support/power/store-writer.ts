/**
 * Works with a store until it has done all of its rounds: appends, sessions, trims, backups, and several starts. Prints a line for
 * each thing that has resolved, with the length of the record at that moment, and before that one for what it begins.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import type { Store } from '../../../src/app/store.ts';
import { openSqliteStoreAlone } from '../../../src/app/store-sqlite.ts';
import { encodeEventCursor } from '../../../src/events/cursor.ts';
import { backupDatabase } from '../../../src/store/backup.ts';
import { bankEvent, bongloyEvent, keysOf } from '../events.ts';

/** One line: what was begun or done. */
export type Line = { readonly at: number; readonly done: boolean } & (
  | {
      readonly kind: 'append';
      readonly keys: readonly string[];
      readonly positions: readonly number[];
      readonly receivedAt: number;
    }
  /** `sealed` null: deleted. */
  | { readonly kind: 'session'; readonly id: string; readonly sealed: string | null }
  /** What was received before that time is forgotten. */
  | { readonly kind: 'trim'; readonly before: number }
  | { readonly kind: 'cursor'; readonly cursor: string; readonly position: number }
  | { readonly kind: 'backup'; readonly file: string }
);

const STARTS = 3;
const ROUNDS = Number(process.env['ROUNDS'] ?? 12);
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 1);

const [, , path = ''] = process.argv;
const record = process.env['POWER_RECORD'] ?? '';

if (process.env['WITHOUT_SYNC']) {
  const { prototype } = SQLite;
  const pragma = Reflect.get(prototype, 'pragma');
  prototype.pragma = function (text, options) {
    return pragma.call(this, text.replace('synchronous = FULL', 'synchronous = OFF'), options);
  };
}

type Told = Line extends infer L ? (L extends Line ? Omit<L, 'at'> : never) : never;
const tell = (line: Told): void => {
  process.stdout.write(`${JSON.stringify({ at: statSync(record).size, ...line })}\n`);
};

let round = 0;

async function append(store: Store, count: number): Promise<void> {
  const receivedAt = NOW + round * HOUR;
  const events = Array.from({ length: count }, (_, n) =>
    n % 2 ? bongloyEvent({ receivedAt }) : bankEvent({}, receivedAt),
  );
  const results = await store.log.append(events);
  tell({
    kind: 'append',
    done: true,
    keys: keysOf(events),
    positions: results.map((one) => one.position),
    receivedAt,
  });
}

async function useSession({ sessions }: Store, name: string): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  const row = { id, createdAt: NOW, expiresAt: NOW + HOUR };
  const created = `${name} created`;
  tell({ kind: 'session', done: false, id, sealed: created });
  const { version } = await sessions.create({ ...row, sealed: created });
  tell({ kind: 'session', done: true, id, sealed: created });
  const replaced = `${name} replaced`;
  tell({ kind: 'session', done: false, id, sealed: replaced });
  await sessions.replace({ ...row, sealed: replaced }, version);
  tell({ kind: 'session', done: true, id, sealed: replaced });
  if (round % 2) return;
  tell({ kind: 'session', done: false, id, sealed: null });
  await sessions.delete(id);
  tell({ kind: 'session', done: true, id, sealed: null });
}

async function trim({ log }: Store): Promise<void> {
  const before = NOW + (round - 6) * HOUR;
  tell({ kind: 'trim', done: false, before });
  await log.trim(before);
  tell({ kind: 'trim', done: true, before });
}

for (let start = 0; start < STARTS; start += 1) {
  const store = openSqliteStoreAlone(path);
  for (let n = 0; n < ROUNDS; n += 1, round += 1) {
    await Promise.all([
      append(store, 1),
      append(store, 3),
      useSession(store, `a${round}`),
      useSession(store, `b${round}`),
    ]);
    const position = await store.log.end();
    tell({ kind: 'cursor', done: true, cursor: encodeEventCursor(store.log, position), position });
    if (round % 5 === 4) await Promise.all([trim(store), append(store, 2)]);
    if (round % 12 === 7) {
      const file = `${path}.backup-${round}`;
      await Promise.all([backupDatabase(path, file), append(store, 2)]);
      tell({ kind: 'backup', done: true, file });
    }
  }
  await store.log.close();
  await store.close();
}
