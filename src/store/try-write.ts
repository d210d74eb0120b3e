import { statSync } from 'node:fs';
import type SQLite from 'better-sqlite3';

/** A row for each table and index, so that a damaged page on the way to a new row is met here, and not by a webhook. */
const ROWS = `
  INSERT INTO events (provider, key, received_at, bank_account_number, event) VALUES ('', 'try-write', 0, '', '');
  INSERT INTO event_epochs (epoch, begins_after) VALUES ('try-write', 0);
  UPDATE event_log SET trimmed_to = trimmed_to;
  INSERT OR REPLACE INTO reconciliation (id, baseline, settled, settled_at) VALUES (1, 0, 0, 0);
  INSERT INTO sessions (id, version, created_at, expires_at, sealed) VALUES ('try-write', 0, 0, 0, '');
  INSERT INTO aside (id, version, provider, scheme, reason, received_at, size, sealed)
    VALUES ('try-write', 0, '', '', '', 0, 0, '');
  INSERT INTO budgets (key, revision, value, written_at) VALUES ('try-write', 0, '', 0);
  INSERT INTO use_marks (id, expires_at) VALUES ('try-write', 0);
`;

/**
 * Writes to the database, and leaves what it holds as it is: the rows are taken back before they reach the disk, and what is
 * committed is one page with the number of the newest migration, which stood there before.
 * @throws SqliteError when it cannot be written: a full disk, a read-only file system, a damaged page.
 */
export function tryWrite(database: SQLite.Database): void {
  try {
    database.exec(`BEGIN IMMEDIATE; ${ROWS}`);
  } finally {
    if (database.inTransaction) database.exec('ROLLBACK');
  }
  database.pragma(`user_version = ${Number(database.pragma('user_version', { simple: true }))}`);
}

/**
 * Writes to a file that was moved away or replaced succeed, and are never seen again.
 * @returns throws Error when that has happened since.
 */
export function watchFile(path: string): () => void {
  const opened = statSync(path);
  return () => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.ino === opened.ino && found.dev === opened.dev) return;
    throw new Error('the database file was moved away or replaced. Put it back, or start again.');
  };
}
