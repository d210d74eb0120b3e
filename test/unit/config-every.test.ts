import { createHash } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environment, type Name } from '../../src/config/environment.ts';
import { readConfig } from '../../src/config.ts';
import { EC, file, key, mistakes, RSA } from './config-support.ts';

const DOCUMENT = '{ viewer { kind } }';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A right value for each setting: one that is added has to be added here. */
const SAMPLES: Readonly<Record<Exclude<Name, `OTEL_${string}`>, string>> = {
  NODE_ENV: 'development',
  HOST: '127.0.0.1',
  PORT: '4000',
  PUBLIC_URL: 'https://api.example.com',
  GRAPHIQL: 'true',
  INTROSPECTION: 'false',
  LOG_LEVEL: 'warn',
  CORS_ORIGINS: 'https://a.example.com,capacitor://localhost',
  TRUST_PROXY: 'true',
  STORE_URL: 'nats://127.0.0.1:4222',
  METRICS_TOKEN: '0123456789abcdef',
  SHUTDOWN_DELAY_SECONDS: '5',
  KEEP_ALIVE_SECONDS: '75',
  STORE_KEYS: key(),
  NATS_REPLICAS: '3',
  NATS_CREDENTIALS_FILE: file('every.creds', 'BEGIN NATS USER JWT … BEGIN USER NKEY SEED'),
  NATS_CA_FILE: file('every-ca.pem', rootCertificates[0] ?? ''),
  NATS_CERTIFICATE_FILE: file('every.pem', rootCertificates[1] ?? ''),
  NATS_KEY_FILE: file('every-key.pem', EC.privateKey),
  EVENT_RETENTION_DAYS: '30',
  SESSION_IDLE_DAYS: '30',
  SESSION_MAX_DAYS: '90',
  LOGIN_ATTEMPTS_PER_MINUTE: '10',
  REQUESTS_PER_MINUTE: '600',
  ANONYMOUS_REQUESTS_PER_MINUTE: '60',
  TRUSTED_DOCUMENTS_FILE: file('every-documents.json', JSON.stringify({ [sha256(DOCUMENT)]: DOCUMENT })),
  QUERY_COST_LIMIT: '2000',
  QUERY_DEPTH_LIMIT: '20',
  BONGLOY_API_URL: 'https://cms.example.com',
  BONGLOY_CLIENT_ID: 'id',
  BONGLOY_CLIENT_SECRET: 'pass phrase',
  BONGLOY_API_TOKEN: 'token',
  BONGLOY_SIGNING_KEY_FILE: file('every-rsa.pem', RSA.privateKey),
  BONGLOY_WEBHOOK_SECRETS: 'one,two',
  BONGLOY_WEBHOOK_REQUIRE_EXP: 'true',
  CASSO_API_URL: 'https://casso.example.com',
  CASSO_API_KEY: 'AK_CS.trial',
  CASSO_CLIENT_ID: 'id',
  CASSO_CLIENT_SECRET: 'secret',
  CASSO_REDIRECT_URIS: 'https://app.example.com/back,com.example.app:/back',
  CASSO_WEBHOOK_CHECKSUM_KEYS: 'one,two',
  CASSO_WEBHOOK_SECURE_TOKENS: 'one,two',
  CASSO_REQUESTS_PER_MINUTE: '30',
  OPERATOR_JWKS_URL: 'https://id.example.com/keys',
  OPERATOR_JWKS_FILE: file('every-jwks.json', '{"keys":[]}'),
  OPERATOR_ISSUER: 'https://id.example.com',
  OPERATOR_AUDIENCE: 'mekong',
  HTTPS_PROXY: 'http://user:pass@proxy.example.com:3128',
  HTTP_PROXY: 'http://proxy.example.com:3128',
  NO_PROXY: 'localhost,.example.org',
};
const NAMES = Object.keys(SAMPLES) as (keyof typeof SAMPLES)[];

/** All of them together, apart from those that exclude the one in question. */
function everythingFor(name: keyof typeof SAMPLES): Record<string, string> {
  const all: Record<string, string> = { ...SAMPLES };
  delete all[name === 'OPERATOR_JWKS_URL' ? 'OPERATOR_JWKS_FILE' : 'OPERATOR_JWKS_URL'];
  return all;
}

test('each setting has a sample, and the samples are taken', () => {
  const settings = Object.keys(environment.shape).filter((name) => !name.startsWith('OTEL_'));
  expect(NAMES.toSorted()).toEqual(settings.toSorted());
  for (const name of NAMES) expect(mistakes(everythingFor(name))).toEqual([]);
});

describe.each(NAMES)('%s', (name) => {
  const all = everythingFor(name);
  const value = SAMPLES[name];
  const withValue = (changed: string) => ({ ...all, [name]: changed });

  test('is the same with blanks and line breaks around it', () => {
    const expected = readConfig(all);
    const blank = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r\n', '\u00a0', '\ufeff') });
    fc.assert(
      fc.property(blank, blank, (before, after) => {
        expect(readConfig(withValue(before + value + after))).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  test('counts as not set when it is blank', () => {
    const { [name]: _, ...others } = all;
    expect(mistakes(withValue(' \n'))).toEqual(mistakes(others));
  });

  test.each(['\n', '\r', '\t', '\0', '\u001b', '\u007f', '\u0085'])(
    'is refused with a control character inside: %j',
    (control) => {
      const found = mistakes(withValue(value + control + value));
      expect(found.some((mistake) => mistake.startsWith(`${name} `))).toBe(true);
      expect(found.every((mistake) => /^\P{Cc}*$/u.test(mistake))).toBe(true);
    },
  );
});

test.each(['BONGLOY_API_TOKEN', 'CASSO_API_KEY'] as const)(
  '%s is refused when no header could hold it',
  (name) => {
    for (const value of ['два', 'a b', 'to\u200bken', '“token”']) {
      expect(mistakes({ ...everythingFor(name), [name]: value })).toEqual([
        `${name} must be letters, digits and signs of ASCII without blanks: copy it again from the provider`,
      ]);
    }
  },
);
