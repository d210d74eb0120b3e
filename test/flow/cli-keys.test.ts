import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { logIn } from '../../src/sandbox/login.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { runCommand } from '../support/command.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'mekong-keys-'));
const STORE_URL = `sqlite:${join(folder, 'mekong.db')}`;
let oldKey = '';

/** A gateway on the folder's database, for the time of one look. */
async function withGateway<T>(
  storeKeys: string,
  look: (url: string, token: string) => Promise<T>,
): Promise<T> {
  const sandbox = await startSandbox({
    folder,
    env: { PORT: '0', LOG_LEVEL: 'silent', STORE_KEYS: storeKeys },
  });
  try {
    return await look(sandbox.app.url, token || (await logIn(sandbox)));
  } finally {
    await sandbox.stop();
  }
}

let token = '';
const linked = (storeKeys: string) =>
  withGateway(storeKeys, async (url) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"query":"{ viewer { linkedProviders } }"}',
    });
    return response.status === 200 ? (await response.json()).data.viewer.linkedProviders : response.status;
  });

beforeAll(async () => {
  oldKey = (await runCommand(['keys', 'store'])).out.trim();
  token = await withGateway(oldKey, async (_url, made) => made);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('mekong keys store prints a key that the gateway takes, and nothing else on standard output', async () => {
  expect(Buffer.from(oldKey, 'base64')).toHaveLength(32);
  expect(await linked(oldKey)).toEqual(['BONGLOY', 'CASSO']);
});

test('rotate, reseal, retire: at each step every session still opens, and at the end with the new key alone', async () => {
  const rotated = await runCommand(['keys', 'rotate'], { STORE_URL, STORE_KEYS: oldKey });
  expect(rotated).toMatchObject({ code: 0 });
  const both = rotated.out.trim();
  expect(both.split(',')).toEqual([expect.any(String), oldKey]);
  expect(await linked(both)).toEqual(['BONGLOY', 'CASSO']);

  const tooEarly = await runCommand(['keys', 'retire'], { STORE_URL, STORE_KEYS: both });
  expect(tooEarly).toMatchObject({ code: 1, out: '' });
  expect(tooEarly.err).toContain('1 session still needs an old key. Run: mekong keys reseal');

  const resealed = await runCommand(['keys', 'reseal'], { STORE_URL, STORE_KEYS: both });
  expect(resealed).toEqual({
    code: 0,
    out:
      '1 session sealed with the first key, 0 were already, 0 cannot be opened with any of the keys.\n' +
      '0 deliveries kept aside sealed with the first key, 0 were already, 0 cannot be opened with any of the keys.\n',
    err: '',
  });

  const retired = await runCommand(['keys', 'retire'], { STORE_URL, STORE_KEYS: both });
  expect(retired).toMatchObject({ code: 0, out: `${both.split(',')[0]}\n` });
  expect(await linked(retired.out.trim())).toEqual(['BONGLOY', 'CASSO']);
});

test('settings may come from a file, and the environment wins over it', async () => {
  const file = join(folder, '.env');
  writeFileSync(file, `STORE_KEYS=${oldKey}\nSTORE_URL="sqlite:/nowhere/at/all.db"\n`);
  const rotated = await runCommand(['keys', 'rotate', '--env-file', file]);
  expect(rotated.out.trim()).toMatch(new RegExp(`,${oldKey.replace(/[+/=]/g, '\\$&')}$`));
  const reseal = await runCommand(['--env-file', file, 'keys', 'retire'], { STORE_URL });
  expect(reseal.code).toBe(0);
});

test('wrong settings are listed all at once, with exit code 1', async () => {
  const said = await runCommand(['keys', 'rotate'], { STORE_KEYS: 'short', PORT: 'http' });
  expect(said).toMatchObject({ code: 1, out: '' });
  expect(said.err).toContain('PORT must be');
  expect(said.err).toContain('STORE_KEYS must be');
  expect(said.err).not.toContain('    at ');
});
