import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The commit that a run compares with: Mekong before card events and bank rows were made cheap for the providers. */
export const BEFORE = '45a44b5';

/**
 * That commit's own build, with its own dependencies. It is made once and kept in `~/.cache/mekong-bench`.
 * @returns the folder that holds its `dist/`.
 * @throws Error where the commit is not in this clone, or cannot be built.
 */
export async function buildBefore(log) {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mekong-bench');
  const folder = join(cache, BEFORE);
  if (existsSync(folder)) return folder;
  log(`builds ${BEFORE} in ${folder}, once`);
  await mkdir(cache, { recursive: true });
  // What is built in the middle of something else is not taken for a build: it gets its name at the end.
  const making = await mkdtemp(join(cache, 'making-'));
  try {
    const archive = run('git', ['archive', '--format=tar', BEFORE], {
      cwd: new URL('../..', import.meta.url),
    });
    run('tar', ['-x'], { cwd: making, input: archive });
    run('npm', ['ci', '--include=dev'], { cwd: making });
    run('npm', ['run', '--silent', 'build'], { cwd: making });
    await rename(making, folder).catch((error) => {
      // Another run was quicker.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}

function run(command, args, options) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { maxBuffer: 1e9, ...options });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  }
  return stdout;
}
