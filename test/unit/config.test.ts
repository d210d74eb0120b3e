import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { environment } from '../../src/config/environment.ts';
import { ConfigError, readConfig } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'mekong-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const RSA = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const EC = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const SHORT_RSA = generateKeyPairSync('rsa', { modulusLength: 1024 });
const jwks = (one: KeyObject): string => JSON.stringify({ keys: [one.export({ format: 'jwk' })] });
const key = (): string => randomBytes(32).toString('base64');

const LEAST = { STORE_KEYS: key() };
const BONGLOY = { BONGLOY_CLIENT_ID: 'id', BONGLOY_CLIENT_SECRET: 'secret', BONGLOY_API_TOKEN: 'token' };
const CASSO_OAUTH = {
  CASSO_CLIENT_ID: 'id',
  CASSO_CLIENT_SECRET: 'secret',
  CASSO_REDIRECT_URIS: 'https://app.example.com/back, com.example.app:/back',
};
const OPERATORS = {
  OPERATOR_JWKS_FILE: file('jwks.json', '{"keys":[]}'),
  OPERATOR_ISSUER: 'https://id.example.com',
  OPERATOR_AUDIENCE: 'mekong',
};

const read = (env: NodeJS.ProcessEnv) => readConfig({ ...LEAST, ...env });
const mistakes = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
};
/** The mistakes of these settings beside those that are needed. */
const mistakesOf = (env: NodeJS.ProcessEnv) => mistakes({ ...LEAST, ...env });

describe('with STORE_KEYS alone', () => {
  test('the gateway listens on this machine, with both providers off', () => {
    expect(readConfig(LEAST)).toEqual({
      host: '127.0.0.1',
      port: 4000,
      publicUrl: null,
      production: false,
      graphiql: true,
      introspection: true,
      logLevel: 'info',
      corsOrigins: [],
      trustProxy: false,
      metricsToken: null,
      shutdownDelaySeconds: 0,
      tracing: false,
      store: { kind: 'sqlite', path: './data/mekong.db' },
      storeKeys: [new Uint8Array(Buffer.from(LEAST.STORE_KEYS, 'base64'))],
      eventRetentionDays: 30,
      sessionIdleDays: 30,
      sessionMaxDays: 90,
      loginAttemptsPerMinute: 10,
      requestsPerMinute: 600,
      anonymousRequestsPerMinute: 60,
      trustedDocuments: null,
      queryCostLimit: 2000,
      queryDepthLimit: 20,
      bongloy: null,
      casso: null,
      operators: null,
    });
  });

  test('the settings cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig(LEAST))).toBe(true);
  });
});

describe('a setting', () => {
  test('that is empty counts as not set', () => {
    const empty = Object.fromEntries(Object.keys(environment.shape).map((name) => [name, '']));
    expect(readConfig({ ...empty, ...LEAST })).toEqual(readConfig(LEAST));
    expect(mistakes({ STORE_KEYS: '' })).toEqual([expect.stringMatching(/^STORE_KEYS is required: /)]);
  });

  test('that Mekong does not know is left alone', () => {
    expect(read({ PATH: '/usr/bin', CASSO_PORT: 'tcp://10.0.0.1:80' })).toEqual(readConfig(LEAST));
  });

  test.each([
    ['HOST', '0.0.0.0', { host: '0.0.0.0' }],
    ['PORT', '0', { port: 0 }],
    ['PUBLIC_URL', 'https://api.example.com/mekong/', { publicUrl: 'https://api.example.com/mekong' }],
    ['GRAPHIQL', 'false', { graphiql: false }],
    ['INTROSPECTION', 'false', { introspection: false }],
    ['LOG_LEVEL', 'debug', { logLevel: 'debug' }],
    [
      'CORS_ORIGINS',
      'https://a.example.com, http://localhost:5173,',
      { corsOrigins: ['https://a.example.com', 'http://localhost:5173'] },
    ],
    ['TRUST_PROXY', 'true', { trustProxy: true }],
    ['STORE_URL', 'sqlite:/var/lib/m.db', { store: { kind: 'sqlite', path: '/var/lib/m.db' } }],
    ['EVENT_RETENTION_DAYS', '3650', { eventRetentionDays: 3650 }],
    ['SESSION_IDLE_DAYS', '1', { sessionIdleDays: 1 }],
    ['SESSION_MAX_DAYS', '7', { sessionMaxDays: 7 }],
    ['LOGIN_ATTEMPTS_PER_MINUTE', '0', { loginAttemptsPerMinute: 0 }],
  ])('%s=%s is taken', (name, value, expected) => {
    expect(read({ [name]: value })).toMatchObject(expected);
  });

  test.each([
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PORT', '40.5', 'must be a whole number from 0 to 65535'],
    ['PORT', '0x10', 'must be a whole number from 0 to 65535'],
    ['PORT', '-1', 'must be a whole number from 0 to 65535'],
    ['PUBLIC_URL', 'api.example.com', 'must be an http(s) URL without query, fragment or user'],
    ['PUBLIC_URL', 'https://me@api.example.com', 'must be an http(s) URL without query, fragment or user'],
    ['PUBLIC_URL', 'https://api.example.com/?a=1', 'must be an http(s) URL without query, fragment or user'],
    ['GRAPHIQL', 'yes', 'must be true or false'],
    ['TRUST_PROXY', '1', 'must be true or false'],
    ['METRICS_TOKEN', 'short', 'must be at least 16 letters, digits'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'must be an http(s) URL'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'must be http/json'],
    ['SHUTDOWN_DELAY_SECONDS', '301', 'must be a whole number from 0 to 300'],
    ['LOG_LEVEL', 'verbose', 'must be one of silent, error, warn, info, debug'],
    ['CORS_ORIGINS', 'https://a.example.com/', 'must be a comma list of origins'],
    ['CORS_ORIGINS', '*', 'must be a comma list of origins'],
    ['CORS_ORIGINS', ' , ', 'must be a comma list, or unset'],
    ['STORE_URL', 'postgres://db', 'must be sqlite:PATH'],
    ['STORE_URL', 'sqlite:', 'must be sqlite:PATH'],
    ['EVENT_RETENTION_DAYS', '0', 'must be a whole number from 1 to 3650'],
    ['CASSO_REQUESTS_PER_MINUTE', '0', 'must be a whole number from 1 to 100000'],
    ['CASSO_WEBHOOK_CHECKSUM_KEYS', ',', 'must be a comma list, or unset'],
  ])('%s=%s is refused with its cure', (name, value, cure) => {
    expect(mistakesOf({ [name]: value })).toEqual([expect.stringContaining(`${name} ${cure}`)]);
  });

  test('is never repeated in a message, as it may be a secret', () => {
    const secret = 'x'.repeat(40);
    for (const name of Object.keys(environment.shape).filter((known) => !known.endsWith('_FILE'))) {
      expect(mistakesOf({ [name]: secret }).join('\n')).not.toContain(secret);
    }
  });
});

describe('STORE_KEYS', () => {
  test('may hold several keys, the first to seal with', () => {
    const keys = [key(), key(), key()];
    expect(read({ STORE_KEYS: keys.join(' , ') }).storeKeys).toEqual(
      keys.map((text) => new Uint8Array(Buffer.from(text, 'base64'))),
    );
  });

  test('are taken when they are 32 random bytes, and only then', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 48 }), (bytes) => {
        const found = mistakesOf({ STORE_KEYS: Buffer.from(bytes).toString('base64') });
        const good = bytes.length === 32 && new Set(bytes).size >= 16;
        expect(found).toEqual(good ? [] : [expect.stringMatching(/^STORE_KEYS .*openssl rand -base64 32$/)]);
      }),
    ));

  test.each([
    ['a password', 'correct horse battery staple'],
    ['text of the right length that is no base64', '!'.repeat(43)],
    ['hexadecimal digits', 'ab'.repeat(32)],
    ['a key of 16 bytes', Buffer.from('0123456789abcdef').toString('base64')],
    ['zeros', Buffer.alloc(32).toString('base64')],
    ['a pattern', Buffer.from('secret12'.repeat(4)).toString('base64')],
    ['one good key and one bad', `${LEAST.STORE_KEYS},short`],
  ])('are refused when they are weak: %s', (_what, keys) => {
    expect(mistakes({ STORE_KEYS: keys })).toEqual([
      expect.stringMatching(/^STORE_KEYS .*; make one with: openssl rand -base64 32$/),
    ]);
  });
});

describe('NODE_ENV=production', () => {
  test('hides what only developers need', () => {
    expect(read({ NODE_ENV: 'production' })).toMatchObject({
      production: true,
      graphiql: false,
      introspection: false,
    });
  });

  test('can be told to show it', () => {
    expect(read({ NODE_ENV: 'production', GRAPHIQL: 'true', INTROSPECTION: 'true' })).toMatchObject({
      production: true,
      graphiql: true,
      introspection: true,
    });
  });

  test.each([
    ['PUBLIC_URL', 'http://api.example.com', 'must begin with https:// in production'],
    ['CORS_ORIGINS', 'https://a.example.com,http://b.example.com', 'must begin with https:// in production'],
    [
      'CASSO_WEBHOOK_SECURE_TOKENS',
      `${'x'.repeat(32)},${'y'.repeat(31)}`,
      'must have at least 32 characters each',
    ],
    ['BONGLOY_WEBHOOK_SECRETS', 'x'.repeat(31), 'must have 32 characters each'],
  ])('refuses %s=%s, which is fine elsewhere', (name, value, cure) => {
    const rest = name.startsWith('BONGLOY') ? BONGLOY : {};
    expect(mistakesOf({ ...rest, [name]: value })).toEqual([]);
    expect(mistakesOf({ ...rest, [name]: value, NODE_ENV: 'production' })).toEqual([
      expect.stringContaining(`${name} ${cure}`),
    ]);
  });

  test('takes what is safe: https, this machine, secrets of 32 characters', () => {
    const safe = {
      PUBLIC_URL: 'https://api.example.com',
      CORS_ORIGINS: 'https://a.example.com,http://localhost:5173',
      CASSO_WEBHOOK_SECURE_TOKENS: 'x'.repeat(32),
      ...BONGLOY,
      BONGLOY_WEBHOOK_SECRETS: 'x'.repeat(32),
    };
    expect(mistakesOf({ ...safe, NODE_ENV: 'production' })).toEqual([]);
    expect(mistakesOf({ ...safe, PUBLIC_URL: 'http://127.0.0.1:4000', NODE_ENV: 'production' })).toEqual([]);
  });

  test('is the only value that means production', () => {
    expect(read({ NODE_ENV: 'prod' }).production).toBe(false);
  });
});

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

test('all mistakes come at once, each once, in one message', () => {
  const env = {
    PORT: 'http',
    GRAPHIQL: 'on',
    BONGLOY_API_URL: 'http://cms.bongloy.com',
    BONGLOY_SIGNING_KEY_FILE: join(folder, 'missing'),
    CASSO_CLIENT_ID: 'id',
    OPERATOR_ISSUER: 'issuer',
  };
  const found = mistakes(env);
  expect(found.map((mistake) => mistake.split(' ', 1)[0])).toEqual([
    'PORT',
    'GRAPHIQL',
    'STORE_KEYS',
    'BONGLOY_API_URL',
    'BONGLOY_CLIENT_ID',
    'BONGLOY_CLIENT_SECRET',
    'BONGLOY_API_TOKEN',
    'CASSO_CLIENT_SECRET',
    'CASSO_REDIRECT_URIS',
    'OPERATOR_JWKS_FILE',
    'OPERATOR_AUDIENCE',
    'BONGLOY_SIGNING_KEY_FILE',
  ]);
  expect(() => readConfig(env)).toThrow(
    ['These settings are wrong or missing:', ...found.map((line) => `  - ${line}`), 'See .env.example.'].join(
      '\n',
    ),
  );
});

test('every setting stands in .env.example, with the value it has when it is not set', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const shown = new Map(
    [...example.matchAll(/^(?:# )?([A-Z][A-Z_]+)=([^\s#]*)/gm)].map(([, name, value]) => [name, value]),
  );
  const known = Object.keys(environment.shape);
  expect([...shown.keys()].filter((name) => !known.includes(name ?? ''))).toEqual([]);
  expect(known.filter((name) => !new RegExp(`\\b${name}\\b`).test(example))).toEqual([]);
  const defaults = {
    HOST: '127.0.0.1',
    PORT: '4000',
    LOG_LEVEL: 'info',
    TRUST_PROXY: 'false',
    STORE_URL: 'sqlite:./data/mekong.db',
    NATS_REPLICAS: '1',
    EVENT_RETENTION_DAYS: '30',
    SESSION_IDLE_DAYS: '30',
    SESSION_MAX_DAYS: '90',
    LOGIN_ATTEMPTS_PER_MINUTE: '10',
    REQUESTS_PER_MINUTE: '600',
    ANONYMOUS_REQUESTS_PER_MINUTE: '60',
    QUERY_COST_LIMIT: '2000',
    QUERY_DEPTH_LIMIT: '20',
    BONGLOY_API_URL: 'https://cms-sandbox.bongloy.com',
    CASSO_API_URL: 'https://oauth.casso.vn',
  };
  for (const [name, value] of Object.entries(defaults)) expect(shown.get(name), name).toBe(value);
  expect(
    read(
      Object.fromEntries(Object.entries(defaults).filter(([name]) => !/^(BONGLOY|CASSO|NATS)_/.test(name))),
    ),
  ).toEqual(readConfig(LEAST));
});

describe('tracing', () => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318';

  test.each([
    ['nothing', {}, false],
    ['an endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT }, true],
    [
      'an endpoint for traces',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' },
      true,
    ],
    ['an exporter without an endpoint', { OTEL_TRACES_EXPORTER: 'otlp' }, false],
    ['an endpoint and no exporter', { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false],
    ['an endpoint and a disabled SDK', { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' }, false],
  ])('with %s', (_what, env, on) => {
    expect(read(env).tracing).toBe(on);
  });
});
