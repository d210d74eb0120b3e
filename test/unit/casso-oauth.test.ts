import { describe, expect, test } from 'vitest';
import { type CassoOAuthOptions, createCassoOAuth } from '../../src/providers/casso/index.ts';
import { judgeGrant } from '../../src/providers/casso/judge.ts';
import { UNSENDABLE } from '../support/odd-values.ts';
import {
  type Answer,
  casso,
  everythingSaid,
  fixture,
  never,
  refusal,
  rejection,
  upstreamTo,
} from './casso-client-support.ts';

const NOW = 1_700_000_000_000;
const REDIRECT = 'https://shop.example.com/back?from=casso';
const CLIENT = { clientId: 'mekong-client', clientSecret: 's3cr3t' };
const GRANTED = {
  accessToken: 'opaque-or-jwt',
  refreshToken: '00000000-0000-4000-8000-000000000000',
  expiresAt: NOW + 21_600_000,
};
const CODE = { code: '11111111-2222-4333-8444-555555555555', redirectUri: REDIRECT };
const REFRESH = { refreshToken: 'old-refresh', redirectUri: REDIRECT };

async function oauthOf(answers: readonly Answer[], options: Partial<CassoOAuthOptions> = {}) {
  const server = await casso(...answers);
  const oauth = createCassoOAuth({
    upstream: upstreamTo(server.url, { retries: 2 }),
    authorizeUrl: 'https://oauth.casso.vn/auth/authorize',
    ...CLIENT,
    clock: { now: () => NOW },
    ...options,
  });
  return { oauth, ...server };
}

describe('the authorization URL', () => {
  test('asks for a code with the published scopes, the blank percent-encoded', async () => {
    const { oauth } = await oauthOf([]);
    expect(oauth.authorizationUrl({ redirectUri: REDIRECT, state: 'a.b+c/d=' })).toBe(
      'https://oauth.casso.vn/auth/authorize?client_id=mekong-client&scope=webhook%20transaction' +
        '&redirect_uri=https%3A%2F%2Fshop.example.com%2Fback%3Ffrom%3Dcasso&response_type=code&state=a.b%2Bc%2Fd%3D',
    );
  });

  test.each([
    [['webhook'], 'webhook'],
    [['transaction', 'webhook'], 'transaction webhook'],
    [[], 'webhook transaction'],
    [null, 'webhook transaction'],
    [undefined, 'webhook transaction'],
  ])('the scopes %j are asked for as "%s"', async (scopes, scope) => {
    const { oauth } = await oauthOf([]);
    const url = new URL(oauth.authorizationUrl({ redirectUri: REDIRECT, scopes, state: 'x' }));
    expect(url.searchParams.get('scope')).toBe(scope);
  });
});

describe('the token request', () => {
  /** base64 of `mekong-client:s3cr3t` */
  const BASIC = 'Basic bWVrb25nLWNsaWVudDpzM2NyM3Q=';

  test.each([
    {
      title: 'a code',
      ask: 'exchange' as const,
      body:
        'grant_type=authorization_code&code=11111111-2222-4333-8444-555555555555' +
        '&redirect_uri=https%3A%2F%2Fshop.example.com%2Fback%3Ffrom%3Dcasso' +
        '&client_id=mekong-client&client_secret=s3cr3t',
    },
    {
      title: 'a refresh token',
      ask: 'refresh' as const,
      body:
        'grant_type=refresh_token&refresh_token=old-refresh' +
        '&redirect_uri=https%3A%2F%2Fshop.example.com%2Fback%3Ffrom%3Dcasso' +
        '&client_id=mekong-client&client_secret=s3cr3t',
    },
  ])('$title is sent as a form, with the client in Basic and in the body', async ({ ask, body }) => {
    const { oauth, requests, host } = await oauthOf([{ body: fixture('token') }]);
    await (ask === 'exchange'
      ? oauth.exchange(CODE, { signal: never() })
      : oauth.refresh(REFRESH, { signal: never() }));
    expect(requests).toEqual([
      {
        method: 'POST',
        url: '/auth/token',
        body,
        headers: {
          host,
          connection: 'keep-alive',
          'user-agent': 'mekong',
          authorization: BASIC,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(body.length),
        },
      },
    ]);
  });

  test('an id or a secret with special characters is form-encoded inside Basic (RFC 6749 §2.3.1)', async () => {
    const special = { clientId: 'a:b', clientSecret: 'p+q /é~' };
    const { oauth, requests } = await oauthOf([{ body: fixture('token') }], special);
    await oauth.exchange(CODE, { signal: never() });
    const basic = Buffer.from(requests[0]?.headers.authorization?.slice('Basic '.length) ?? '', 'base64');
    expect(basic.toString()).toBe('a%3Ab:p%2Bq+%2F%C3%A9%7E');
    expect(new URLSearchParams(requests[0]?.body).get('client_secret')).toBe('p+q /é~');
  });

  test('is sent once, also when Casso is down', async () => {
    const { oauth, requests } = await oauthOf([{ status: 503, headers: { 'retry-after': '0' } }]);
    expect((await refusal(oauth.refresh(REFRESH, { signal: never() }))).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(requests).toHaveLength(1);
  });
});

describe('tokens', () => {
  test.each([200, 201])('come with the status %i, in a plain object', async (status) => {
    const { oauth } = await oauthOf([{ status, body: fixture('token') }]);
    expect(await oauth.exchange(CODE, { signal: never() })).toEqual(GRANTED);
  });

  test.each([
    [21_600, NOW + 21_600_000],
    ['21600', NOW + 21_600_000],
    [0, NOW],
    [undefined, null],
    [null, null],
    ['', null],
    ['soon', null],
    ['1e999', null],
  ])('an expires_in of %j ends the access token at %j', async (expires_in, expiresAt) => {
    const { oauth } = await oauthOf([{ body: JSON.stringify({ access_token: 'a', expires_in }) }]);
    expect((await oauth.exchange(CODE, { signal: never() })).expiresAt).toBe(expiresAt);
  });

  test('a lifetime counts from before the request', async () => {
    const times = [NOW, NOW + 5_000];
    const clock = { now: () => times.shift() ?? NOW + 9_000 };
    const { oauth } = await oauthOf([{ body: fixture('token') }], { clock });
    expect((await oauth.exchange(CODE, { signal: never() })).expiresAt).toBe(NOW + 21_600_000);
  });

  test.each([{}, { refresh_token: null }, { refresh_token: '' }])(
    'a refresh that brings %j keeps the old refresh token; a code without one has none',
    async (refreshToken) => {
      const { oauth } = await oauthOf([{ body: JSON.stringify({ access_token: 'new', ...refreshToken }) }]);
      expect(await oauth.refresh(REFRESH, { signal: never() })).toMatchObject({
        accessToken: 'new',
        refreshToken: 'old-refresh',
      });
      expect((await oauth.exchange(CODE, { signal: never() })).refreshToken).toBeNull();
    },
  );

  test('a rotated refresh token replaces the old one', async () => {
    const { oauth } = await oauthOf([
      { body: JSON.stringify({ access_token: 'new', refresh_token: 'newer' }) },
    ]);
    expect((await oauth.refresh(REFRESH, { signal: never() })).refreshToken).toBe('newer');
  });
});

/** An error body of RFC 6749 §5.2. */
const oauthError = (error: string) => JSON.stringify({ error, error_description: 'SECRET-DESCRIPTION' });

describe('refusals', () => {
  test.each<[string, Answer]>([
    ['400', { status: 400, body: oauthError('invalid_grant') }],
    ['401', { status: 401, body: oauthError('invalid_grant') }],
    ['200', { status: 200, body: oauthError('invalid_grant') }],
  ])('invalid_grant is INVALID_GRANT, under any status: %s', async (_, answer) => {
    const { oauth } = await oauthOf([answer]);
    const expected = { code: 'INVALID_GRANT', details: { provider: 'CASSO' } };
    expect(await refusal(oauth.exchange(CODE, { signal: never() }))).toMatchObject(expected);
    expect(await refusal(oauth.refresh(REFRESH, { signal: never() }))).toMatchObject(expected);
  });

  test.each<[string, Answer]>([
    ['invalid_client', { status: 401, body: oauthError('invalid_client') }],
    ['invalid_request', { status: 400, body: oauthError('invalid_request') }],
    ['an error under a 200', { status: 200, body: oauthError('unauthorized_client') }],
    ['an envelope with 401', { status: 401, body: fixture('unauthorized') }],
    ['an envelope with 401 under a 200', { status: 200, body: fixture('unauthorized') }],
    ['a bare 401', { status: 401 }],
    ['a page of a proxy', { status: 403, body: '<html>SECRET</html>' }],
    ['404', { status: 404 }],
  ])('what may be our own setting ends no grant: %s', async (_, answer) => {
    const { oauth } = await oauthOf([answer]);
    expect(await refusal(oauth.refresh(REFRESH, { signal: never() }))).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      details: { provider: 'CASSO' },
    });
  });

  test.each<[string, Answer]>([
    ['500', { status: 500, body: oauthError('invalid_grant') }],
    ['502', { status: 502, body: '<html>' }],
    ['an empty body', { status: 200, body: '' }],
    ['a page of a proxy', { status: 200, body: '<html>' }],
    ['no access token', { status: 200, body: '{"refresh_token":"x"}' }],
    ['an empty access token', { status: 200, body: '{"access_token":""}' }],
    ...UNSENDABLE.map((access_token): [string, Answer] => [
      `the access token ${JSON.stringify(access_token)}, which no header holds`,
      { status: 200, body: JSON.stringify({ access_token }) },
    ]),
    ['a redirect', { status: 302, headers: { location: '/login' } }],
  ])('no usable answer is UPSTREAM_UNAVAILABLE: %s', async (_, answer) => {
    const { oauth } = await oauthOf([answer]);
    expect((await refusal(oauth.exchange(CODE, { signal: never() }))).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  test('too many logins are RATE_LIMITED, for a minute unless Casso says otherwise', async () => {
    const { oauth } = await oauthOf([{ status: 429, headers: { 'retry-after': '5' } }, { status: 429 }]);
    expect((await refusal(oauth.exchange(CODE, { signal: never() }))).details.retryAfterSeconds).toBe(5);
    expect((await refusal(oauth.exchange(CODE, { signal: never() }))).details.retryAfterSeconds).toBe(60);
  });

  test("the caller's abort passes through", async () => {
    const { oauth } = await oauthOf([{ body: fixture('token') }]);
    expect(await rejection(oauth.exchange(CODE, { signal: AbortSignal.abort() }))).toMatchObject({
      kind: 'aborted',
    });
  });

  test('no code, token, secret or text of Casso is told, in any part of an error', async () => {
    const secrets = ['SECRET', CODE.code, 'old-refresh', 's3cr3t', Buffer.from('s3cr3t').toString('base64')];
    const bodies = [
      oauthError('invalid_grant'),
      oauthError('SECRET'),
      '{"access_token":7.5,"x":"SECRET"}',
      'SECRET',
    ];
    for (const body of bodies) {
      for (const status of [200, 400, 401, 429, 500]) {
        const { oauth } = await oauthOf([{ status, body }]);
        const errors = [
          await refusal(oauth.exchange(CODE, { signal: never() })),
          await refusal(oauth.refresh(REFRESH, { signal: never() })),
        ];
        for (const error of errors) {
          for (const secret of secrets) expect(everythingSaid(error)).not.toContain(secret);
        }
      }
    }
  });
});

test('an answer can be judged without having been asked for', () => {
  const answer = { status: 200, headers: {}, body: fixture('token') };
  expect(judgeGrant(answer, NOW)).toEqual(GRANTED);
});
