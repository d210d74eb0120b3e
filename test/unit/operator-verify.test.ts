import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOperatorVerifier, type OperatorVerifierOptions } from '../../src/auth/operator.ts';
import { HOUR, MINUTE, SECOND } from '../../src/lib/duration.ts';
import { START, silent, testClock } from './session-support.ts';

const issuer = 'https://login.shop.example';
const audience = 'mekong';
const seconds = START / SECOND;
const claims = {
  iss: issuer,
  aud: audience,
  sub: 'back-office',
  iat: seconds,
  exp: seconds + HOUR / SECOND,
  scope: 'casso:read events:read',
};
const invalid = expect.objectContaining({
  code: 'UNAUTHENTICATED',
  message: 'The token is not valid, or no longer: log in again.',
});

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid });
const jwks = {
  keys: [jwk(ec.publicKey, 'ec'), jwk(rsa.publicKey, 'rsa'), jwk(ed.publicKey, 'ed')],
};

/** RFC 7515 §7.1, with Node's own signatures, so that the verifier is not checked by its own library. */
function token(alg: string, kid: string, payload: object, signer: (input: Buffer) => Buffer): string {
  const input = [{ alg, kid }, payload].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signed = input.join('.');
  return `${signed}.${signer(Buffer.from(signed)).toString('base64url')}`;
}

const byEc = (input: Buffer) => sign('sha256', input, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
const good = (changes: object = {}): string => token('ES256', 'ec', { ...claims, ...changes }, byEc);

/** A JWK set in a file of its own. */
function fileOf(set: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'jwks.json');
  writeFileSync(file, JSON.stringify(set));
  return file;
}

function setUp(options: Partial<OperatorVerifierOptions> = {}) {
  const file = fileOf(jwks);
  const clock = testClock();
  return {
    clock,
    verifier: createOperatorVerifier({ jwks: { file }, issuer, audience, clock, logger: silent, ...options }),
  };
}

describe('an operator token', () => {
  test.each([
    ['RS256', 'rsa', (input: Buffer) => sign('sha256', input, rsa.privateKey)],
    [
      'PS256',
      'rsa',
      (input: Buffer) => sign('sha256', input, { key: rsa.privateKey, padding: 6, saltLength: 32 }),
    ],
    ['ES256', 'ec', byEc],
    ['EdDSA', 'ed', (input: Buffer) => sign(null, input, ed.privateKey)],
  ])('signed with %s names the operator', async (alg, kid, signer) => {
    const { verifier } = setUp();
    expect(await verifier.verify(token(alg, kid, claims, signer))).toEqual({
      kind: 'OPERATOR',
      subject: 'back-office',
      scopes: new Set(['casso:read', 'events:read']),
      expiresAt: START + HOUR,
    });
  });

  test.each([
    ['a list', ['casso:sync', 'casso:admin'], ['casso:sync', 'casso:admin']],
    ['unknown words', 'openid casso:read casso:everything', ['casso:read']],
    ['a list with other things', ['casso:read', 7, null], ['casso:read']],
    ['nothing', undefined, []],
    ['another shape', { 'casso:read': true }, []],
  ])('whose scope is %s allows what is known of it', async (_, scope, allowed) => {
    const viewer = await setUp().verifier.verify(good({ scope }));
    expect([...viewer.scopes]).toEqual(allowed);
  });

  test('may name several audiences', async () => {
    expect(await setUp().verifier.verify(good({ aud: ['others', audience] }))).toMatchObject({
      kind: 'OPERATOR',
    });
  });

  describe('of a set in which several keys may be meant', () => {
    const rsaToken = (kid: string) =>
      token('RS256', kid, claims, (input) => sign('sha256', input, rsa.privateKey));
    const setOf = (...keys: object[]) => {
      const { verifier } = setUp({ jwks: { file: fileOf({ keys }) } });
      return verifier;
    };
    const others = [
      stranger.publicKey,
      ...[1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
    ];

    test.each([
      ['one key twice', [jwk(ec.publicKey, 'ec'), jwk(ec.publicKey, 'ec')]],
      ['one id for two keys', [jwk(stranger.publicKey, 'ec'), jwk(ec.publicKey, 'ec')]],
      ['one id for two keys, the other way round', [jwk(ec.publicKey, 'ec'), jwk(stranger.publicKey, 'ec')]],
    ])('is taken when one of them signed it: %s', async (_what, keys) => {
      expect(await setOf(...keys).verify(good())).toMatchObject({ subject: 'back-office' });
    });

    test('is refused when none of them did, or it has ended', async () => {
      const same = setOf(jwk(ec.publicKey, 'ec'), jwk(ec.publicKey, 'ec'));
      const ended = good({ exp: seconds - MINUTE / SECOND });
      await expect(same.verify(ended)).rejects.toEqual(invalid);
      const foreign = setOf(...others.map((key) => jwk(key, 'rsa')));
      await expect(foreign.verify(rsaToken('rsa'))).rejects.toEqual(invalid);
    });
  });

  test.each([
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['without an issuer', { iss: undefined }],
    ['for another audience', { aud: 'somebody-else' }],
    ['without an audience', { aud: undefined }],
    ['without an end', { exp: undefined }],
    ['whose end is no number', { exp: 'tomorrow' }],
    ['whose end no calendar knows', { exp: 1e300 }],
    ['that ends after the year 9999', { exp: 253_402_300_800 }],
    ['that has ended', { exp: seconds - MINUTE / SECOND }],
    ['that is not good yet', { nbf: seconds + MINUTE / SECOND }],
    ['without a subject', { sub: undefined }],
    ['with an empty subject', { sub: '' }],
    ['whose subject is no text', { sub: 7 }],
  ])('%s is refused', async (_, changes) => {
    await expect(setUp().verifier.verify(good(changes))).rejects.toEqual(invalid);
  });

  test('ends a few seconds after its time, as clocks differ, and no later', async () => {
    const { clock, verifier } = setUp();
    clock.advance(HOUR + 4 * SECOND);
    await verifier.verify(good());
    clock.advance(2 * SECOND);
    await expect(verifier.verify(good())).rejects.toEqual(invalid);
  });
});

const hmac = (secret: string | Buffer) => (input: Buffer) =>
  createHmac('sha256', secret).update(input).digest();

describe('a forged operator token', () => {
  const pem = ec.publicKey.export({ type: 'spki', format: 'pem' });

  test.each([
    ['without a signature', token('none', 'ec', claims, () => Buffer.alloc(0))],
    ['with HS256 and the public key as PEM', token('HS256', 'ec', claims, hmac(pem))],
    [
      'with HS256 and the public key as JWK',
      token('HS256', 'ec', claims, hmac(JSON.stringify(jwks.keys[0]))),
    ],
    [
      'with an algorithm that is not listed',
      token('RS512', 'rsa', claims, (i) => sign('sha512', i, rsa.privateKey)),
    ],
    ['with an algorithm of another key type', token('RS256', 'ec', claims, byEc)],
    [
      "with a stranger's key under a known name",
      token('ES256', 'ec', claims, (i) =>
        sign('sha256', i, { key: stranger.privateKey, dsaEncoding: 'ieee-p1363' }),
      ),
    ],
    ['with an unknown key name', token('ES256', 'nobody', claims, byEc)],
    ['that is no JWT', 'a.b.c'],
    ['that is nothing', ''],
  ])('%s is refused', async (_, forged) => {
    await expect(setUp().verifier.verify(forged)).rejects.toEqual(invalid);
  });

  test('with a changed claim is refused', async () => {
    const [header, , signature] = good().split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, scope: 'casso:admin' })).toString('base64url');
    await expect(setUp().verifier.verify([header, payload, signature].join('.'))).rejects.toEqual(invalid);
  });
});

/** @param answer status and body of the key endpoint, asked anew for each request */
async function endpoint(answer: () => { status: number; body: string }) {
  const server = createServer((_, response) => {
    const { status, body } = answer();
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`, close };
}

/** A logger that keeps what was logged as errors. */
function remembering() {
  const messages: unknown[] = [];
  const error = (...args: unknown[]) => void messages.push(args.at(-1));
  return { messages, logger: { ...silent, error } as typeof silent };
}

describe('keys behind a URL', () => {
  test('are fetched once and used for every token', async () => {
    let requests = 0;
    const { url } = await endpoint(() => {
      requests += 1;
      return { status: 200, body: JSON.stringify(jwks) };
    });
    const { verifier } = setUp({ jwks: { url } });
    const tokens = Array.from({ length: 10 }, () => good());
    await Promise.all(tokens.map((text) => verifier.verify(text)));
    expect(requests).toBe(1);
    await expect(verifier.verify(token('ES256', 'nobody', claims, byEc))).rejects.toEqual(invalid);
  });

  test.each([
    ['answers 503', () => ({ status: 503, body: '' })],
    ['answers something else', () => ({ status: 200, body: '<html>' })],
    ['answers no key set', () => ({ status: 200, body: '{}' })],
  ])('are our trouble, logged, and not a bad token when their endpoint %s', async (_, answer) => {
    const { url } = await endpoint(answer);
    const { messages, logger } = remembering();
    const { verifier } = setUp({ jwks: { url }, logger });
    await expect(verifier.verify(good())).rejects.toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(messages).toEqual(['operators cannot log in: the keys at OPERATOR_JWKS_URL cannot be had']);
  });

  test('are our trouble when nobody listens, and work once somebody does', async () => {
    let isUp = false;
    const { url } = await endpoint(() =>
      isUp ? { status: 200, body: JSON.stringify(jwks) } : { status: 500, body: '' },
    );
    const { verifier } = setUp({ jwks: { url } });
    await expect(verifier.verify(good())).rejects.toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    isUp = true;
    expect(await verifier.verify(good())).toMatchObject({ subject: 'back-office' });
    const gone = await endpoint(() => ({ status: 200, body: '' }));
    await gone.close();
    await expect(setUp({ jwks: { url: gone.url } }).verifier.verify(good())).rejects.toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
    });
  });
});

test('a key file that is absent or no key set stops the start', () => {
  expect(() => setUp({ jwks: { file: '/nowhere/jwks.json' } })).toThrow('ENOENT');
  const folder = mkdtempSync(join(tmpdir(), 'mekong-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'jwks.json');
  writeFileSync(file, '{"keys":7}');
  expect(() => setUp({ jwks: { file } })).toThrow('JSON Web Key Set malformed');
});
