import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { SKIPPED } from './needs.ts';

/** A small file system of its own. */
export interface Mount {
  readonly folder: string;
  remount(how: 'ro' | 'rw'): void;
  remove(): void;
}

/** @param bytes how much it holds. @throws Error where this user may not mount. */
export function mountTemporary(bytes: number): Mount {
  const parent = mkdtempSync(join(tmpdir(), 'mekong-mount-'));
  const folder = join(parent, 'disk');
  mkdirSync(folder);
  const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });
  try {
    mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder);
  } catch (error) {
    rmSync(parent, { recursive: true });
    throw error;
  }
  return {
    folder,
    remount: (how) => void mount('-o', `remount,${how}`, folder),
    remove() {
      execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
      rmSync(parent, { recursive: true });
    },
  };
}

/** Runs the suite where this user may mount; a container, or a user other than root, often may not. */
export function withMounts(suite: () => void): void {
  if (mayMount()) return suite();
  describe.skipIf(true)(`${SKIPPED}the right to mount a file system (root)`, () => {
    suite();
  });
}

function mayMount(): boolean {
  try {
    mountTemporary(4096).remove();
    return true;
  } catch {
    return false;
  }
}
