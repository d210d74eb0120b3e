import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createLocalJWKSet } from 'jose';
import { ManifestError, readManifest } from '../trusted-documents/manifest.ts';
import type { Given } from './environment.ts';
import { assertPublicAndStrong, assertStrong } from './key-strength.ts';
import { text } from './kinds.ts';

/** Settings that name a file, and what the file must hold; each check throws when it holds something else. */
const FILES = [
  {
    name: 'BONGLOY_SIGNING_KEY_FILE',
    what: 'an RSA private key of at least 2048 bits as PEM text',
    check: (content: string) => {
      const key = createPrivateKey(content);
      if (key.asymmetricKeyType !== 'rsa') throw new TypeError('not an RSA key');
      assertStrong(key);
    },
  },
  {
    name: 'NATS_CREDENTIALS_FILE',
    what: 'NATS credentials (a user JWT and its key, as `nsc generate creds` writes them)',
    check: (content: string) => {
      const isComplete = ['BEGIN NATS USER JWT', 'BEGIN USER NKEY SEED'].every((part) =>
        content.includes(part),
      );
      if (!isComplete) throw new TypeError('not credentials');
    },
  },
  {
    name: 'NATS_CA_FILE',
    what: 'a certificate as PEM text',
    check: (pem: string) => new X509Certificate(pem),
  },
  {
    name: 'NATS_CERTIFICATE_FILE',
    what: 'a certificate as PEM text',
    check: (pem: string) => new X509Certificate(pem),
  },
  { name: 'NATS_KEY_FILE', what: 'a private key as PEM text', check: (pem: string) => createPrivateKey(pem) },
  {
    name: 'OPERATOR_JWKS_FILE',
    what: 'a JWK set of public keys as JSON, RSA ones of at least 2048 bits',
    check: (content: string) => {
      const set = JSON.parse(content);
      createLocalJWKSet(set);
      assertPublicAndStrong(set);
    },
  },
  {
    name: 'TRUSTED_DOCUMENTS_FILE',
    what: 'a manifest of documents by their SHA-256, made with: mekong trusted-documents',
    check: readManifest,
  },
] as const;

/** @returns a line for each file that cannot be read, or holds something else than it should. */
export function fileMistakes(given: Given): string[] {
  return FILES.flatMap(({ name, what, check }) => {
    const path = given[name];
    // The setting's kind refuses what cannot be a path.
    if (path === undefined || !text.safeParse(path).success) return [];
    let content: string;
    try {
      content = readFileSync(path, 'utf8');
    } catch {
      return [`${name} names a file that cannot be read: ${path}`];
    }
    try {
      check(content);
      return [];
    } catch (error) {
      const why = error instanceof ManifestError ? `: ${error.message}` : '';
      return [`${name} must name a file that holds ${what}: ${path} does not${why}`];
    }
  });
}
