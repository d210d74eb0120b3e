import { closeSync, fsyncSync, openSync } from 'node:fs';

/**
 * Returns when what was written to a file, or the names that were given in a folder, are on the disk: a power cut takes nothing
 * of it back then. A file's name is safe when its folder is synced.
 * @throws Error of the system.
 */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
