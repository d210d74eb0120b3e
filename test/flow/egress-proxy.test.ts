import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { remoteKeys } from '../../src/auth/remote-keys.ts';
import { readConfig } from '../../src/config.ts';
import { logIn } from '../../src/sandbox/login.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { createUpstream } from '../../src/upstream/create-upstream.ts';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { mekong } from '../support/terminal.ts';
import { LEAST } from '../unit/config-support.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let proxy: ConnectProxy;
beforeAll(async () => {
  proxy = await startConnectProxy();
});
afterEach(() => proxy.behave('tunnel'));
afterAll(() => proxy.close());

async function startThrough(env: NodeJS.ProcessEnv): Promise<Sandbox> {
  const sandbox = await startSandbox({ env: { PORT: '0', LOG_LEVEL: 'silent', ...env } });
  onTestFinished(() => sandbox.stop());
  return sandbox;
}
async function accounts(sandbox: Sandbox) {
  const response = await fetch(`${sandbox.app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await logIn(sandbox)}` },
    body: JSON.stringify({ query: '{ accounts(first: 1) { nodes { id } } bankAccounts { nodes { id } } }' }),
  });
  return await response.json();
}
const hostOf = (url: string) => new URL(url).host;

describe('where a proxy is set', () => {
  test('every call to a provider leaves through it, with its credentials', async () => {
    const sandbox = await startThrough({ HTTP_PROXY: proxy.url.replace('//', '//team:p%40ss@') });
    const { data, errors } = await accounts(sandbox);
    expect(errors).toBeUndefined();
    expect(data.accounts.nodes).toHaveLength(1);
    const asked = new Set(proxy.targets);
    expect(asked).toEqual(new Set([hostOf(sandbox.bongloy.url), hostOf(sandbox.casso.url)]));
    expect(proxy.authorization).toBe(`Basic ${Buffer.from('team:p@ss').toString('base64')}`);
  });

  test('NO_PROXY names who is called directly', async () => {
    const before = proxy.targets.length;
    const sandbox = await startThrough({ HTTP_PROXY: proxy.url, NO_PROXY: 'example.org, 127.0.0.1' });
    expect((await accounts(sandbox)).errors).toBeUndefined();
    expect(proxy.targets).toHaveLength(before);
  });

  test('the keys of OPERATOR_JWKS_URL are read through it', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end('{"keys":[]}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    await remoteKeys(url, { httpProxy: proxy.url }).reload();
    expect(proxy.targets).toContain(hostOf(url));
    server.closeAllConnections();
  });

  test('one that refuses is named in the log, and by the doctor too', async () => {
    proxy.behave(407);
    const upstream = createUpstream({
      name: 'casso',
      baseUrl: 'https://casso.example',
      proxy: { httpsProxy: proxy.url },
      retries: 0,
    });
    const { signal } = new AbortController();
    await expect(upstream.request({ method: 'GET', path: '/', signal })).rejects.toThrow(
      'the proxy to casso answered 407 in place of a connection',
    );
    await upstream.close();
    const { code, out } = await runDoctor({
      CASSO_API_KEY: 'key',
      HTTPS_PROXY: proxy.url,
      STORE_URL: 'sqlite:/tmp/mekong-egress/none.db',
    });
    expect(code).toBe(1);
    expect(out).toContain('the proxy to casso answered 407');
  });

  test('one that hangs keeps the limits of every call, and nothing waits behind it later', async () => {
    proxy.behave('silent');
    const sandbox = await startThrough({});
    const upstream = createUpstream({
      name: 'bongloy',
      baseUrl: sandbox.bongloy.url,
      proxy: { httpProxy: proxy.url },
      retries: 0,
      concurrency: 2,
      attemptTimeoutMs: 200,
      totalTimeoutMs: 400,
      breaker: { minimumCalls: 1000 },
    });
    onTestFinished(() => upstream.close());
    const { signal } = new AbortController();
    const ask = () => upstream.request({ method: 'GET', path: '/_sandbox/state', signal });
    const begun = performance.now();
    const outcomes = await Promise.allSettled([ask(), ask(), ask(), ask()]);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(performance.now() - begun).toBeLessThan(5000);
    proxy.behave('tunnel');
    await expect
      .poll(
        () =>
          ask().then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 10_000 },
      )
      .toBe(200);
  });
});

async function runDoctor(env: Record<string, string>) {
  const names = Object.keys(env);
  for (const name of names) vi.stubEnv(name, env[name]);
  vi.stubEnv('STORE_KEYS', LEAST.STORE_KEYS);
  try {
    return await mekong('doctor');
  } finally {
    vi.unstubAllEnvs();
  }
}

describe('the settings of the proxy', () => {
  test('may be written in small letters, which win, as with other programs', () => {
    const env = { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://capital:2', no_proxy: 'localhost' };
    expect(readConfig({ ...LEAST, ...env }).proxy).toEqual({
      httpsProxy: 'http://small:1',
      noProxy: 'localhost',
    });
    expect(readConfig({ ...LEAST, NO_PROXY: 'localhost' }).proxy).toBeNull();
  });

  test.each(['socks5://proxy:1080', 'proxy.example.com:3128', 'http://proxy/path'])(
    'are refused with words when no such proxy is supported: %s',
    (value) => {
      expect(() => readConfig({ ...LEAST, HTTPS_PROXY: value })).toThrow(
        'HTTPS_PROXY must be the http(s) URL of a proxy',
      );
    },
  );
});
