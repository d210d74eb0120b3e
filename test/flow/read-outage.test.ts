import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, logInAs } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

type Provider = 'BONGLOY' | 'CASSO';
type Fault = Parameters<Gateway['bongloy']['control']['setFault']>[0] &
  Parameters<Gateway['casso']['control']['setFault']>[0];

const QUERY = `{
  accounts(first: 1) { nodes { id } }
  bankAccounts(first: 1) { nodes { id } }
  activity(first: 5) { nodes { provider } unavailableProviders }
}`;
const FIELD_OF = { BONGLOY: 'accounts', CASSO: 'bankAccounts' } as const;
const OTHER = { BONGLOY: 'CASSO', CASSO: 'BONGLOY' } as const;

/** Each test has a gateway of its own: the breaker remembers failures for ten seconds. */
const running = new Set<Gateway>();
async function start(env: NodeJS.ProcessEnv = {}, folder?: string): Promise<Gateway> {
  // Without the operator's key nothing is reconciled: no other request takes the faults.
  const gateway = await startGateway({ env: { CASSO_API_KEY: '', ...env }, ...(folder && { folder }) });
  running.add(gateway);
  return gateway;
}
afterEach(async () => {
  await Promise.all([...running].map((gateway) => gateway.stop()));
  running.clear();
});

function breakDown(gateway: Gateway, provider: Provider, fault: object): void {
  if (provider === 'BONGLOY')
    gateway.bongloy.control.setFault({ ...fault, match: '/connect', times: 1_000 } as Fault);
  else gateway.casso.control.setFault({ ...fault, match: '/v2', times: 1_000 } as Fault);
}

/** The other provider's half is there, and the failures say whose they are, and nothing else. */
async function expectHalf(gateway: Gateway, token: string, down: Provider, extensions: object) {
  const { data, errors, status } = await gateway.ask(QUERY, {}, token);
  expect(status).toBe(200);
  expect(data?.[FIELD_OF[down]]).toBeNull();
  expect(data?.[FIELD_OF[OTHER[down]]].nodes).toHaveLength(1);
  expect(data?.activity.nodes.map((row: { provider: string }) => row.provider)).toEqual(
    Array(5).fill(OTHER[down]),
  );
  expect(data?.activity.unavailableProviders).toEqual([down]);
  const told = errors?.map((error) => ({ path: error.path, extensions: error.extensions }));
  expect(told).toHaveLength(2);
  for (const path of [[FIELD_OF[down]], ['activity']]) {
    expect(told).toContainEqual({ path, extensions: { provider: down, ...extensions } });
  }
  expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|html|sorry|Bearer|Apikey|\/v\d/i);
}

const UNAVAILABLE = { code: 'UPSTREAM_UNAVAILABLE' };

describe.each(['BONGLOY', 'CASSO'] as const)('when %s is down, the other half is answered', (provider) => {
  test.each([
    ['resets the connection', { kind: 'reset' }, UNAVAILABLE],
    ['resets it in the middle of an answer', { kind: 'reset-mid-body' }, UNAVAILABLE],
    ['sends less than it announced', { kind: 'wrong-content-length' }, UNAVAILABLE],
    ['answers 500', { kind: 'status', code: 500 }, UNAVAILABLE],
    ['answers 503', { kind: 'status', code: 503 }, UNAVAILABLE],
    ['answers a page of HTML', { kind: 'html' }, UNAVAILABLE],
    ['answers a page of HTML with 502', { kind: 'html', code: 502 }, UNAVAILABLE],
    ['answers half of its JSON', { kind: 'truncated-json' }, UNAVAILABLE],
    ['answers another document', { kind: 'wrong-shape' }, UNAVAILABLE],
    ['answers more than anybody can read', { kind: 'huge-body', bytes: 8 * 1024 * 1024 }, UNAVAILABLE],
    ['refuses with 403', { kind: 'status', code: 403 }, { code: 'UPSTREAM_REJECTED' }],
    [
      'wants to be left alone for longer than a request lasts',
      { kind: 'status', code: 429, retryAfter: 30 },
      { code: 'RATE_LIMITED', retryAfterSeconds: 30 },
    ],
    [
      'allows no more requests, and does not say for how long',
      { kind: 'status', code: 429 },
      { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) },
    ],
  ])('it %s', async (_what, fault, extensions) => {
    const gateway = await start();
    const token = await gateway.logIn();
    breakDown(gateway, provider, fault);
    await expectHalf(gateway, token, provider, extensions);
  });

  test('it is not there at all', async () => {
    const gateway = await start();
    const token = await gateway.logIn();
    await (provider === 'BONGLOY' ? gateway.bongloy : gateway.casso).close();
    await expectHalf(gateway, token, provider, UNAVAILABLE);
  });

  test.each([
    ['its name cannot be resolved', () => `https://${provider.toLowerCase()}.invalid`],
    ['it does not speak TLS', (url: string) => url.replace('http:', 'https:')],
  ])('%s', async (_what, addressOf) => {
    const folder = await mkdtemp(join(tmpdir(), 'mekong-outage-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const env = { STORE_KEYS: randomBytes(32).toString('base64') };
    const before = await start(env, folder);
    const token = await before.logIn();
    await before.stop();
    running.delete(before);

    const wrong = addressOf(provider === 'BONGLOY' ? before.bongloy.url : before.casso.url);
    const gateway = await start({ ...env, [`${provider}_API_URL`]: wrong }, folder);
    // Its simulator is a new one, which knows nothing of the earlier login; Casso's key is good for both.
    if (provider === 'CASSO') await logInAs(gateway, 'main', token);
    await expectHalf(gateway, token, provider, UNAVAILABLE);
  });
});

test('a provider that never answers, or without end, is given up inside the deadline', async () => {
  const scenarios = [
    ['BONGLOY', { kind: 'hang' }],
    ['CASSO', { kind: 'hang' }],
    ['BONGLOY', { kind: 'slow-body' }],
  ] as const;
  await Promise.all(
    scenarios.map(async ([provider, fault]) => {
      const gateway = await start();
      const token = await gateway.logIn();
      breakDown(gateway, provider, fault);
      const begun = performance.now();
      await expectHalf(gateway, token, provider, { code: 'UPSTREAM_TIMEOUT' });
      expect(performance.now() - begun).toBeLessThan(15_000);
    }),
  );
});

test('one list of a provider that fails leaves the rest of its own answer', async () => {
  const gateway = await start();
  const token = await gateway.logIn();
  gateway.bongloy.control.setFault({ kind: 'status', code: 500, match: '/connect/v1/cards', times: 9 });
  const { data, errors } = await gateway.ask(
    `{ transactions(first: 3) { nodes { id account { number balance { available { decimal } } } card { lastFour } } } }`,
    {},
    token,
  );
  const rows = data?.transactions.nodes;
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    expect(row).toMatchObject({
      card: null,
      account: { number: expect.any(String), balance: { available: { decimal: expect.any(String) } } },
    });
  }
  expect(errors?.map(({ path }) => path?.join('.')).toSorted()).toEqual(
    [0, 1, 2].map((n) => `transactions.nodes.${n}.card`),
  );
  for (const error of errors ?? [])
    expect(error.extensions).toEqual({ code: 'UPSTREAM_UNAVAILABLE', provider: 'BONGLOY' });
});

test('a provider that fails again and again is not asked for a while, and is answered for at once', async () => {
  const gateway = await start();
  const token = await gateway.logIn();
  breakDown(gateway, 'BONGLOY', { kind: 'status', code: 500 });
  for (let call = 0; call < 20; call += 1) await gateway.ask('{ cardholder { id } }', {}, token);
  const { data, errors, upstream } = await gateway.ask(
    '{ cardholder { id } bankAccounts(first: 1) { nodes { id } } }',
    {},
    token,
  );
  expect(errors?.map(({ extensions }) => extensions)).toEqual([
    { code: 'UPSTREAM_UNAVAILABLE', provider: 'BONGLOY' },
  ]);
  expect(data?.bankAccounts.nodes).toHaveLength(1);
  expect(upstream).toEqual({ bongloy: 0, casso: 1 });
});

describe('a provider whose settings are missing is off, and the other one works', () => {
  const off = (prefix: string, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [`${prefix}_${name}`, '']));
  const BONGLOY_OFF = off('BONGLOY', [
    'API_URL',
    'CLIENT_ID',
    'CLIENT_SECRET',
    'API_TOKEN',
    'WEBHOOK_SECRETS',
  ]);
  const CASSO_OFF = off('CASSO', [
    'API_URL',
    'API_KEY',
    'CLIENT_ID',
    'CLIENT_SECRET',
    'REDIRECT_URIS',
    'WEBHOOK_CHECKSUM_KEYS',
    'WEBHOOK_SECURE_TOKENS',
  ]);
  const refusal = (provider: Provider) => [
    {
      message: expect.stringContaining('not configured'),
      extensions: { code: 'UPSTREAM_UNAVAILABLE', provider },
    },
  ];

  test('Bongloy', async () => {
    const gateway = await start(BONGLOY_OFF);
    const token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
    const { data, errors } = await gateway.ask(`{ viewer { linkedProviders } ${QUERY.slice(1)}`, {}, token);
    expect(data?.viewer.linkedProviders).toEqual(['CASSO']);
    expect(data?.accounts).toBeNull();
    expect(data?.bankAccounts.nodes).toHaveLength(1);
    expect(data?.activity.nodes).toHaveLength(5);
    expect(data?.activity.unavailableProviders).toEqual([]);
    expect(errors).toMatchObject(refusal('BONGLOY'));

    const login = await gateway.ask(
      `mutation ($input: CreateCardholderVerificationInput!) {
        createCardholderVerification(input: $input) { __typename ... on UpstreamError { code provider } }
      }`,
      { input: { phoneNumber: '+85513333333', accountIdentifier: '204000201' } },
    );
    expect(login.data?.createCardholderVerification).toEqual({
      __typename: 'UpstreamError',
      code: 'UPSTREAM_UNAVAILABLE',
      provider: 'BONGLOY',
    });
  });

  test('Casso', async () => {
    const gateway = await start(CASSO_OFF);
    const token = await logInAs(gateway, 'main');
    const { data, errors } = await gateway.ask(`{ viewer { linkedProviders } ${QUERY.slice(1)}`, {}, token);
    expect(data?.viewer.linkedProviders).toEqual(['BONGLOY']);
    expect(data?.accounts.nodes).toHaveLength(1);
    expect(data?.bankAccounts).toBeNull();
    expect(data?.activity.nodes).toHaveLength(5);
    expect(data?.activity.unavailableProviders).toEqual([]);
    expect(errors).toMatchObject(refusal('CASSO'));

    const link = await gateway.ask(
      `mutation ($input: LinkCassoApiKeyInput!) {
        linkCassoApiKey(input: $input) { __typename ... on UpstreamError { code provider } }
      }`,
      { input: { apiKey: SANDBOX_BUSINESSES.main.apiKey } },
      token,
    );
    expect(link.data?.linkCassoApiKey).toEqual({
      __typename: 'UpstreamError',
      code: 'UPSTREAM_UNAVAILABLE',
      provider: 'CASSO',
    });
  });

  test("the operator's own business, without its key", async () => {
    const gateway = await start();
    const { data, errors } = await gateway.ask(
      '{ viewer { linkedProviders } bankAccounts { nodes { id } } }',
      {},
      await gateway.operatorToken(),
    );
    expect(data).toEqual({ viewer: { linkedProviders: [] }, bankAccounts: null });
    expect(errors).toMatchObject(refusal('CASSO'));
  });
});
