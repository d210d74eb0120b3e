import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'vitest';

/**
 * Runs the suite where a program is installed. Elsewhere it is one skipped test that says so, and in CI a failed one.
 * @param name also of its Debian package.
 */
export function withProgram(name: string, suite: (path: string) => void): void {
  const path = findProgram(name);
  if (path) suite(path);
  else reportAbsence(name);
}

function reportAbsence(name: string): void {
  test(`skipped: ${name} not found`, ({ skip }) => {
    skip(!process.env['CI']);
    throw new Error(`${name} not found: CI must have it (Debian: apt-get install ${name})`);
  });
}

/** Where it is, or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there; perhaps in the next one.
    }
  }
  return null;
}
