import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SQLite from 'better-sqlite3';
import { migrate } from './migrate.ts';

export type Database = SQLite.Database;

/**
 * Opens the embedded database, making its folder and file as needed, and brings its tables up to date.
 * Write-ahead log with `synchronous=FULL`: a commit that returned survives a crash of the process and of the machine.
 * @param path a file's path, absolute or from the working directory.
 * @throws Error when the file cannot be opened, is damaged, or was written by a newer version.
 */
export function openDatabase(path: string): Database {
  mkdirSync(dirname(path), { recursive: true });
  const database = new SQLite(path);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('busy_timeout = 2000');
    migrate(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}
