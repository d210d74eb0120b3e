import { describe, expect, test } from 'vitest';
import type { CassoSandbox, CassoSandboxOptions } from '../../../src/providers/casso/sandbox/index.ts';
import { call, clockAt, NOW, start } from './support.ts';

async function authorize(sandbox: CassoSandbox, changes: Record<string, string> = {}) {
  const { clientId, redirectUris } = sandbox.oauthClient;
  const query = new URLSearchParams({
    client_id: clientId,
    scope: 'webhook transaction',
    redirect_uri: redirectUris[0] ?? '',
    response_type: 'code',
    state: 's t/1',
    ...changes,
  });
  const response = await fetch(`${sandbox.url}/auth/authorize?${query.toString()}`, { redirect: 'manual' });
  const location = response.headers.get('location');
  const to = location === null ? null : new URL(location);
  return { status: response.status, to, text: await response.text() };
}

async function token(sandbox: CassoSandbox, fields: Record<string, string>, secret?: string) {
  const { clientId, clientSecret, redirectUris } = sandbox.oauthClient;
  const basic = Buffer.from(`${clientId}:${secret ?? clientSecret}`).toString('base64');
  const response = await fetch(`${sandbox.url}/auth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ redirect_uri: redirectUris[0] ?? '', ...fields }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

/** A login without a person. */
async function login(options: CassoSandboxOptions = {}, changes: Record<string, string> = {}) {
  const sandbox = await start(options);
  const { to } = await authorize(sandbox, { auto: '1', ...changes });
  const code = to?.searchParams.get('code') ?? '';
  const redeem = (more: Record<string, string> = {}) =>
    token(sandbox, { grant_type: 'authorization_code', code, ...more });
  const refresh = (refreshToken = '', more: Record<string, string> = {}) =>
    token(sandbox, { grant_type: 'refresh_token', refresh_token: refreshToken, ...more });
  const ask = (accessToken = '') =>
    call(sandbox, 'main', 'GET /v2/userInfo', { headers: { authorization: `bearer ${accessToken}` } });
  return { sandbox, to, redeem, refresh, ask };
}

const INVALID = { status: 400, body: { error: 'invalid_grant' } };

describe('the authorization page', () => {
  test('lets a person choose, and sends back the code or the refusal with the state', async () => {
    const sandbox = await start();
    const { status, text } = await authorize(sandbox);
    expect(status).toBe(200);
    const links = [...text.matchAll(/href="(?<href>[^"]+)"/gu)].map((match) =>
      (match.groups?.['href'] ?? '').replaceAll('&amp;', '&'),
    );
    expect(links).toHaveLength(5);

    const follow = async (path = '') =>
      new URL((await fetch(sandbox.url + path, { redirect: 'manual' })).headers.get('location') ?? '');
    const allowed = await follow(links[0]);
    expect(allowed.href).toMatch(/^https:\/\/app\.example\.com\/casso\/callback\?/u);
    expect(allowed.searchParams.get('code')).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/u);
    expect(allowed.searchParams.get('state')).toBe('s t/1');
    const denied = (await follow(links[4])).searchParams;
    expect(Object.fromEntries(denied)).toEqual({ error: 'access_denied', state: 's t/1' });
  });

  test.each([
    { client_id: 'somebody' },
    { redirect_uri: 'https://app.example.com/casso/callback/' },
    { redirect_uri: 'https://evil.example.com/' },
  ])('sends nobody anywhere for %j', async (changes) => {
    const { status, to } = await authorize(await start(), { auto: '1', ...changes });
    expect([status, to]).toEqual([400, null]);
  });

  test.each([
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ scope: '' }, 'invalid_request'],
  ])('sends back an error for %j', async (changes, error) => {
    const { to } = await authorize(await start(), { auto: '1', ...changes });
    expect(to?.searchParams.get('error')).toBe(error);
    expect(to?.searchParams.has('code')).toBe(false);
  });

  test('takes the redirect URIs that it was started with', async () => {
    const sandbox = await start({ redirectUris: ['http://localhost:4000/back'] });
    expect((await authorize(sandbox, { auto: '1' })).to?.origin).toBe('http://localhost:4000');
  });
});

describe('a code', () => {
  test('is good for tokens of the chosen business, in the documented shape', async () => {
    const { redeem, ask } = await login({}, { business: 'sample' });
    const { status, body } = await redeem();
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^[\da-f-]{36}$/u),
      expires_in: 21_600,
    });
    expect((await ask(body['access_token'])).body.data.business).toEqual({ id: 22, name: 'Vi Du' });
  });

  test('is good once', async () => {
    const { redeem } = await login();
    expect((await redeem()).status).toBe(200);
    expect(await redeem()).toEqual(INVALID);
  });

  test('is good for ten minutes', async () => {
    const clock = clockAt(NOW);
    const { redeem } = await login({ clock });
    clock.time += 10 * 60_000;
    expect(await redeem()).toEqual(INVALID);
  });

  test('is good with the redirect URI of its request alone', async () => {
    const { sandbox, redeem } = await login();
    expect(await redeem({ redirect_uri: sandbox.oauthClient.redirectUris[1] ?? '' })).toEqual(INVALID);
  });

  test('is nothing without the secret of the client, without a form, or for another grant', async () => {
    const { sandbox, redeem } = await login();
    const wrong = await token(sandbox, { grant_type: 'authorization_code' }, 'wrong');
    expect(wrong).toEqual({ status: 401, body: { error: 'invalid_client' } });
    const json = await fetch(`${sandbox.url}/auth/token`, { method: 'POST', body: '{}' });
    expect([json.status, await json.json()]).toEqual([400, { error: 'invalid_request' }]);
    expect((await redeem({ grant_type: 'password' })).body).toEqual({ error: 'unsupported_grant_type' });
    expect((await redeem()).status).toBe(200);
  });
});

describe('a refresh', () => {
  test('keeps the refresh token', async () => {
    const { redeem, refresh, ask } = await login();
    const { body: first } = await redeem();
    const { status, body: second } = await refresh(first['refresh_token']);
    expect(status).toBe(200);
    expect(second['refresh_token']).toBe(first['refresh_token']);
    expect(second['access_token']).not.toBe(first['access_token']);
    expect((await ask(second['access_token'])).status).toBe(200);
  });

  test('gives another refresh token and ends the old one, if so chosen', async () => {
    const { redeem, refresh } = await login({ rotateRefreshTokens: true });
    const { body: first } = await redeem();
    const { body: second } = await refresh(first['refresh_token']);
    expect(second['refresh_token']).not.toBe(first['refresh_token']);
    expect(await refresh(first['refresh_token'])).toEqual(INVALID);
    expect((await refresh(second['refresh_token'])).status).toBe(200);
  });

  test('is refused for another redirect URI and for an unknown token', async () => {
    const { sandbox, redeem, refresh } = await login();
    const { body } = await redeem();
    const redirectUri = sandbox.oauthClient.redirectUris[1] ?? '';
    expect(await refresh(body['refresh_token'], { redirect_uri: redirectUri })).toEqual(INVALID);
    expect(await refresh('unknown')).toEqual(INVALID);
  });
});

describe('an access token', () => {
  test('ends after its time, which may be told as a text', async () => {
    const clock = clockAt(NOW);
    const { redeem, ask } = await login({ clock, accessTokenSeconds: 60, expiresInAsText: true });
    const { body } = await redeem();
    expect(body['expires_in']).toBe('60');
    clock.time += 59_999;
    expect((await ask(body['access_token'])).status).toBe(200);
    clock.time += 1;
    expect((await ask(body['access_token'])).status).toBe(401);
  });

  test('ends when the sandbox is told so, and can be refreshed unless that ends too', async () => {
    const { sandbox, redeem, refresh, ask } = await login();
    const { body } = await redeem();
    sandbox.control.expireTokens();
    expect((await ask(body['access_token'])).status).toBe(401);
    expect((await refresh(body['refresh_token'])).status).toBe(200);
    sandbox.control.expireTokens({ refreshTokens: true });
    expect(await refresh(body['refresh_token'])).toEqual(INVALID);
  });
});
