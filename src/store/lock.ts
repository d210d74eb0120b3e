import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import SQLite from 'better-sqlite3';

/** Another process has the database open as its own. */
export class DatabaseInUse extends Error {
  override readonly name = 'DatabaseInUse';

  constructor(path: string) {
    super(
      `another process uses the database ${path}, and one gateway at a time may. Stop the other one, or set STORE_URL ` +
        'to a file of its own.',
    );
  }
}

/**
 * Makes a database this process's own: the log wakes its followers, and sessions end their sockets, for what this
 * process writes alone. Readers, backups and the reseal command ask for no lock and work beside it.
 *
 * It is SQLite's own lock, on an empty file beside the database, `‹name›.lock`: the system takes it from a process that
 * dies, however it dies, so that no stale one is ever in the way. The file stays; removing it while a gateway runs
 * would let a second one in.
 * @param path of the database file, which need not exist; its folder must.
 * @returns lets go of it.
 * @throws DatabaseInUse when another process has it; Error when the file cannot be made.
 */
export function lockDatabase(path: string): () => void {
  const file = new SQLite(`${realPath(path)}.lock`, { timeout: 0 });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if (error instanceof SQLite.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      throw new DatabaseInUse(path);
    throw error;
  }
  return () => void file.close();
}

/** One lock for one file, by whatever name it is reached. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(realpathSync(dirname(path)), basename(path));
  }
}
