import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

/** Removed when the tests are over. */
export const folder = mkdtempSync(join(tmpdir(), 'mekong-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
export const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
export const RSA = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
export const EC = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
export const SHORT_RSA = generateKeyPairSync('rsa', { modulusLength: 1024 });
export const jwks = (one: KeyObject): string => JSON.stringify({ keys: [one.export({ format: 'jwk' })] });
/** A new sealing key. */
export const key = (): string => randomBytes(32).toString('base64');

/** Without these there is no start. */
export const LEAST = { STORE_KEYS: key() };
export const BONGLOY = {
  BONGLOY_CLIENT_ID: 'id',
  BONGLOY_CLIENT_SECRET: 'secret',
  BONGLOY_API_TOKEN: 'token',
};
export const CASSO_OAUTH = {
  CASSO_CLIENT_ID: 'id',
  CASSO_CLIENT_SECRET: 'secret',
  CASSO_REDIRECT_URIS: 'https://app.example.com/back, com.example.app:/back',
};
export const OPERATORS = {
  OPERATOR_JWKS_FILE: file('jwks.json', '{"keys":[]}'),
  OPERATOR_ISSUER: 'https://id.example.com',
  OPERATOR_AUDIENCE: 'mekong',
};

export const read = (env: NodeJS.ProcessEnv) => readConfig({ ...LEAST, ...env });
export const mistakes = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
};
/** The mistakes of these settings beside those that are needed. */
export const mistakesOf = (env: NodeJS.ProcessEnv) => mistakes({ ...LEAST, ...env });
