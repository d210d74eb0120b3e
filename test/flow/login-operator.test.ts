import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { SCOPES } from '../../src/auth/viewer.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { bongloySession, post, REGISTER, result, SYNC, VIEWER } from './login-support.ts';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    env: {
      PUBLIC_URL: 'https://pay.mekong.example/gateway/',
      CASSO_WEBHOOK_SECURE_TOKENS: 'first-token,second-token',
    },
  });
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.casso.clearRequests());
afterEach(() => gateway.casso.control.clearFaults());

const [FIRST, SECOND, THIRD, FOURTH] = SANDBOX_BUSINESSES.main.accounts.map(
  ({ accountNumber }) => accountNumber,
) as [string, string, string, string];
const sent = () => gateway.casso.requests.map(({ method, path }) => `${method} ${path}`);

/** What each scope opens, and what it does not. */
const DOORS = [
  ['casso:read', '{ bankAccounts(first: 1) { nodes { id } } }'],
  ['casso:read', '{ bankTransactions(first: 1) { nodes { id } } }'],
  ['casso:read', '{ activity(first: 1) { nodes { id } } }'],
  ['events:read', '{ bankTransactionEvents(first: 1) { nodes { cursor } } }'],
] as const;

test.each(DOORS)('%s alone opens %s', async (scope, query) => {
  const others = SCOPES.filter((other) => other !== scope);
  const closed = await gateway.ask(query, undefined, await gateway.operatorToken(others));
  expect(closed.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', requiredScope: scope } }]);
  const open = await gateway.ask(query, undefined, await gateway.operatorToken([scope]));
  expect(open.errors).toBeUndefined();
});

test('casso:sync alone opens the sync, and casso:admin the webhook: a missing scope is a typed error', async () => {
  for (const [mutation, input, scope] of [
    [SYNC, { bankAccountNumber: FOURTH }, 'casso:sync'],
    [REGISTER, {}, 'casso:admin'],
  ] as const) {
    const others = await gateway.operatorToken(SCOPES.filter((other) => other !== scope));
    expect(await result(gateway, mutation, input, others)).toEqual({
      __typename: 'ForbiddenError',
      message: `This needs a token with the scope ${scope}.`,
      code: 'FORBIDDEN',
      requiredScope: scope,
    });
    expect((await result(gateway, mutation, input)).__typename).toBe('UnauthenticatedError');
    expect(sent()).toEqual([]);
    const { __typename } = await result(gateway, mutation, input, await gateway.operatorToken([scope]));
    expect(__typename).toMatch(/Payload$/);
    gateway.casso.clearRequests();
  }
});

test("Bongloy's fields are no operator's: they need a cardholder", async () => {
  const { errors } = await gateway.ask('{ cardholder { name } }', undefined, await gateway.operatorToken());
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', provider: 'BONGLOY' } }]);
});

test('A token that is not the shop’s own is refused with 401, whatever is wrong with it', async () => {
  const good = await gateway.operatorToken();
  const [header, payload, signature] = good.split('.');
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
  const { kid } = JSON.parse(Buffer.from(header ?? '', 'base64url').toString());
  const stranger = await generateKeyPair('ES256');
  const strangers = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(stranger.privateKey);
  const symmetric = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.alloc(32, 1));
  const wrong = {
    'no algorithm': `${encoded({ alg: 'none' })}.${payload}.`,
    'a symmetric algorithm': await symmetric,
    "a stranger's key": await strangers,
    'another issuer': `${header}.${encoded({ ...claims, iss: 'https://evil.example' })}.${signature}`,
    'more scopes': `${header}.${encoded({ ...claims, scope: SCOPES.join(' ') + ' x' })}.${signature}`,
    'no signature': `${header}.${payload}.`,
    'no JWT': 'eyJ.x.y',
  };
  expect((await gateway.ask(VIEWER, undefined, good)).status).toBe(200);
  for (const [what, token] of Object.entries(wrong)) {
    const answer = await post(gateway.url, { query: VIEWER }, { authorization: `Bearer ${token}` });
    expect(answer.status, what).toBe(401);
    expect(answer.headers['www-authenticate'], what).toBe('Bearer error="invalid_token"');
    expect(JSON.parse(answer.text), what).toEqual({
      errors: [
        {
          message: 'The token is not valid, or no longer: log in again.',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  }
});

test('A sync is one POST with the account’s number, and its cursor sees what the sync brings', async () => {
  const operator = await gateway.operatorToken();
  gateway.casso.control.makeTransfer({ accountNumber: FIRST, amount: 77_000, viaSync: true });
  const synced = await result(gateway, SYNC, { bankAccountNumber: FIRST }, operator);
  expect(synced).toMatchObject({
    __typename: 'SyncBankTransactionsPayload',
    bankAccountNumber: FIRST,
    eventCursor: expect.any(String),
  });
  expect(gateway.casso.requests).toMatchObject([
    { method: 'POST', path: '/v2/sync', authorizationScheme: 'apikey', status: 200 },
  ]);
  const found = async () => {
    const { data } = await gateway.ask(
      `query ($after: String!) {
        bankTransactionEvents(after: $after) { nodes { bankTransaction { amount { minorUnits } } } }
      }`,
      { after: synced.eventCursor },
      operator,
    );
    return data?.bankTransactionEvents.nodes;
  };
  const transfer = { bankTransaction: { amount: { minorUnits: 77_000 } } };
  await expect.poll(found, { interval: 10 }).toEqual([transfer]);
});

test('An account is synced once a minute: the next one is told how long to wait, others are free', async () => {
  const operator = await gateway.operatorToken();
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => result(gateway, SYNC, { bankAccountNumber: SECOND }, operator)),
  );
  const limited = outcomes.filter(({ __typename }) => __typename === 'RateLimitedError');
  expect(limited).toHaveLength(4);
  for (const { retryAfterSeconds } of limited) {
    expect(retryAfterSeconds).toBeGreaterThan(50);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  }
  expect(sent()).toEqual(['POST /v2/sync']);
  expect((await result(gateway, SYNC, { bankAccountNumber: THIRD }, operator)).__typename).toMatch(
    /Payload$/,
  );
});

test("A sync that Casso refuses under 200 is an UpstreamError, and does not use the account's turn up", async () => {
  const operator = await gateway.operatorToken();
  for (const _again of [1, 2]) {
    expect(await result(gateway, SYNC, { bankAccountNumber: '999999' }, operator)).toMatchObject({
      __typename: 'UpstreamError',
      code: 'UPSTREAM_REJECTED',
      provider: 'CASSO',
    });
  }
  expect(gateway.casso.requests).toMatchObject([{ status: 200 }, { status: 200 }]);
});

test('A sync is never sent twice by itself, whatever becomes of it', async () => {
  const operator = await gateway.operatorToken();
  const faults = [{ kind: 'reset' }, { kind: 'status', code: 503 }, { kind: 'html' }] as const;
  for (const [index, fault] of faults.entries()) {
    const sync = () => result(gateway, SYNC, { bankAccountNumber: `11${index}` }, operator);
    gateway.casso.clearRequests();
    gateway.casso.control.setFault({ ...fault, match: '/v2/sync' });
    expect(await sync(), fault.kind).toMatchObject({
      __typename: 'UpstreamError',
      code: 'UPSTREAM_UNAVAILABLE',
    });
    // It may have reached the bank all the same.
    expect(await sync()).toMatchObject({ __typename: 'RateLimitedError' });
    expect(sent()).toEqual(['POST /v2/sync']);
  }
  gateway.casso.control.setFault({ kind: 'status', code: 429, match: '/v2/sync' });
  expect(await result(gateway, SYNC, { bankAccountNumber: '111' }, operator)).toMatchObject({
    __typename: 'RateLimitedError',
    retryAfterSeconds: 60,
  });
});

test('What is no account number is refused unsent', async () => {
  const operator = await gateway.operatorToken();
  for (const bankAccountNumber of ['', ' ', '12 34', 'x'.repeat(35), '12\n34', '１２３']) {
    expect(await result(gateway, SYNC, { bankAccountNumber }, operator)).toMatchObject({
      __typename: 'BadUserInputError',
      field: 'input.bankAccountNumber',
    });
  }
  expect(sent()).toEqual([]);
});

test('A session that has linked Casso syncs its own accounts; one that has not is told so', async () => {
  const linked = await gateway.logIn();
  const { __typename } = await result(gateway, SYNC, { bankAccountNumber: FIRST }, linked);
  expect(__typename).toBe('SyncBankTransactionsPayload');
  const unlinked = await bongloySession(gateway);
  gateway.casso.clearRequests();
  expect(await result(gateway, SYNC, { bankAccountNumber: FIRST }, unlinked)).toMatchObject({
    __typename: 'UnauthenticatedError',
    linkTo: 'CASSO',
  });
  expect(sent()).toEqual([]);
});

test('The webhook is registered under PUBLIC_URL, with the first token, and twice makes one', async () => {
  const admin = await gateway.operatorToken(['casso:admin']);
  const url = 'https://pay.mekong.example/gateway/webhooks/casso';
  const webhooks = async () => {
    const state = await (await fetch(`${gateway.casso.url}/_sandbox/state`)).json();
    return state.businesses.find(({ name }: { name: string }) => name === 'main').webhooks;
  };
  await result(gateway, REGISTER, {}, admin);
  const registered = await webhooks();
  gateway.casso.clearRequests();
  for (const incomeOnly of [true, false]) {
    expect(await result(gateway, REGISTER, { incomeOnly }, admin)).toEqual({
      __typename: 'RegisterCassoWebhookPayload',
      url,
      incomeOnly,
    });
    expect(await webhooks()).toBe(registered);
  }
  const once = [`DELETE /v2/webhooks?webhook=${url}`, 'POST /v2/webhooks'];
  expect(sent()).toEqual([...once, ...once]);

  expect(await newestWebhook()).toMatchObject({ param1: url, param2: 'first-token', send_only_income: 0 });
});

test('A registration whose client has left is finished: the shop is never without its webhook', async () => {
  const admin = await gateway.operatorToken(['casso:admin']);
  gateway.casso.control.setFault({ kind: 'delay', ms: 300, match: '/v2/webhooks' });
  const client = new AbortController();
  const answer = fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
    body: JSON.stringify({ query: REGISTER, variables: { input: {} } }),
    signal: client.signal,
  });
  await expect.poll(sent, { interval: 5 }).toHaveLength(1);
  client.abort();
  await expect(answer).rejects.toThrow('aborted');
  await expect
    .poll(sent, { interval: 10 })
    .toEqual([expect.stringMatching(/^DELETE \/v2\/webhooks/), 'POST /v2/webhooks']);
});

/** As Casso tells it; the simulator counts its ids up from 3001. */
async function newestWebhook(): Promise<unknown> {
  const headers = { authorization: `Apikey ${SANDBOX_BUSINESSES.main.apiKey}` };
  let newest: unknown;
  for (let id = 3001; id < 3010; id += 1) {
    const response = await fetch(`${gateway.casso.url}/v2/webhooks/${id}`, { headers });
    const { error, data } = await response.json();
    if (error === 0) newest = data;
  }
  return newest;
}

test('A session may not register the webhook, whatever it has linked', async () => {
  const token = await gateway.logIn();
  gateway.casso.clearRequests();
  expect(await result(gateway, REGISTER, {}, token)).toMatchObject({
    __typename: 'ForbiddenError',
    requiredScope: 'casso:admin',
  });
  expect(sent()).toEqual([]);
});

test('Without a token for Casso the registration says what to set; without a key, that Casso is off', async () => {
  const bare = await startGateway({
    env: { CASSO_WEBHOOK_SECURE_TOKENS: '', CASSO_WEBHOOK_CHECKSUM_KEYS: 'key', CASSO_API_KEY: '' },
  });
  try {
    const admin = await bare.operatorToken();
    const { data, errors } = await bare.ask('{ bankAccounts { nodes { id } } }', undefined, admin);
    expect(data).toEqual({ bankAccounts: null });
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', provider: 'CASSO' } }]);
  } finally {
    await bare.stop();
  }
  const tokenless = await startGateway({ env: { CASSO_WEBHOOK_SECURE_TOKENS: '' } });
  try {
    expect(await result(tokenless, REGISTER, {}, await tokenless.operatorToken())).toMatchObject({
      __typename: 'BadUserInputError',
      message: expect.stringContaining('CASSO_WEBHOOK_SECURE_TOKENS'),
    });
    expect(tokenless.casso.requests.filter(({ path }) => path.startsWith('/v2/webhooks'))).toEqual([]);
  } finally {
    await tokenless.stop();
  }
});
