import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { sync } from './sync.ts';

/**
 * Makes a folder and those that it is in, for their owner alone, and syncs their names: what is kept in a folder is lost with
 * it when the power goes. One level at a time, as Node.js's own recursive making never returns where the system answers "no
 * such entry" although the parent is there, as pseudo file systems do.
 * @throws Error of the system.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(resolve(folder));
  makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
    sync(parent);
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(folder)) throw error;
  }
}
