import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BONGLOY, EC, file, folder, jwks, mistakesOf, OPERATORS, RSA, SHORT_RSA } from './config-support.ts';

describe('a file', () => {
  test.each(['BONGLOY_SIGNING_KEY_FILE', 'OPERATOR_JWKS_FILE'])(
    'that cannot be read is named: %s',
    (name) => {
      for (const path of [join(folder, 'missing'), folder]) {
        expect(mistakesOf({ ...BONGLOY, ...OPERATORS, [name]: path })).toEqual([
          `${name} names a file that cannot be read: ${path}`,
        ]);
      }
    },
  );

  test.each([
    [
      'BONGLOY_SIGNING_KEY_FILE',
      'ec.pem',
      EC.privateKey,
      'an RSA private key of at least 2048 bits as PEM text',
    ],
    [
      'BONGLOY_SIGNING_KEY_FILE',
      'public.pem',
      RSA.publicKey,
      'an RSA private key of at least 2048 bits as PEM text',
    ],
    ['BONGLOY_SIGNING_KEY_FILE', 'empty.pem', '', 'an RSA private key of at least 2048 bits as PEM text'],
    [
      'BONGLOY_SIGNING_KEY_FILE',
      'short.pem',
      SHORT_RSA.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'an RSA private key of at least 2048 bits as PEM text',
    ],
    [
      'OPERATOR_JWKS_FILE',
      'short.json',
      jwks(SHORT_RSA.publicKey),
      'a JWK set of public keys as JSON, RSA ones of at least 2048 bits',
    ],
    [
      'OPERATOR_JWKS_FILE',
      'private.json',
      jwks(SHORT_RSA.privateKey),
      'a JWK set of public keys as JSON, RSA ones of at least 2048 bits',
    ],
    [
      'OPERATOR_JWKS_FILE',
      'shared.json',
      '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}',
      'a JWK set of public keys as JSON, RSA ones of at least 2048 bits',
    ],
    [
      'OPERATOR_JWKS_FILE',
      'key.json',
      '{"kty":"EC"}',
      'a JWK set of public keys as JSON, RSA ones of at least 2048 bits',
    ],
    [
      'OPERATOR_JWKS_FILE',
      'no.json',
      '{"keys":',
      'a JWK set of public keys as JSON, RSA ones of at least 2048 bits',
    ],
  ])('that holds something else is named, its content is not: %s with %s', (name, base, content, what) => {
    const path = file(base, content);
    expect(mistakesOf({ ...BONGLOY, ...OPERATORS, [name]: path })).toEqual([
      `${name} must name a file that holds ${what}: ${path} does not`,
    ]);
  });
});
