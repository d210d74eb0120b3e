import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import SQLite from 'better-sqlite3';
import { SECOND } from '../lib/duration.ts';
import { sync } from '../lib/sync.ts';
import { lockDatabase } from './lock.ts';

/** Of the pages of the file; both 0 before anything is known. */
export interface BackupProgress {
  readonly copiedPages: number;
  readonly totalPages: number;
}

/** Pages of one step, 4 KB each: between two of them others have their turn. */
const STEP = 250;
const BUSY_TIMEOUT = 5 * SECOND;

/**
 * Copies the database as it is at this moment, also while a gateway writes to it and without holding it up. The copy is
 * read through before it gets its name: what is there under that name is whole. It holds what the original holds
 * (sealed sessions, bank transactions), and is its owner's alone.
 * @param to must not exist yet; its folder must.
 * @throws Error when `from` is no database of ours or is damaged, when `to` exists, or the disk is full: nothing is
 *   left behind then.
 */
export async function backupDatabase(
  from: string,
  to: string,
  onProgress: (progress: BackupProgress) => void = () => {},
): Promise<void> {
  // A journal of another file under this name would be played into the copy by whoever opens it.
  for (const name of [to, `${to}-wal`, `${to}-journal`]) {
    if (existsSync(name)) throw new Error(`${name} exists already. Move it away, or name another file.`);
  }
  const part = `${to}.part`;
  const source = new SQLite(from, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT });
  try {
    rmSync(part, { force: true });
    closeSync(openSync(part, 'wx', 0o600));
    // What is read is held fast: a writer between two steps would make the copy begin anew, again and again.
    source.exec('BEGIN');
    source.prepare('SELECT epoch FROM event_log').get();
    const { totalPages: copied } = await source.backup(part, {
      progress({ totalPages, remainingPages }) {
        onProgress({ copiedPages: totalPages - remainingPages, totalPages });
        return STEP;
      },
    });
    source.exec('COMMIT');
    onProgress({ copiedPages: copied, totalPages: copied });
    assertWhole(part, from);
    sync(part);
    renameSync(part, to);
    sync(dirname(to));
  } catch (error) {
    for (const name of [part, `${part}-wal`, `${part}-shm`, `${part}-journal`]) rmSync(name, { force: true });
    throw explained(error, from);
  } finally {
    source.close();
  }
}

/**
 * Puts a backup in the place of a database that was moved away, while no gateway runs. Cursors of what came after the
 * backup are then answered CURSOR_EXPIRED (src/events/sqlite-epochs.ts).
 * @throws as `backupDatabase`; DatabaseInUse while a gateway has `to` open.
 */
export async function restoreDatabase(
  from: string,
  to: string,
  onProgress?: (progress: BackupProgress) => void,
): Promise<void> {
  const unlock = lockDatabase(to);
  try {
    await backupDatabase(from, to, onProgress);
  } finally {
    unlock();
  }
}

/** Leaves the copy as one file. @throws Error naming the original when a page of it is not what it should be. */
function assertWhole(copy: string, original: string): void {
  const database = new SQLite(copy);
  try {
    const found = database.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw damaged(original);
    database.pragma('journal_mode = DELETE');
  } finally {
    database.close();
  }
}

const damaged = (path: string) =>
  new Error(`${path} is damaged, and was not copied. Keep the older backups: you may need one.`);

function explained(error: unknown, path: string): unknown {
  if (!(error instanceof SQLite.SqliteError)) return error;
  if (error.code === 'SQLITE_CORRUPT') return damaged(path);
  if (error.code === 'SQLITE_NOTADB' || error.message.includes('no such table')) {
    return new Error(`${path} is no database of this program.`, { cause: error });
  }
  return error;
}
