import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import SQLite from 'better-sqlite3';
import { SECOND } from '../lib/duration.ts';
import { makeFolder } from '../lib/make-folder.ts';
import { checkVersion, migrate } from './migrate.ts';
import { tryWrite } from './try-write.ts';

export type Database = SQLite.Database;

/** How long a statement waits for another process (a backup, the reseal command) to let go of the file. */
const BUSY_TIMEOUT = 2 * SECOND;

/**
 * Opens the embedded database, making its folder and file as needed, and brings its tables up to date.
 * Write-ahead log with `synchronous=FULL`: a commit that returned survives a crash of the process and of the machine.
 * What is made is its owner's alone.
 * @param path a file's path, absolute or from the working directory.
 * @throws Error when the file cannot be opened, is damaged, or was written by a newer version.
 */
export function openDatabase(path: string): Database {
  makeFolder(dirname(path));
  // Made with the rights that it shall have; what SQLite makes beside it gets the same.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  const database = new SQLite(path, { timeout: BUSY_TIMEOUT });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    migrate(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/**
 * The same, for who must be able to write. SQLite opens a file that may not be written for reading without a word, and it
 * stays so when it may be written again.
 * @throws Error when nothing can be written, or as `openDatabase`.
 */
export function openDatabaseToWrite(path: string): Database {
  const database = openDatabase(path);
  try {
    tryWrite(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/**
 * Opens a file that a gateway made, and keeps every other process away from it until it is closed.
 * @throws Error when there is no such file, another process has it open, or as `openDatabase`.
 */
export function openDatabaseAlone(path: string): Database {
  requireFile(path);
  const database = new SQLite(path, { timeout: BUSY_TIMEOUT });
  try {
    // Before the first access: from then on a write-ahead log would be shared.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    migrate(database);
  } catch (error) {
    database.close();
    if (!(error instanceof SQLite.SqliteError) || error.code !== 'SQLITE_BUSY') throw error;
    throw new Error(`${path}: another process has the database open. Stop the gateway first.`, {
      cause: error,
    });
  }
  return database;
}

/**
 * Opens a file that a gateway made, perhaps while it runs, and changes nothing.
 * @throws Error when there is no such file, it cannot be opened, or was written by another version.
 */
export function openDatabaseForReading(path: string): Database {
  requireFile(path);
  const database = new SQLite(path, { timeout: BUSY_TIMEOUT, readonly: true });
  try {
    checkVersion(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function requireFile(path: string): void {
  if (!existsSync(path))
    throw new Error(`${path}: there is no database yet. A gateway makes it when it starts.`);
}
