import type SQLite from 'better-sqlite3';
import { MIGRATIONS } from './migrations/index.ts';

/**
 * Applies the numbered migrations that the file has not seen, each in one transaction that first claims its number
 * (`user_version`), so that two processes that open the file at once apply each one once. A file that is up to date
 * is not written to.
 * @throws Error when the file's number is greater than the newest one known here.
 */
export function migrate(database: SQLite.Database): void {
  const apply = database.transaction((number: number, sql: string) => {
    if (version(database) >= number) return;
    database.pragma(`user_version = ${number}`);
    database.exec(sql);
  });
  const found = version(database);
  refuseNewer(found);
  MIGRATIONS.forEach((sql, index) => {
    if (index >= found) apply.immediate(index + 1, sql);
  });
}

/** @throws Error when the file is not exactly as `migrate` leaves it. */
export function checkVersion(database: SQLite.Database): void {
  const found = version(database);
  refuseNewer(found);
  if (found < MIGRATIONS.length) {
    throw new Error('the database was written by an older version of this program; start this one once');
  }
}

function refuseNewer(found: number): void {
  if (found > MIGRATIONS.length) {
    throw new Error('the database was written by a newer version of this program; install that one again');
  }
}

const version = (database: SQLite.Database): number =>
  Number(database.pragma('user_version', { simple: true }));
