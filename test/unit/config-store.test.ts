import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

const LEAST = { STORE_KEYS: randomBytes(32).toString('base64') };
const NATS = { STORE_URL: 'nats://shop:s3cret@h1:4222,h2:4222' };

const folder = mkdtempSync(join(tmpdir(), 'mekong-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY_FILE = file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const CREDENTIALS_FILE = file(
  'shop.creds',
  '-----BEGIN NATS USER JWT-----\neyJ\n------END NATS USER JWT------\n\n' +
    '-----BEGIN USER NKEY SEED-----\nSUA\n------END USER NKEY SEED------\n',
);
const TEXT_FILE = file('text.txt', 'nothing of that kind');

const storeOf = (env: NodeJS.ProcessEnv) => readConfig({ ...LEAST, ...env }).store;

function mistakesOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig({ ...LEAST, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('a store on NATS', () => {
  test('is one replica, without TLS and files, unless told otherwise', () => {
    expect(storeOf(NATS)).toEqual({ kind: 'nats', url: NATS.STORE_URL, replicas: 1 });
  });

  test.each(['1', '3', '5'])('may have %s replicas', (replicas) => {
    expect(storeOf({ ...NATS, NATS_REPLICAS: replicas })).toMatchObject({ replicas: Number(replicas) });
  });

  test('may have its user in a credentials file', () => {
    expect(storeOf({ STORE_URL: 'tls://h1', NATS_CREDENTIALS_FILE: CREDENTIALS_FILE })).toMatchObject({
      url: 'tls://h1',
      credentialsFile: CREDENTIALS_FILE,
    });
  });

  test.each([
    'nats://',
    'nats://shop:s3cret@',
    'nats://shop:s3cret@h1:0',
    'nats://shop:s3cret@h1:65536',
    'nats://shop:s3cret@h1,,h2',
    'nats://shop:s3cret@h1/path',
    'nats://shop:%s3cret@h1',
    'wss://shop:s3cret@h1',
  ])('is refused at another URL, which is not repeated: %s', (url) => {
    const [mistake, ...others] = mistakesOf({ STORE_URL: url });
    expect(others).toEqual([]);
    expect(mistake).toMatch(/^STORE_URL must be sqlite:PATH.*nats:\/\/user:pass@host1:4222,host2:4222/);
    expect(mistake).not.toContain('s3cret');
  });

  test('is refused with every mistake at once, each with its cure', () => {
    const mistakes = mistakesOf({
      ...NATS,
      NATS_REPLICAS: '2',
      NATS_CREDENTIALS_FILE: TEXT_FILE,
      NATS_CA_FILE: TEXT_FILE,
      NATS_CERTIFICATE_FILE: join(folder, 'missing.pem'),
    });
    expect(mistakes).toEqual([
      'NATS_REPLICAS must be 1, 3 or 5: how many servers of the cluster keep everything',
      'NATS_KEY_FILE is required: NATS is shown a certificate together with its key (unset both to show none)',
      'NATS_CREDENTIALS_FILE and the user in STORE_URL exclude each other: take one away',
      `NATS_CREDENTIALS_FILE must name a file that holds NATS credentials (a user JWT and its key, as \`nsc generate creds\` writes them): ${TEXT_FILE} does not`,
      `NATS_CA_FILE must name a file that holds a certificate as PEM text: ${TEXT_FILE} does not`,
      `NATS_CERTIFICATE_FILE names a file that cannot be read: ${join(folder, 'missing.pem')}`,
    ]);
  });

  test('takes a key with its certificate alone', () => {
    expect(mistakesOf({ ...NATS, NATS_KEY_FILE: KEY_FILE })).toEqual([
      expect.stringMatching(/^NATS_CERTIFICATE_FILE is required: /),
    ]);
  });
});

test('settings for NATS are refused beside the embedded database, as they would do nothing', () => {
  expect(mistakesOf({ NATS_REPLICAS: '3', NATS_CA_FILE: TEXT_FILE })).toEqual([
    'NATS_REPLICAS is for STORE_URL=nats://…: set that, or unset NATS_REPLICAS',
    'NATS_CA_FILE is for STORE_URL=nats://…: set that, or unset NATS_CA_FILE',
    expect.stringMatching(/^NATS_CA_FILE must name a file/),
  ]);
});
