import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;

/** From the start of the process to the first 200 of /readyz, and its memory three seconds later. */
export async function coldStart() {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-bench-'));
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    PORT: '0',
    STORE_URL: `sqlite:${join(folder, 'mekong.db')}`,
    STORE_KEYS: randomBytes(32).toString('base64'),
    BONGLOY_CLIENT_ID: 'bench',
    BONGLOY_CLIENT_SECRET: 'bench',
    BONGLOY_API_TOKEN: 'bench',
    CASSO_API_KEY: 'bench',
    CASSO_API_URL: 'http://127.0.0.1:9',
  };
  const begun = performance.now();
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const url = await new Promise((resolve, reject) => {
      let text = '';
      child.stderr.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        const found = /"url":"([^"]+)"/.exec(text)?.[1];
        if (found) resolve(found);
      });
      child.on('exit', () => reject(new Error(text)));
    });
    for (;;) {
      const { status } = await fetch(`${url}/readyz`);
      if (status === 200) break;
      await wait(5);
    }
    const ms = performance.now() - begun;
    await wait(3000);
    const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1024;
    return { ms, rss };
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How long Node.js itself takes to start and do nothing. */
export function nodeStart() {
  const begun = performance.now();
  return new Promise((resolve) => {
    spawn(process.execPath, ['-e', '']).on('exit', () => resolve(performance.now() - begun));
  });
}
