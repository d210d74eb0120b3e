import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environment } from '../../src/config/environment.ts';
import { readConfig } from '../../src/config.ts';
import { folder, key, LEAST, mistakes, mistakesOf, read } from './config-support.ts';

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
      keepAliveSeconds: 75,
      tracing: false,
      warnings: [],
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
      proxy: null,
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

  test('that is missing may stand under a mistyped name, which is named beside it', () => {
    expect(mistakes({ STORE_KEYS: '', STORE_KEY: key() })).toEqual([
      expect.stringMatching(/^STORE_KEYS is required: /),
      'STORE_KEY is no setting: compare its name',
    ]);
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
    ['SHUTDOWN_DELAY_SECONDS', '301', 'must be a whole number from 0 to 300'],
    ['KEEP_ALIVE_SECONDS', '0', 'must be a whole number from 1 to 3600'],
    ['LOG_LEVEL', 'verbose', 'must be one of silent, error, warn, info, debug'],
    ['CORS_ORIGINS', 'https://a.example.com/', 'must be a comma list of origins'],
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
        expect(found).toEqual(good ? [] : [expect.stringMatching(/^STORE_KEYS .*mekong keys store$/)]);
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
      expect.stringMatching(/^STORE_KEYS .*; make one with: mekong keys store$/),
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
