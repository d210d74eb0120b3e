import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { logIn } from '../../src/sandbox/login.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { runCommand } from '../support/command.ts';
import { mekong } from '../support/terminal.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'mekong-doctor-'));
const STORE_KEYS = randomBytes(32).toString('base64');
let sandbox: Sandbox;
/** The settings of a gateway that has no trouble. */
let healthy: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  sandbox = await startSandbox({ folder, env: { PORT: '0', LOG_LEVEL: 'silent', STORE_KEYS } });
  await logIn(sandbox);
  const { bongloy, casso, app } = sandbox;
  healthy = {
    STORE_URL: `sqlite:${join(folder, 'mekong.db')}`,
    STORE_KEYS,
    PUBLIC_URL: app.url,
    BONGLOY_API_URL: bongloy.url,
    BONGLOY_CLIENT_ID: bongloy.application.clientId,
    BONGLOY_CLIENT_SECRET: bongloy.application.clientSecret,
    BONGLOY_API_TOKEN: bongloy.application.apiToken,
    BONGLOY_WEBHOOK_SECRETS: 'any',
    CASSO_API_URL: casso.url,
    CASSO_API_KEY: SANDBOX_BUSINESSES.main.apiKey,
    CASSO_CLIENT_ID: casso.oauthClient.clientId,
    CASSO_CLIENT_SECRET: casso.oauthClient.clientSecret,
    CASSO_REDIRECT_URIS: casso.oauthClient.redirectUris.join(','),
    CASSO_WEBHOOK_CHECKSUM_KEYS: 'any',
  };
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

/** All that the simulators hold, but for how often they were asked. */
const providers = () =>
  Promise.all(
    [sandbox.bongloy.url, sandbox.casso.url].map(async (url) => {
      const state = await (await fetch(`${url}/_sandbox/state`)).json();
      return { ...state, requests: 'any' };
    }),
  );

const lines = (out: string) => out.trimEnd().split('\n');

interface Finding {
  readonly about: string;
  readonly status: string;
  readonly says: string;
  readonly cure?: string;
}

/** What it finds with some settings changed. */
async function findings(
  changes: Readonly<Record<string, string>>,
): Promise<{ code: number; found: Finding[] }> {
  const file = join(mkdtempSync(join(folder, 'env-')), '.env');
  const settings = Object.entries({ ...healthy, ...changes }).filter(([, value]) => value !== '');
  writeFileSync(file, settings.map(([name, value]) => `${name}=${value}\n`).join(''));
  const { code, out, err } = await mekong('--env-file', file, 'doctor', '--json');
  expect(err).toBe('');
  const { healthy: isHealthy, findings } = JSON.parse(out);
  expect(isHealthy).toBe(code === 0);
  return { code, found: findings };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('mekong doctor', () => {
  test('finds nothing to mend where all is well, and changes nothing at the providers', async () => {
    const before = await providers();
    const { code, out, err } = await runCommand(['doctor'], healthy);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(lines(out)).toEqual([
      'ok    settings   all of them can be read',
      'skip  operators  their tokens are off: no OPERATOR_ setting is set',
      'ok    store      can be read: 0 events, 1 session, 0 deliveries kept aside',
      'ok    keys       the first of STORE_KEYS opens everything that is sealed',
      `ok    Bongloy    answers at ${sandbox.bongloy.url}`,
      'ok    Bongloy    takes the client id and secret',
      'ok    Bongloy    takes the API token',
      `ok    Casso      answers at ${sandbox.casso.url}, and takes the API key`,
      'ok    Casso      takes the OAuth client id and secret',
      `ok    webhooks   ${sandbox.app.url}/webhooks/bongloy is reached, and refuses what is not signed`,
      `ok    webhooks   ${sandbox.app.url}/webhooks/casso is reached, and refuses what is not signed`,
      'ok    clock      agrees with the providers’',
    ]);
    expect(await providers()).toEqual(before);
  });

  test.each([
    ['BONGLOY_CLIENT_SECRET', 'Bongloy', 'fail', 'refuses the client id and secret (Bongloy answered 401)'],
    ['BONGLOY_API_TOKEN', 'Bongloy', 'fail', 'refuses the API token (Bongloy answered 401)'],
    ['CASSO_API_KEY', 'Casso', 'fail', 'refuses the API key'],
    ['CASSO_CLIENT_SECRET', 'Casso', 'warn', 'refuses the OAuth client, or does not say what it refuses'],
  ])('says that %s is wrong, and names it in the cure', async (name, about, status, says) => {
    const { code, found } = await findings({ [name]: 'not-the-secret' });
    expect(code).toBe(status === 'fail' ? 1 : 0);
    const finding = found.find((one) => one.about === about && one.status === status);
    expect(finding?.says).toContain(says);
    expect(finding?.cure).toContain(name);
    expect(JSON.stringify(found)).not.toContain('not-the-secret');
  });

  test('takes a provider that allows no more requests for neither well nor ill', async () => {
    const busy = createServer((_request, response) => response.writeHead(429).end());
    const { code, found } = await findings({ BONGLOY_API_URL: await listening(busy) });
    expect(code).toBe(0);
    expect(found.filter(({ about }) => about === 'Bongloy').map(({ status }) => status)).toEqual([
      'ok',
      'warn',
      'warn',
    ]);
  });

  test('says that a provider cannot be reached, and looks at the rest all the same', async () => {
    const { code, found } = await findings({ BONGLOY_API_URL: 'http://127.0.0.1:9' });
    expect(code).toBe(1);
    expect(found.find(({ status }) => status === 'fail')).toMatchObject({
      about: 'Bongloy',
      says: expect.stringContaining('cannot be reached at http://127.0.0.1:9'),
    });
    expect(found.filter(({ about }) => about === 'Casso').map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  test('says that a new key has not sealed everything yet, or that the right one is missing', async () => {
    const newKey = randomBytes(32).toString('base64');
    const rotated = await findings({ STORE_KEYS: `${newKey},${STORE_KEYS}` });
    expect(rotated.found).toContainEqual({
      about: 'keys',
      status: 'warn',
      says: 'an old key is still needed by 1 session',
      cure: 'Run: mekong keys reseal',
    });
    const lost = await findings({ STORE_KEYS: newKey });
    expect(lost.found.find(({ about }) => about === 'keys')).toMatchObject({
      status: 'warn',
      says: '1 session sealed with a key that is not in STORE_KEYS: each takes a new login',
    });
  });

  test('says that a name is no setting, which would otherwise be overlooked', async () => {
    const { code, found } = await findings({ BONGLOY_WEBHOOK_SECRET: 'typed wrong' });
    expect(code).toBe(0);
    expect(found).toContainEqual({
      about: 'settings',
      status: 'warn',
      says: 'BONGLOY_WEBHOOK_SECRET is no setting',
      cure: 'Compare its name with .env.example.',
    });
  });

  test('does not make a store that is not there, and says that it can be made', async () => {
    const { code, found } = await findings({ STORE_URL: `sqlite:${folder}/not/there/yet.db` });
    expect(code).toBe(0);
    expect(found.find(({ about }) => about === 'store')).toMatchObject({ status: 'ok' });
    const again = await findings({ STORE_URL: `sqlite:${folder}/not/there/yet.db` });
    expect(again.found.find(({ about }) => about === 'store')?.says).toContain('is not there yet');
  });

  test('tells a gateway that is not running from a proxy that answers in its place', async () => {
    const down = await findings({ PUBLIC_URL: 'http://127.0.0.1:9' });
    expect(down.found.find(({ about }) => about === 'webhooks')?.says).toContain('nothing answers at');
    const proxy = await listening(
      createServer((_request, response) => response.writeHead(200).end('<html>')),
    );
    const wrong = await findings({ PUBLIC_URL: proxy });
    expect(wrong.found.find(({ about }) => about === 'webhooks')).toMatchObject({
      status: 'fail',
      says: `${proxy}/healthz answers 200, and not as the gateway does`,
    });
    expect([down.code, wrong.code]).toEqual([1, 1]);
  });

  test('says by how much this machine’s clock is wrong', async () => {
    const late = createServer((_request, response) => {
      response.writeHead(400, { date: new Date(Date.now() - 90_000).toUTCString() }).end();
    });
    const url = await listening(late);
    const { code, found } = await findings({
      BONGLOY_API_URL: url,
      CASSO_API_KEY: '',
      CASSO_CLIENT_ID: '',
      CASSO_CLIENT_SECRET: '',
      CASSO_REDIRECT_URIS: '',
    });
    expect(code).toBe(1);
    expect(found.at(-1)).toMatchObject({
      about: 'clock',
      status: 'fail',
      says: expect.stringMatching(/^this machine is (89|90|91) s ahead: tokens will be refused$/),
    });
  });

  test('lists wrong settings, all of them, and looks no further', async () => {
    const { code, out, err } = await runCommand(['doctor'], { PORT: 'http' });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('PORT must be');
    expect(err).toContain('STORE_KEYS is required');
  });

  test('lists wrong settings as findings, for a program that reads JSON', async () => {
    const { code, found } = await findings({ PORT: 'http', STORE_KEYS: '' });
    expect(code).toBe(1);
    expect(found).toEqual([
      expect.objectContaining({
        about: 'settings',
        status: 'fail',
        says: expect.stringMatching(/^PORT must be/),
      }),
      expect.objectContaining({
        about: 'settings',
        status: 'fail',
        says: expect.stringMatching(/^STORE_KEYS is required/),
      }),
    ]);
    for (const { cure } of found) expect(cure).toContain('.env.example');
  });
});
