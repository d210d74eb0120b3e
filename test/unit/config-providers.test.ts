import { describe, expect, test } from 'vitest';
import { environment } from '../../src/config/environment.ts';
import { BONGLOY, CASSO_OAUTH, file, mistakesOf, OPERATORS, RSA, read } from './config-support.ts';

describe('Bongloy', () => {
  test('is on with its three settings', () => {
    expect(read(BONGLOY).bongloy).toEqual({
      apiUrl: 'https://cms-sandbox.bongloy.com',
      clientId: 'id',
      clientSecret: 'secret',
      apiToken: 'token',
      signingKeyPem: null,
      webhookSecrets: [],
      webhookRequireExp: false,
    });
  });

  test('takes the others', () => {
    const env = {
      ...BONGLOY,
      BONGLOY_API_URL: 'https://cms.bongloy.com/',
      BONGLOY_SIGNING_KEY_FILE: file('rsa.pem', RSA.privateKey),
      BONGLOY_WEBHOOK_SECRETS: 'new,old',
      BONGLOY_WEBHOOK_REQUIRE_EXP: 'true',
    };
    expect(read(env).bongloy).toMatchObject({
      apiUrl: 'https://cms.bongloy.com',
      signingKeyPem: RSA.privateKey,
      webhookSecrets: ['new', 'old'],
      webhookRequireExp: true,
    });
  });

  test.each(Object.keys(environment.shape).filter((name) => name.startsWith('BONGLOY_')))(
    'is not half on: %s alone asks for the others',
    (name) => {
      const given = { BONGLOY_API_URL: 'https://cms.bongloy.com', BONGLOY_WEBHOOK_REQUIRE_EXP: 'true' };
      const value = name in given ? given[name as keyof typeof given] : file('rsa.pem', RSA.privateKey);
      const missing = Object.keys(BONGLOY).filter((needed) => needed !== name);
      expect(mistakesOf({ [name]: value })).toEqual(
        missing.map((needed) =>
          expect.stringMatching(new RegExp(`^${needed} is required: Bongloy is switched on`)),
        ),
      );
    },
  );
});

describe('Casso', () => {
  test.each([
    ['CASSO_API_KEY', 'AK_1', { apiKey: 'AK_1', oauth: null }],
    ['CASSO_API_URL', 'https://oauth.casso.vn', { apiKey: null, apiUrl: 'https://oauth.casso.vn' }],
    ['CASSO_WEBHOOK_CHECKSUM_KEYS', 'a,b', { webhookChecksumKeys: ['a', 'b'], webhookSecureTokens: [] }],
    ['CASSO_WEBHOOK_SECURE_TOKENS', 'a,b', { webhookChecksumKeys: [], webhookSecureTokens: ['a', 'b'] }],
    ['CASSO_REQUESTS_PER_MINUTE', '60', { requestsPerMinute: 60 }],
  ])('is on with any of its settings: %s', (name, value, expected) => {
    expect(read({ [name]: value }).casso).toMatchObject({ apiUrl: 'https://oauth.casso.vn', ...expected });
  });

  test('has OAuth with its three settings', () => {
    expect(read(CASSO_OAUTH).casso?.oauth).toEqual({
      clientId: 'id',
      clientSecret: 'secret',
      redirectUris: ['https://app.example.com/back', 'com.example.app:/back'],
    });
  });

  test.each(Object.entries(CASSO_OAUTH))('has no half OAuth: %s alone asks for the others', (name, value) => {
    const missing = Object.keys(CASSO_OAUTH).filter((needed) => needed !== name);
    expect(mistakesOf({ [name]: value })).toEqual(
      missing.map((needed) => expect.stringMatching(new RegExp(`^${needed} is required: Casso's OAuth`))),
    );
  });

  test.each(['https://app.example.com/back#part', 'http://app.example.com/back', '/back'])(
    'takes no redirect to %s',
    (uri) => {
      expect(mistakesOf({ ...CASSO_OAUTH, CASSO_REDIRECT_URIS: `https://ok.example.com/,${uri}` })).toEqual([
        expect.stringMatching(
          /^CASSO_REDIRECT_URIS must be a comma list of absolute URIs without a fragment/,
        ),
      ]);
    },
  );
});

describe('operators', () => {
  test('are known by a file or by an address', () => {
    const { OPERATOR_JWKS_FILE, ...rest } = OPERATORS;
    const common = { issuer: 'https://id.example.com', audience: 'mekong' };
    expect(read(OPERATORS).operators).toEqual({ jwks: { file: OPERATOR_JWKS_FILE }, ...common });
    expect(read({ ...rest, OPERATOR_JWKS_URL: 'https://id.example.com/jwks' }).operators).toEqual({
      jwks: { url: 'https://id.example.com/jwks' },
      ...common,
    });
  });

  test('are not known by both', () => {
    expect(mistakesOf({ ...OPERATORS, OPERATOR_JWKS_URL: 'https://id.example.com/jwks' })).toEqual([
      'OPERATOR_JWKS_URL and OPERATOR_JWKS_FILE exclude each other: unset one',
    ]);
  });

  test.each([
    ['OPERATOR_JWKS_FILE', ['OPERATOR_ISSUER', 'OPERATOR_AUDIENCE']],
    ['OPERATOR_ISSUER', ['OPERATOR_JWKS_FILE or OPERATOR_JWKS_URL', 'OPERATOR_AUDIENCE']],
    ['OPERATOR_AUDIENCE', ['OPERATOR_JWKS_FILE or OPERATOR_JWKS_URL', 'OPERATOR_ISSUER']],
  ] as const)('are not half known: %s alone asks for the others', (name, missing) => {
    expect(mistakesOf({ [name]: OPERATORS[name] })).toEqual(
      missing.map((needed) => expect.stringMatching(new RegExp(`^${needed} is required: operator tokens`))),
    );
  });
});

describe('an address that gets secrets', () => {
  const others = { ...BONGLOY, OPERATOR_ISSUER: 'issuer', OPERATOR_AUDIENCE: 'mekong' };
  const names = ['BONGLOY_API_URL', 'CASSO_API_URL', 'OPERATOR_JWKS_URL'] as const;
  const valid = { OPERATOR_JWKS_URL: 'https://id.example.com/jwks' };

  test.each(names)('may be http:// on this machine alone: %s', (name) => {
    for (const host of ['localhost:8080', '127.0.0.1', '127.1.2.3:9', '[::1]:80']) {
      expect(mistakesOf({ ...others, ...valid, [name]: `http://${host}` })).toEqual([]);
    }
    for (const host of [
      'example.com',
      '10.0.0.1',
      'localhost.example.com',
      '127.0.0.1.nip.io',
      '0.0.0.0',
      '[::2]',
    ]) {
      expect(mistakesOf({ ...others, ...valid, [name]: `http://${host}` })).toEqual([
        `${name} must begin with https:// (http:// is accepted for this machine alone)`,
      ]);
    }
  });
});
