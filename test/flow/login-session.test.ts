import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DAY, HOUR } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  bongloySession,
  cassoOAuthSession,
  LINK_KEY,
  LOGOUT,
  movableClock,
  post,
  REFRESH,
  result,
  VIEWER,
} from './login-support.ts';

const clock = movableClock();
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ clock });
});
afterAll(() => gateway.stop());
afterEach(() => {
  gateway.bongloy.control.clearFaults();
  gateway.casso.control.clearFaults();
});

const viewer = async (token?: string) => (await gateway.ask(VIEWER, undefined, token)).data?.viewer;
const countOf = (requests: readonly { readonly path: string }[], wanted: string) =>
  requests.filter(({ path }) => path === wanted).length;

/** What any request with a token that is no good gets. */
const REFUSED = {
  status: 401,
  text: JSON.stringify({
    errors: [
      {
        message: 'The token is not valid, or no longer: log in again.',
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ],
  }),
};

test('viewer tells the three kinds of askers who they are, without an upstream call', async () => {
  const token = await gateway.logIn();
  const operator = await gateway.operatorToken(['events:read']);
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
  expect(await viewer()).toEqual({ kind: 'ANONYMOUS', expiresAt: null, linkedProviders: [] });

  const session = await viewer(token);
  expect(session).toMatchObject({ kind: 'SESSION', linkedProviders: ['BONGLOY', 'CASSO'] });
  expect(Date.parse(session.expiresAt) - clock.now()).toBeGreaterThan(29.9 * DAY);

  const shop = await viewer(operator);
  expect(shop).toMatchObject({ kind: 'OPERATOR', linkedProviders: ['CASSO'] });
  expect(Math.abs(Date.parse(shop.expiresAt) - clock.now() - DAY)).toBeLessThan(HOUR);
  expect([...gateway.bongloy.requests, ...gateway.casso.requests]).toEqual([]);
});

test('A field of a provider that the session has not linked says so, and the other provider still answers', async () => {
  const query = '{ cardholder { name } bankAccounts { nodes { accountNumber } } }';
  const bongloyOnly = await gateway.ask(query, undefined, await bongloySession(gateway));
  expect(bongloyOnly.data).toEqual({ cardholder: { name: expect.any(String) }, bankAccounts: null });
  expect(bongloyOnly.errors).toMatchObject([
    { path: ['bankAccounts'], extensions: { code: 'UNAUTHENTICATED', provider: 'CASSO' } },
  ]);
  const cassoOnly = await gateway.ask(query, undefined, await cassoOAuthSession(gateway));
  expect(cassoOnly.data).toMatchObject({ cardholder: null, bankAccounts: { nodes: expect.any(Array) } });
  expect(cassoOnly.errors).toMatchObject([
    { path: ['cardholder'], extensions: { code: 'UNAUTHENTICATED', provider: 'BONGLOY' } },
  ]);
});

test('refreshSession refreshes every OAuth grant now, keeps the API key, and moves the idle end', async () => {
  const token = await bongloySession(gateway, await cassoOAuthSession(gateway));
  clock.advance(HOUR / 2);
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
  const refreshed = await result(gateway, REFRESH, undefined, token);
  expect(refreshed).toMatchObject({
    __typename: 'RefreshSessionPayload',
    linkedProviders: ['BONGLOY', 'CASSO'],
  });
  expect(Math.abs(Date.parse(refreshed.expiresAt) - clock.now() - 30 * DAY)).toBeLessThan(HOUR / 4);
  expect(gateway.bongloy.requests.map(({ path }) => path)).toEqual(['/oauth/token']);
  expect(gateway.casso.requests.map(({ path }) => path)).toEqual(['/auth/token']);

  await result(gateway, LINK_KEY, { apiKey: SANDBOX_BUSINESSES.second.apiKey }, token);
  gateway.casso.clearRequests();
  expect((await result(gateway, REFRESH, undefined, token)).__typename).toBe('RefreshSessionPayload');
  expect(gateway.casso.requests).toEqual([]);
});

test('refreshSession tells a provider that is down from one that refuses, which unlinks that one alone', async () => {
  const token = await gateway.logIn();
  gateway.bongloy.control.setFault({ kind: 'status', code: 503, match: '/oauth/token' });
  expect(await result(gateway, REFRESH, undefined, token)).toMatchObject({
    __typename: 'UpstreamError',
    code: 'UPSTREAM_UNAVAILABLE',
    provider: 'BONGLOY',
  });
  expect((await viewer(token)).linkedProviders).toEqual(['BONGLOY', 'CASSO']);

  gateway.bongloy.control.revokeTokens();
  expect(await result(gateway, REFRESH, undefined, token)).toEqual({
    __typename: 'UnauthenticatedError',
    message: "This session is not linked to Bongloy. Log in there with this session's token.",
    code: 'UNAUTHENTICATED',
    linkTo: 'BONGLOY',
  });
  expect((await viewer(token)).linkedProviders).toEqual(['CASSO']);
  expect((await result(gateway, REFRESH, undefined, token)).__typename).toBe('RefreshSessionPayload');
});

test('refreshSession and logout are for sessions: others are told so', async () => {
  const refused = { __typename: 'UnauthenticatedError', code: 'UNAUTHENTICATED', linkTo: null };
  for (const token of [undefined, await gateway.operatorToken()]) {
    expect(await result(gateway, REFRESH, undefined, token)).toMatchObject(refused);
    expect(await result(gateway, LOGOUT, undefined, token)).toMatchObject(refused);
  }
});

test('logout revokes at Bongloy, says that Casso has no such call, and the token is dead at once', async () => {
  const token = await gateway.logIn();
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
  expect(await result(gateway, LOGOUT, undefined, token)).toEqual({
    __typename: 'LogoutPayload',
    revoked: ['BONGLOY'],
    unconfirmed: ['CASSO'],
  });
  expect(gateway.bongloy.requests).toMatchObject([{ path: '/oauth/revoke', status: 200 }]);
  expect(gateway.casso.requests).toEqual([]);
  for (const query of [VIEWER, LOGOUT, REFRESH]) {
    const answer = await post(gateway.url, { query }, { authorization: `Bearer ${token}` });
    expect(answer).toMatchObject(REFUSED);
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  }
  expect(gateway.bongloy.control.revokeTokens(), 'nothing of the login is left at Bongloy').toBe(0);
});

test('Requests that run when the session ends get nothing after it', async () => {
  const token = await gateway.logIn();
  expect((await viewer(token)).kind).toBe('SESSION');
  const before = Array.from({ length: 10 }, () => gateway.ask(VIEWER, undefined, token));
  await result(gateway, LOGOUT, undefined, token);
  const after = await Promise.all(Array.from({ length: 10 }, () => gateway.ask(VIEWER, undefined, token)));
  expect(new Set(after.map(({ status }) => status))).toEqual(new Set([401]));
  await Promise.all(before);
});

test('logout ends the session here also when Bongloy does not confirm it', async () => {
  for (const fault of [{ kind: 'status', code: 500 }, { kind: 'reset' }] as const) {
    const token = await bongloySession(gateway);
    gateway.bongloy.control.setFault({ ...fault, match: '/oauth/revoke' });
    expect(await result(gateway, LOGOUT, undefined, token)).toMatchObject({
      __typename: 'LogoutPayload',
      revoked: [],
      unconfirmed: ['BONGLOY'],
    });
    expect((await gateway.ask(VIEWER, undefined, token)).status).toBe(401);
  }
});

test('logout revokes at Bongloy also when its client has left', async () => {
  const token = await bongloySession(gateway);
  gateway.bongloy.clearRequests();
  gateway.bongloy.control.setFault({ kind: 'delay', ms: 100, match: '/oauth/revoke' });
  const leaving = new AbortController();
  const request = fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: LOGOUT }),
    signal: leaving.signal,
  });
  await expect.poll(() => countOf(gateway.bongloy.requests, '/oauth/revoke'), { interval: 5 }).toBe(1);
  leaving.abort();
  await expect(request).rejects.toThrow();
  await expect.poll(() => gateway.bongloy.requests[0]?.status, { interval: 5 }).toBe(200);
});

test('a header that holds no bearer token is refused with 401 and told its form, and never taken for anonymous', async () => {
  const token = await bongloySession(gateway);
  for (const authorization of ['Bearer', 'Bearer ', 'Basic eDp5', token, `Bearer "${token}"`, 'x']) {
    const answer = await post(gateway.url, { query: VIEWER }, { authorization });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toEqual({
      errors: [
        {
          message:
            'No token was found. Send it as "Authorization: Bearer <token>", without quotes around the token.',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  }
});

test('An unknown, malformed or expired token is refused with 401, the same for all, and never taken for anonymous', async () => {
  const token = await bongloySession(gateway);
  const forged = `mks_${'A'.repeat(43)}`;
  for (const authorization of [`Bearer ${forged}`, 'Bearer mks_x']) {
    const answer = await post(gateway.url, { query: VIEWER }, { authorization });
    expect(answer, authorization).toMatchObject(REFUSED);
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  }
  expect((await gateway.ask(VIEWER, undefined, token)).status).toBe(200);
  clock.advance(30 * DAY);
  expect(await post(gateway.url, { query: VIEWER }, { authorization: `Bearer ${token}` })).toMatchObject(
    REFUSED,
  );
});

test('A session that is used lives on, and ends after ninety days all the same', async () => {
  const token = await bongloySession(gateway);
  for (let days = 0; days < 80; days += 20) {
    expect((await viewer(token)).kind).toBe('SESSION');
    clock.advance(20 * DAY);
  }
  const { expiresAt } = await viewer(token);
  expect(Math.abs(Date.parse(expiresAt) - clock.now() - 10 * DAY)).toBeLessThan(HOUR);
  clock.advance(10 * DAY);
  expect((await gateway.ask(VIEWER, undefined, token)).status).toBe(401);
});
