import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { BongloySandbox } from '../../../src/providers/bongloy/sandbox/index.ts';
import { type Answer, call, type Json, movableClock, postJson, reader, start } from './support.ts';

const credentials = (sandbox: BongloySandbox) => ({
  client_id: sandbox.application.clientId,
  client_secret: sandbox.application.clientSecret,
});

function verificationBody(phone_number: unknown, account_identifier: unknown): unknown {
  return { data: { type: 'cardholder_verification', attributes: { phone_number, account_identifier } } };
}

function verify(
  sandbox: BongloySandbox,
  body: unknown,
  token = sandbox.application.apiToken,
): Promise<Answer> {
  return postJson(`${sandbox.url}/connect/v1/cardholder_verifications`, body, {
    authorization: `Bearer ${token}`,
    'content-type': 'application/vnd.api+json',
  });
}

/** A password grant's body with everything right: a fresh verification and a fresh sign-in. */
async function passwordGrant(sandbox: BongloySandbox): Promise<Record<string, string>> {
  const { phoneNumber, accountIdentifier, oneTimeCode } = sandbox.login;
  const verification = await verify(sandbox, verificationBody(phoneNumber, accountIdentifier));
  return {
    grant_type: 'password',
    scope: 'connect',
    ...credentials(sandbox),
    auth_token: await sandbox.control.firebaseToken({ phoneNumber, code: oneTimeCode }),
    cardholder_verification_id: verification.body.data.id,
  };
}

const token = (sandbox: BongloySandbox, body: unknown) => postJson(`${sandbox.url}/oauth/token`, body);
const refresh = (sandbox: BongloySandbox, refresh_token: string | undefined) =>
  token(sandbox, { grant_type: 'refresh_token', refresh_token, ...credentials(sandbox) });
const revoke = (sandbox: BongloySandbox, body: object) => postJson(`${sandbox.url}/oauth/revoke`, body);
const statusWith = async (sandbox: BongloySandbox, accessToken: string) =>
  (
    await call(`${sandbox.url}/connect/v1/cardholder`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
  ).status;

describe('a cardholder verification', () => {
  test.each([
    ['a body that is no document', {}, '/data'],
    ['another type', { data: { type: 'card', attributes: {} } }, '/data/type'],
    ['a phone with a plus', verificationBody('+85513333333', '204000201'), '/data/attributes/phone_number'],
    ['no phone', verificationBody(undefined, '204000201'), '/data/attributes/phone_number'],
    [
      'an unknown account',
      verificationBody('85513333333', '204999999'),
      '/data/attributes/account_identifier',
    ],
    [
      'somebody else’s account',
      verificationBody('85513333333', '201000138'),
      '/data/attributes/account_identifier',
    ],
    ['an unknown phone', verificationBody('85599999999', '204000201'), '/data/attributes/account_identifier'],
  ])('is refused with an error document for %s', async (_, body, pointer) => {
    const answer = await verify(await start(), body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: Json) => error.source.pointer)).toContain(pointer);
  });

  test('is not found in a form, as the reference page’s curl line would send it', async () => {
    const sandbox = await start();
    const answer = await call(`${sandbox.url}/connect/v1/cardholder_verifications`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${sandbox.application.apiToken}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: JSON.stringify(verificationBody('85513333333', '204000201')),
    });
    expect(answer.status).toBe(422);
  });

  test('wants the application’s own bearer', async () => {
    const sandbox = await start();
    const cardholder = sandbox.control.issueTokens({ cardholder: sandbox.login.cardholder }).access_token;
    for (const wrong of ['nobody', cardholder]) {
      const answer = await verify(sandbox, verificationBody('85513333333', '204000201'), wrong);
      expect([answer.status, answer.text]).toEqual([401, '']);
    }
  });

  test('wants a signed JWT with a recent time once a public key is registered', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const clock = movableClock();
    const sandbox = await start({ clock, signingPublicKey: await exportSPKI(publicKey) });
    const signed = (claims: Record<string, unknown>, key = privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(key);
    const seconds = Math.floor(clock.now() / 1000);
    const status = async (bearer: string) =>
      (await verify(sandbox, verificationBody('85513333333', '204000201'), bearer)).status;
    const api_token = sandbox.application.apiToken;

    expect(await status(await signed({ api_token, timestamp: seconds }))).toBe(201);
    expect(await status(await signed({ api_token, timestamp: String(seconds) }))).toBe(201);
    expect(await status(api_token)).toBe(401);
    expect(await status(await signed({ api_token, timestamp: clock.now() }))).toBe(401);
    expect(await status(await signed({ api_token }))).toBe(401);
    expect(await status(await signed({ api_token: 'other', timestamp: seconds }))).toBe(401);
    const stranger = await generateKeyPair('RS256');
    expect(await status(await signed({ api_token, timestamp: seconds }, stranger.privateKey))).toBe(401);
  });
});

describe('the phone sign-in', () => {
  test('gives a token with the claims of the documented sample, for the right code alone', async () => {
    const sandbox = await start({ clock: movableClock() });
    const idToken = await sandbox.control.firebaseToken({ phoneNumber: '85513333333', code: '123456' });
    const claims = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      iss: 'https://securetoken.google.com/bongloy-app-sandbox',
      aud: 'bongloy-app-sandbox',
      sub: claims.user_id,
      phone_number: '+85513333333',
      firebase: { identities: { phone: ['+85513333333'] }, sign_in_provider: 'phone' },
    });
    expect(claims.exp - claims.iat).toBe(3600);
    await expect(
      sandbox.control.firebaseToken({ phoneNumber: '85513333333', code: '000000' }),
    ).rejects.toThrow('the one-time code is wrong');
  });
});

describe('the password grant', () => {
  test('opens the verified cardholder’s account, with a JSON body or a form, and is not to be stored', async () => {
    const sandbox = await start();
    const asJson = await token(sandbox, await passwordGrant(sandbox));
    const asForm = await call(`${sandbox.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(await passwordGrant(sandbox)),
    });
    for (const answer of [asJson, asForm]) {
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(Object.keys(answer.body).sort()).toEqual([
        'access_token',
        'expires_in',
        'refresh_token',
        'scope',
        'token_type',
      ]);
      expect(await statusWith(sandbox, answer.body.access_token)).toBe(200);
    }
  });

  test.each(['grant_type', 'scope', 'auth_token', 'cardholder_verification_id'])(
    'without %s is an invalid request',
    async (name) => {
      const sandbox = await start();
      const { [name]: _, ...rest } = await passwordGrant(sandbox);
      const answer = await token(sandbox, rest);
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    },
  );

  test.each([
    [{ grant_type: 'client_credentials' }, 400, 'unsupported_grant_type'],
    [{ grant_type: 'constructor' }, 400, 'unsupported_grant_type'],
    [{ scope: 'admin' }, 400, 'invalid_scope'],
    [{ client_id: 'other' }, 401, 'invalid_client'],
    [{ client_secret: 'other' }, 401, 'invalid_client'],
    [{ auth_token: 'forged' }, 400, 'invalid_grant'],
    [{ cardholder_verification_id: '41b3e962-eaa7-460a-aaba-029b4673952b' }, 400, 'invalid_grant'],
  ])('with %j is answered %i %s', async (changed, status, error) => {
    const sandbox = await start();
    const answer = await token(sandbox, { ...(await passwordGrant(sandbox)), ...changed });
    expect([answer.status, answer.body]).toEqual([status, { error, error_description: expect.any(String) }]);
  });

  test('is an invalid grant 120 seconds after the verification, with another phone, and a second time', async () => {
    const clock = movableClock();
    const sandbox = await start({ clock });
    const late = await passwordGrant(sandbox);
    clock.advance(120_000);
    expect((await token(sandbox, late)).body.error).toBe('invalid_grant');
    const auth_token = await sandbox.control.firebaseToken({ phoneNumber: '85512583587', code: '123456' });
    const otherPhone = { ...(await passwordGrant(sandbox)), auth_token };
    const once = await passwordGrant(sandbox);
    clock.advance(119_999);
    expect((await token(sandbox, once)).status).toBe(200);
    for (const body of [otherPhone, once]) {
      expect((await token(sandbox, body)).body.error).toBe('invalid_grant');
    }
  });

  test('is an invalid grant when the verification was made to expire', async () => {
    const sandbox = await start();
    const body = await passwordGrant(sandbox);
    expect(sandbox.control.expireVerification()).toBe(1);
    expect((await token(sandbox, body)).body.error).toBe('invalid_grant');
  });

  test('cannot be read from broken JSON', async () => {
    const sandbox = await start();
    const answer = await call(`${sandbox.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: '{"grant_type":',
    });
    expect([answer.status, answer.body]).toEqual([400, { status: 400, error: 'Bad Request' }]);
  });

  test('knows the client from Basic authentication too', async () => {
    const sandbox = await start();
    const { client_id, client_secret, ...rest } = await passwordGrant(sandbox);
    const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
    expect((await postJson(`${sandbox.url}/oauth/token`, rest, { authorization })).status).toBe(200);
  });
});

const issue = (sandbox: BongloySandbox) =>
  sandbox.control.issueTokens({ cardholder: sandbox.login.cardholder });

describe('the refresh grant', () => {
  test('grace: the old pair dies when the new access token is first used', async () => {
    const sandbox = await start();
    const old = issue(sandbox);
    const lost = await refresh(sandbox, old.refresh_token);
    const fresh = (await refresh(sandbox, old.refresh_token)).body;
    expect([lost.status, await statusWith(sandbox, old.access_token)]).toEqual([200, 200]);

    expect(await statusWith(sandbox, fresh.access_token)).toBe(200);
    expect(await statusWith(sandbox, old.access_token)).toBe(401);
    expect((await refresh(sandbox, old.refresh_token)).body.error).toBe('invalid_grant');
    expect((await refresh(sandbox, fresh.refresh_token)).status).toBe(200);
  });

  test.each(['from the start', 'from now on'])('strict, %s: it dies at once', async (when) => {
    const sandbox = await start(when === 'from the start' ? { rotation: 'strict' } : {});
    if (when === 'from now on') sandbox.control.setRotation('strict');
    const old = issue(sandbox);
    const fresh = await refresh(sandbox, old.refresh_token);
    expect(await statusWith(sandbox, old.access_token)).toBe(401);
    expect((await refresh(sandbox, old.refresh_token)).body.error).toBe('invalid_grant');
    expect(await statusWith(sandbox, fresh.body.access_token)).toBe(200);
  });

  test('works after the access token expired, early or in its time', async () => {
    const clock = movableClock();
    const sandbox = await start({ clock, accessTokenSeconds: 60 });
    const first = issue(sandbox);
    expect([first.expires_in, sandbox.control.expireAccessToken()]).toEqual([60, 1]);
    expect(await statusWith(sandbox, first.access_token)).toBe(401);
    const second = (await refresh(sandbox, first.refresh_token)).body;
    clock.advance(60_000);
    expect(await statusWith(sandbox, second.access_token)).toBe(401);
    expect((await refresh(sandbox, second.refresh_token)).status).toBe(200);
  });

  test('is not for access tokens, and needs a token and the client', async () => {
    const sandbox = await start();
    expect((await refresh(sandbox, issue(sandbox).access_token)).body.error).toBe('invalid_grant');
    expect((await refresh(sandbox, undefined)).body.error).toBe('invalid_request');
    const { refresh_token } = issue(sandbox);
    const answer = await token(sandbox, { grant_type: 'refresh_token', refresh_token });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });
});

describe('revocation', () => {
  test.each(['access_token', 'refresh_token'] as const)('of the %s ends both', async (which) => {
    const sandbox = await start();
    const pair = sandbox.control.issueTokens({ cardholder: sandbox.login.cardholder });
    const answer = await revoke(sandbox, { token: pair[which], ...credentials(sandbox) });
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect(await statusWith(sandbox, pair.access_token)).toBe(401);
    expect((await refresh(sandbox, pair.refresh_token)).body.error).toBe('invalid_grant');
  });

  test('of an unknown or already revoked token is no error', async () => {
    const sandbox = await start();
    expect((await revoke(sandbox, { token: 'nobody', ...credentials(sandbox) })).status).toBe(200);
  });

  test('by a stranger is forbidden and changes nothing', async () => {
    const sandbox = await start();
    const { access_token } = sandbox.control.issueTokens({ cardholder: sandbox.login.cardholder });
    const answer = await revoke(sandbox, { token: access_token, client_id: 'other', client_secret: 'other' });
    expect([answer.status, answer.body.error]).toEqual([403, 'unauthorized_client']);
    expect(await statusWith(sandbox, access_token)).toBe(200);
  });

  test('by the issuer ends the logins of one cardholder, or of all', async () => {
    const sandbox = await start();
    const read = reader(sandbox, sandbox.login.cardholder);
    expect(sandbox.control.revokeTokens({ cardholder: 'nobody' })).toBe(0);
    expect((await read('/cardholder')).status).toBe(200);
    expect(sandbox.control.revokeTokens({ cardholder: sandbox.login.cardholder })).toBe(1);
    expect((await read('/cardholder')).status).toBe(401);
  });
});
