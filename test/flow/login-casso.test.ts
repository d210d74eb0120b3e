import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  allowAtCasso,
  bongloySession,
  COMPLETE,
  cassoOAuthSession,
  LINK_KEY,
  movableClock,
  REDIRECT_URI,
  result,
  START,
  VIEWER,
} from './login-support.ts';

const clock = movableClock();
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ clock });
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.casso.clearRequests());
afterEach(() => gateway.casso.control.clearFaults());

const INVALID_STATE = {
  __typename: 'InvalidStateError',
  message: 'This authorization can no longer be completed. Start it again.',
  code: 'INVALID_STATE',
};
const tokenCalls = () => gateway.casso.requests.filter(({ path }) => path === '/auth/token');
const begin = (token?: string) => result(gateway, START, { redirectUri: REDIRECT_URI }, token);
const bankAccounts = async (token: string) => {
  const { data } = await gateway.ask('{ bankAccounts { nodes { accountNumber } } }', undefined, token);
  return data?.bankAccounts.nodes.map(({ accountNumber }: { accountNumber: string }) => accountNumber);
};
const numbersOf = ({ accounts }: { accounts: readonly { accountNumber: string }[] }) =>
  accounts.map(({ accountNumber }) => accountNumber);

test('A business is linked by OAuth: the browser goes to Casso and comes back with code and state', async () => {
  const started = await begin();
  const url = new URL(started.authorizationUrl);
  expect(url.origin + url.pathname).toBe(`${gateway.casso.url}/auth/authorize`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: gateway.casso.oauthClient.clientId,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'webhook transaction',
    state: started.state,
  });
  const minutes = (Date.parse(started.expiresAt) - clock.now()) / MINUTE;
  expect(minutes).toBeGreaterThan(9.9);
  expect(minutes).toBeLessThanOrEqual(10);

  const back = await allowAtCasso(started.authorizationUrl, 'second');
  expect(back).toMatchObject({ redirectUri: REDIRECT_URI, state: started.state });
  const { session } = await result(gateway, COMPLETE, { code: back.code, state: back.state });
  expect(session.linkedProviders).toEqual(['CASSO']);
  expect(await bankAccounts(session.token)).toEqual(numbersOf(SANDBOX_BUSINESSES.second));
  expect(gateway.casso.requests.at(-1)?.authorizationScheme).toBe('bearer');
  expect(tokenCalls()).toMatchObject([{ method: 'POST', authorizationScheme: 'basic' }]);
});

test('The scopes that are asked for are those that Casso is asked for', async () => {
  const { authorizationUrl } = await result(gateway, START, {
    redirectUri: REDIRECT_URI,
    scopes: ['webhook'],
  });
  expect(new URL(authorizationUrl).searchParams.get('scope')).toBe('webhook');
});

test('A state is good for one use, also when the code was wrong', async () => {
  const { authorizationUrl } = await begin();
  const { code, state } = await allowAtCasso(authorizationUrl);
  expect(await result(gateway, COMPLETE, { code: 'wrong', state })).toMatchObject({
    __typename: 'InvalidGrantError',
    code: 'INVALID_GRANT',
  });
  expect(await result(gateway, COMPLETE, { code, state })).toEqual(INVALID_STATE);
  expect(tokenCalls()).toHaveLength(1);
});

test('Of many requests that complete one authorization at once, one does', async () => {
  const { authorizationUrl } = await begin();
  const { code, state } = await allowAtCasso(authorizationUrl);
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, () => result(gateway, COMPLETE, { code, state })),
  );
  const names = outcomes.map(({ __typename }) => __typename).sort();
  expect(names).toEqual(['CompleteCassoAuthorizationPayload', ...Array(7).fill('InvalidStateError')]);
  expect(tokenCalls()).toHaveLength(1);
});

test('A state is good for ten minutes, and Casso is not asked about an older one', async () => {
  const { authorizationUrl } = await begin();
  clock.advance(10 * MINUTE);
  const { code, state } = await allowAtCasso(authorizationUrl);
  expect(await result(gateway, COMPLETE, { code, state })).toEqual(INVALID_STATE);
  expect(tokenCalls()).toEqual([]);
});

test('A state that was made up, or changed in a single character, is refused unsent', async () => {
  const { state } = await begin();
  const flipped = (at: number) =>
    `${state.slice(0, at)}${state[at] === 'A' ? 'B' : 'A'}${state.slice(at + 1)}`;
  const places = [0, Math.floor(state.length / 3), Math.floor(state.length / 2), state.length - 2];
  for (const wrong of ['', 'x', 'a.b.c.d.e', `${state}x`, ...places.map(flipped)]) {
    expect(await result(gateway, COMPLETE, { code: 'any', state: wrong }), wrong).toEqual(INVALID_STATE);
  }
  expect(tokenCalls()).toEqual([]);
});

test('A state belongs to the session that began it, and is not used up by another', async () => {
  const [mine, other] = [await bongloySession(gateway), await bongloySession(gateway)];
  const { authorizationUrl } = await begin(mine);
  const { code, state } = await allowAtCasso(authorizationUrl);
  expect(await result(gateway, COMPLETE, { code, state }, other)).toEqual(INVALID_STATE);
  expect(await result(gateway, COMPLETE, { code, state })).toEqual(INVALID_STATE);
  expect(tokenCalls()).toEqual([]);
  const { session } = await result(gateway, COMPLETE, { code, state }, mine);
  expect(session).toMatchObject({ token: mine, linkedProviders: ['BONGLOY', 'CASSO'] });

  const anonymous = await allowAtCasso((await begin()).authorizationUrl);
  const input = { code: anonymous.code, state: anonymous.state };
  expect(await result(gateway, COMPLETE, input, other)).toEqual(INVALID_STATE);
});

test('Only a redirect URI from the list is taken, compared as a whole, before anything is sent', async () => {
  const wrong = [
    'https://evil.example/casso/callback',
    'https://app.example.com/casso/callback/',
    'https://app.example.com/casso/callback?next=1',
    'https://app.example.com/casso',
    'https://app.example.com.evil.example/casso/callback',
    'https://user@app.example.com/casso/callback',
    'http://app.example.com/casso/callback',
    'https://app.example.com/casso/callback#fragment',
    'http://localhost:3001/casso/callback',
  ];
  for (const redirectUri of wrong) {
    expect(await result(gateway, START, { redirectUri }), redirectUri).toMatchObject({
      __typename: 'BadUserInputError',
      code: 'BAD_USER_INPUT',
      field: 'input.redirectUri',
    });
  }
  expect(gateway.casso.requests).toEqual([]);
});

test('A code of another redirect URI is refused: the token endpoint gets the one of the state', async () => {
  const { authorizationUrl, state } = await begin();
  const elsewhere = new URL(authorizationUrl);
  elsewhere.searchParams.set('redirect_uri', 'http://localhost:3000/casso/callback');
  const { code } = await allowAtCasso(elsewhere.href);
  expect((await result(gateway, COMPLETE, { code, state })).__typename).toBe('InvalidGrantError');
});

test('Casso being down is told apart from a wrong code', async () => {
  for (const fault of [{ kind: 'reset' }, { kind: 'status', code: 503 }, { kind: 'html' }] as const) {
    const { authorizationUrl } = await begin();
    const { code, state } = await allowAtCasso(authorizationUrl);
    gateway.casso.control.setFault({ ...fault, match: '/auth/token' });
    expect(await result(gateway, COMPLETE, { code, state }), fault.kind).toMatchObject({
      __typename: 'UpstreamError',
      code: 'UPSTREAM_UNAVAILABLE',
      provider: 'CASSO',
    });
  }
});

test('A business is linked by its API key, which one call to Casso checks', async () => {
  const { session } = await result(gateway, LINK_KEY, { apiKey: SANDBOX_BUSINESSES.second.apiKey });
  expect(session.linkedProviders).toEqual(['CASSO']);
  expect(gateway.casso.requests).toMatchObject([{ path: '/v2/userInfo', authorizationScheme: 'apikey' }]);
  expect(await bankAccounts(session.token)).toEqual(numbersOf(SANDBOX_BUSINESSES.second));
});

test('A wrong API key is refused without details, and makes no session', async () => {
  const refused = {
    __typename: 'InvalidGrantError',
    message: 'Casso refused the login. Start it again.',
    code: 'INVALID_GRANT',
  };
  expect(await result(gateway, LINK_KEY, { apiKey: 'AK_CS.wrong' })).toEqual(refused);
  expect(gateway.casso.requests).toHaveLength(1);
  for (const apiKey of ['', ' ', 'a\r\nx-injected: 1', 'chìa khóa', '\0']) {
    expect(await result(gateway, LINK_KEY, { apiKey }), JSON.stringify(apiKey)).toEqual(refused);
  }
  expect(gateway.casso.requests).toHaveLength(1);
});

test('A key that cannot be checked now is not refused: down and too many are told apart', async () => {
  const { apiKey } = SANDBOX_BUSINESSES.second;
  gateway.casso.control.setFault({ kind: 'status', code: 500, match: '/v2/userInfo' });
  expect(await result(gateway, LINK_KEY, { apiKey })).toMatchObject({
    __typename: 'UpstreamError',
    code: 'UPSTREAM_UNAVAILABLE',
    provider: 'CASSO',
  });
  gateway.casso.control.setFault({
    kind: 'status',
    code: 429,
    retryAfter: 41,
    match: '/v2/userInfo',
    times: 3,
  });
  expect(await result(gateway, LINK_KEY, { apiKey })).toMatchObject({
    __typename: 'RateLimitedError',
    retryAfterSeconds: 41,
  });
});

test('A login while a session is presented is added to it, and echoes the same token', async () => {
  const token = await cassoOAuthSession(gateway);
  expect(await bongloySession(gateway, token)).toBe(token);
  const { data } = await gateway.ask(VIEWER, undefined, token);
  expect(data?.viewer).toMatchObject({ kind: 'SESSION', linkedProviders: ['BONGLOY', 'CASSO'] });

  const { session } = await result(gateway, LINK_KEY, { apiKey: SANDBOX_BUSINESSES.empty.apiKey }, token);
  expect(session).toMatchObject({ token, linkedProviders: ['BONGLOY', 'CASSO'] });
  expect(await bankAccounts(token), 'the later link stands').toEqual(numbersOf(SANDBOX_BUSINESSES.empty));
});
