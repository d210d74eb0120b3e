import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { type Missing, withNeeds } from './needs.ts';

/** Runs the suite where that program is installed: see `withNeeds`. */
export const withProgram = (name: string, suite: () => void): void => withNeeds([program(name)], suite);

/**
 * A program as a need.
 * @param atLeast the oldest version that will do, as `--version` prints it.
 * @param debianPackage where its name is another one.
 */
export function program(name: string, atLeast?: string, debianPackage = name): Missing {
  const path = findProgram(name);
  if (!path)
    return `${name}${atLeast ? ` ${atLeast} or newer` : ''} (Debian: apt-get install ${debianPackage})`;
  if (!atLeast) return null;
  const version = versionOf(path);
  return version.localeCompare(atLeast, 'en', { numeric: true }) < 0
    ? `${name} ${atLeast} or newer (installed is ${version || 'one that tells no version'})`
    : null;
}

/** Its path; null when it is not installed. */
export function findProgram(name: string): string | null {
  if (isAbsolute(name)) return isRunnable(name) ? name : null;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, name)).find(isRunnable) ?? null;
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(path: string): string {
  try {
    return (
      /\d+(\.\d+)+/.exec(execFileSync(path, ['--version'], { encoding: 'utf8', stdio: 'pipe' }))?.[0] ?? ''
    );
  } catch {
    return '';
  }
}
