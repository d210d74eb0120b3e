import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  createBongloyOAuth,
  signedApplication,
  staticApplication,
} from '../../src/providers/bongloy/index.ts';
import { judgeGrant, judgeRevocation, judgeVerification } from '../../src/providers/bongloy/judge.ts';
import { toVerification } from '../../src/providers/bongloy/map.ts';
import { UpstreamFailure } from '../../src/upstream/errors.ts';
import { UNSENDABLE } from '../support/odd-values.ts';
import {
  type Answer,
  bongloy,
  everythingSaid,
  fixture,
  MEDIA_TYPE,
  never,
  refusal,
  rejection,
  upstreamTo,
} from './bongloy-client-support.ts';

const NOW = Date.parse('2024-03-02T08:00:00Z');
const MINUTE = 60_000;
const PERSON = { phoneNumber: '+85512583587', accountIdentifier: '195000131' };
const LOGIN = {
  authToken: 'firebase-id-token',
  cardholderVerificationId: '0972496e-8406-49bd-af70-980e6faa4864',
};
/** None of these may be seen in an error. */
const SECRETS = /85512583587|195000131|firebase-id-token|api-token|client-secret|old-refresh|secret-words/;

async function oauthOf(answers: readonly Answer[], upstreamOptions = {}) {
  const server = await bongloy(...answers);
  const oauth = createBongloyOAuth({
    upstream: upstreamTo(server.url, upstreamOptions),
    clientId: 'client-id',
    clientSecret: 'client-secret',
    application: staticApplication('api-token'),
    clock: { now: () => NOW },
  });
  return { oauth, ...server };
}

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
const oauthError = (status: number, error: string): Answer =>
  json(status, { error, error_description: 'secret-words' });

const pointing = (pointer: string): Answer => ({
  status: 422,
  body: JSON.stringify({ errors: [{ title: 'secret-words', source: { pointer }, code: 'not_found' }] }),
});

describe('a cardholder verification', () => {
  test('is asked for as the reference shows, with the credential of the application', async () => {
    const { oauth, requests, host } = await oauthOf([
      { status: 201, body: fixture('cardholder-verification') },
    ]);
    let attempts = 0;
    const verification = await oauth.createVerification(PERSON, {
      signal: never(),
      onAttempt: () => (attempts += 1),
    });
    expect(verification).toStrictEqual({
      id: '41b3e962-eaa7-460a-aaba-029b4673952b',
      phoneNumber: '+85512583587',
      status: 'pending',
      validUntil: new Date('2020-05-25T05:10:23.434Z'),
    });
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', url: '/connect/v1/cardholder_verifications' });
    const { 'content-length': _length, ...headers } = request?.headers ?? {};
    expect(headers).toStrictEqual({
      host,
      connection: 'keep-alive',
      'user-agent': 'mekong',
      accept: MEDIA_TYPE,
      'content-type': MEDIA_TYPE,
      authorization: 'Bearer api-token',
    });
    expect(JSON.parse(request?.body ?? '')).toStrictEqual({
      data: {
        type: 'cardholder_verification',
        attributes: { phone_number: '85512583587', account_identifier: '195000131' },
      },
    });
    expect(attempts).toBe(1);
  });

  test('that is refused does not tell whether the phone or the account was wrong', async () => {
    const { oauth } = await oauthOf([
      pointing('/data/attributes/phone_number'),
      pointing('/data/attributes/account_identifier'),
      { status: 422 },
      { status: 404 },
      { status: 400 },
    ]);
    const errors = await Promise.all(
      [1, 2, 3, 4, 5].map(() => refusal(oauth.createVerification(PERSON, { signal: never() }))),
    );
    expect(errors[0]).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input' } });
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1);
    for (const error of errors) expect(everythingSaid(error)).not.toMatch(SECRETS);
  });

  test.each([
    [401, 'UPSTREAM_REJECTED'],
    [403, 'UPSTREAM_REJECTED'],
    [429, 'RATE_LIMITED'],
    [500, 'UPSTREAM_UNAVAILABLE'],
  ])('that ends with %i is %s: no fault of whoever logs in', async (status, code) => {
    const { oauth } = await oauthOf([{ status }]);
    const error = await refusal(oauth.createVerification(PERSON, { signal: never() }));
    expect(error).toMatchObject({ code, details: { provider: 'BONGLOY' } });
    expect(everythingSaid(error)).not.toMatch(SECRETS);
  });

  test('is never asked for twice: each may send an SMS', async () => {
    const { oauth, requests } = await oauthOf([{ status: 503 }], { retries: 2 });
    await refusal(oauth.createVerification(PERSON, { signal: never() }));
    expect(requests).toHaveLength(1);
  });

  test('fails with the reason of the application credential, unsent', async () => {
    const { url, requests } = await bongloy();
    const reason = new Error('no key');
    const oauth = createBongloyOAuth({
      upstream: upstreamTo(url),
      clientId: 'client-id',
      clientSecret: 'client-secret',
      application: { authorization: () => Promise.reject(reason) },
    });
    expect(await rejection(oauth.createVerification(PERSON, { signal: never() }))).toBe(reason);
    expect(requests).toHaveLength(0);
  });
});

describe('the token endpoint', () => {
  const JSON_HEADERS = {
    connection: 'keep-alive',
    'user-agent': 'mekong',
    accept: MEDIA_TYPE,
    'content-type': 'application/json',
  };

  test('is given a login as JSON, and no Authorization header', async () => {
    const { oauth, requests, host } = await oauthOf([{ body: fixture('token-password') }]);
    expect(await oauth.authenticate(LOGIN, { signal: never() })).toStrictEqual({
      accessToken: 'PkQntstru8Wg_y4ST8eolryx5nK3qaOJpDRTfRihzPI',
      refreshToken: 'A7m19wQGgddP0_ej3H3vrrAWJyccNC_gUOsIdr1TyB0',
      expiresAt: NOW + 119 * MINUTE,
    });
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', url: '/oauth/token' });
    const { 'content-length': _length, ...headers } = request?.headers ?? {};
    expect(headers).toStrictEqual({ host, ...JSON_HEADERS });
    expect(JSON.parse(request?.body ?? '')).toStrictEqual({
      grant_type: 'password',
      scope: 'connect',
      auth_token: LOGIN.authToken,
      cardholder_verification_id: LOGIN.cardholderVerificationId,
      client_id: 'client-id',
      client_secret: 'client-secret',
    });
  });

  test('is given a refresh token without a scope, and answers with a new pair', async () => {
    const { oauth, requests, host } = await oauthOf([{ body: fixture('token-refresh') }]);
    expect(await oauth.refresh('old-refresh', { signal: never() })).toStrictEqual({
      accessToken: 'GisrljcQVqdicXgtXgK5ORSlMggSRymtcEk3bkqqKJ4',
      refreshToken: 'VwnI-8oyMg0a1acRyd26YI_opIYdnaFnysjKSz_2G4w',
      expiresAt: NOW + 119 * MINUTE,
    });
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', url: '/oauth/token' });
    const { 'content-length': _length, ...headers } = request?.headers ?? {};
    expect(headers).toStrictEqual({ host, ...JSON_HEADERS });
    expect(JSON.parse(request?.body ?? '')).toStrictEqual({
      grant_type: 'refresh_token',
      refresh_token: 'old-refresh',
      client_id: 'client-id',
      client_secret: 'client-secret',
    });
  });

  test('keeps the old refresh token when the provider gives no new one', async () => {
    const { oauth } = await oauthOf([json(200, { access_token: 'a' })]);
    expect(await oauth.refresh('old-refresh', { signal: never() })).toMatchObject({
      refreshToken: 'old-refresh',
    });
  });

  test.each([
    [400, 'invalid_grant', 'INVALID_GRANT'],
    [401, 'invalid_grant', 'INVALID_GRANT'],
    [401, 'invalid_client', 'UPSTREAM_REJECTED'],
    [400, 'unauthorized_client', 'UPSTREAM_REJECTED'],
    [400, 'invalid_scope', 'UPSTREAM_REJECTED'],
    [400, 'unsupported_grant_type', 'UPSTREAM_REJECTED'],
    [400, 'invalid_request', 'UPSTREAM_REJECTED'],
    [400, 'something_new', 'UPSTREAM_REJECTED'],
    [429, 'invalid_grant', 'RATE_LIMITED'],
    [500, 'invalid_grant', 'UPSTREAM_UNAVAILABLE'],
  ])('that answers %i %s: %s', async (status, word, code) => {
    const { oauth } = await oauthOf([oauthError(status, word)]);
    for (const call of [
      oauth.authenticate(LOGIN, { signal: never() }),
      oauth.refresh('old-refresh', { signal: never() }),
    ]) {
      const error = await refusal(call);
      expect(error).toMatchObject({ code, details: { provider: 'BONGLOY' } });
      expect(everythingSaid(error)).not.toMatch(SECRETS);
    }
  });

  test.each([
    ['nothing', { status: 400 }],
    ['HTML', { status: 400, body: '<html>invalid_grant</html>' }],
    ['a Rails error', json(400, { status: 400, error: 'Bad Request' })],
    ['JSON:API errors', json(400, { errors: [{ title: 'invalid_grant' }] })],
    ['the word in the description alone', json(400, { error: 'x', error_description: 'invalid_grant' })],
  ])('that answers 400 with %s did not refuse the login', async (_what, answer) => {
    const { oauth } = await oauthOf([answer]);
    expect((await refusal(oauth.authenticate(LOGIN, { signal: never() }))).code).toBe('UPSTREAM_REJECTED');
  });

  test.each([
    '',
    '<html></html>',
    '{}',
    '{"access_token":7}',
    ...UNSENDABLE.map((access_token) => JSON.stringify({ access_token })),
  ])('that answers 200 with %j gave no usable answer', async (body) => {
    const { oauth } = await oauthOf([{ body }]);
    const error = await refusal(oauth.authenticate(LOGIN, { signal: never() }));
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', cause: { kind: 'wrong-shape' } });
  });

  test('is sent each exchange once: a refresh token works once', async () => {
    const { oauth, requests } = await oauthOf([{ status: 503 }], { retries: 2 });
    await refusal(oauth.refresh('old-refresh', { signal: never() }));
    expect(requests).toHaveLength(1);
  });

  test("gives the caller's own abort back as it is", async () => {
    const { oauth, requests } = await oauthOf([{ body: fixture('token-password') }]);
    const error = await rejection(oauth.authenticate(LOGIN, { signal: AbortSignal.abort() }));
    expect(error).toBeInstanceOf(UpstreamFailure);
    expect(error).toMatchObject({ kind: 'aborted' });
    expect(requests).toHaveLength(0);
  });
});

const grant = (fields: object) =>
  judgeGrant({ status: 200, headers: {}, body: JSON.stringify({ access_token: 'a', ...fields }) }, NOW);

describe('the end of an access token', () => {
  test.each([
    ['a long one ends a minute early', { expires_in: 7200 }, 119 * MINUTE],
    ['a short one ends a tenth early', { expires_in: 100 }, 90_000],
    ['one without a life has the documented two hours', {}, 119 * MINUTE],
    ['one with a null life has the documented two hours', { expires_in: null }, 119 * MINUTE],
    ['one with an unreadable life has the documented two hours', { expires_in: 'soon' }, 119 * MINUTE],
    ['one that is over is over', { expires_in: 0 }, 0],
  ])('%s', (_title, fields, life) => {
    expect(grant(fields)).toStrictEqual({ accessToken: 'a', refreshToken: null, expiresAt: NOW + life });
  });
});

describe('revocation', () => {
  test('sends the token in the body, and no Authorization header', async () => {
    const { oauth, requests } = await oauthOf([{ body: fixture('revoke') }]);
    expect(await oauth.revoke('old-refresh', { signal: never() })).toBeUndefined();
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', url: '/oauth/revoke' });
    expect(request?.headers).toMatchObject({ accept: MEDIA_TYPE, 'content-type': 'application/json' });
    expect(request?.headers).not.toHaveProperty('authorization');
    expect(JSON.parse(request?.body ?? '')).toStrictEqual({
      token: 'old-refresh',
      client_id: 'client-id',
      client_secret: 'client-secret',
    });
  });

  test('is confirmed by any 2xx, whatever its body', async () => {
    const { oauth } = await oauthOf([{ body: '' }, { status: 204 }]);
    expect(await oauth.revoke('old-refresh', { signal: never() })).toBeUndefined();
    expect(await oauth.revoke('old-refresh', { signal: never() })).toBeUndefined();
  });

  test.each([
    [400, 'UPSTREAM_REJECTED'],
    [401, 'UPSTREAM_REJECTED'],
    [403, 'UPSTREAM_REJECTED'],
    [429, 'RATE_LIMITED'],
    [500, 'UPSTREAM_UNAVAILABLE'],
  ])('that ends with %i is not confirmed: %s', async (status, code) => {
    const { oauth } = await oauthOf([oauthError(status, 'unauthorized_client')]);
    const error = await refusal(oauth.revoke('old-refresh', { signal: never() }));
    expect(error.code).toBe(code);
    expect(everythingSaid(error)).not.toMatch(SECRETS);
  });
});

const answer = (status: number, body: string) => ({ status, headers: {}, body });

describe('judging needs nothing but the answer', () => {
  test('a verification, a grant, a revocation', () => {
    const judge = judgeVerification((value) => toVerification('+85512583587')(value, () => {}));
    expect(judge(answer(201, fixture('cardholder-verification')), NOW).status).toBe('pending');
    expect(judgeGrant(answer(200, fixture('token-password')), NOW).expiresAt).toBe(NOW + 119 * MINUTE);
    expect(judgeRevocation(answer(200, fixture('revoke')), NOW)).toBeUndefined();
  });
});

const withKey = (privateKeyPem: string) => () => signedApplication({ apiToken: 'api-token', privateKeyPem });

describe('the credential of the application', () => {
  const clock = { now: () => NOW + 999 };
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = (type: 'pkcs1' | 'pkcs8') => privateKey.export({ format: 'pem', type }).toString();

  test('can be the API token itself', async () => {
    expect(await staticApplication('api-token').authorization()).toBe('Bearer api-token');
  });

  test.each(['pkcs8', 'pkcs1'] as const)('can be a token signed with an RSA key in %s', async (type) => {
    const application = signedApplication({ apiToken: 'api-token', privateKeyPem: pem(type), clock });
    const authorization = await application.authorization();
    const [scheme, token = ''] = authorization.split(' ');
    expect(scheme).toBe('Bearer');
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })),
    );
    expect(payload).toStrictEqual({ api_token: 'api-token', timestamp: NOW / 1000 });
    expect(protectedHeader).toStrictEqual({ alg: 'RS256' });
  });

  test('is signed anew for each call', async () => {
    let now = NOW;
    const moving = { now: () => now };
    const application = signedApplication({
      apiToken: 'api-token',
      privateKeyPem: pem('pkcs8'),
      clock: moving,
    });
    const first = await application.authorization();
    now += 1000;
    expect(await application.authorization()).not.toBe(first);
  });

  test('with a key that cannot sign this way is refused at the start, and not shown', () => {
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const wrong = elliptic.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(withKey(wrong)).toThrow('the signing key is not an RSA key');
    expect(withKey('secret-words')).toThrow(/^(?!.*secret-words)/);
  });
});
