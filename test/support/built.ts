import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;
/** Where the run of vitest has it; its workers inherit this. */
const VARIABLE = 'MEKONG_BUILT';

/** A program of the product as it is shipped: its processes start in a part of the time that the sources take. */
export function built(program: 'main.js' | 'cli.js'): string {
  const folder = process.env[VARIABLE] ?? build();
  process.env[VARIABLE] = folder;
  return join(folder, 'dist', program);
}

/** Vitest's global set-up: one build for all tests. */
export default function setup(): () => void {
  built('main.js');
  return () => rmSync(process.env[VARIABLE] ?? '', { recursive: true, force: true });
}

function build(): string {
  // Within the project, so that its packages are found.
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'mekong-built-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const dist = join(folder, 'dist');
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', dist], { cwd: ROOT });
  // It says its version from there.
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  return folder;
}
