import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** Where and with what it was measured. */
export async function machine() {
  const lock = JSON.parse(await readFile(new URL('../package-lock.json', import.meta.url), 'utf8'));
  const direct = Object.keys(lock.packages[''].dependencies);
  return {
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0].model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    kernel: release(),
    /** Runnable processes, mean of the minute before: on a quiet machine near 0. */
    load: loadavg()[0],
    node: process.version,
    versions: Object.fromEntries(direct.map((name) => [name, lock.packages[`node_modules/${name}`].version])),
  };
}

/** Null outside a clone. */
function commit() {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: new URL('.', import.meta.url),
  });
  return status === 0 ? stdout.toString().trim() : null;
}
