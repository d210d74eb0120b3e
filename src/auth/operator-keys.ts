import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose';
import type { Clock } from '../lib/clock.ts';
import { SECOND } from '../lib/duration.ts';
import { makeFolder } from '../lib/make-folder.ts';
import { KEY_ALGORITHMS, type KeyAlgorithm } from './key-algorithms.ts';
import type { Scope } from './viewer.ts';

/** For a shop without an identity provider: it signs its operators' tokens itself. */
export interface OperatorKeys {
  /** Signs tokens: whoever has it is the operator. With `kid` and `alg`. */
  readonly privateJwk: JWK;
  /** What the gateway needs (`OPERATOR_JWKS_FILE`). Not secret. */
  readonly jwks: JSONWebKeySet;
}

export async function createOperatorKeys(algorithm: KeyAlgorithm): Promise<OperatorKeys> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const names = { kid: await calculateJwkThumbprint(publicJwk), alg: algorithm, use: 'sig' };
  return {
    privateJwk: { ...(await exportJWK(privateKey)), ...names },
    jwks: { keys: [{ ...publicJwk, ...names }] },
  };
}

/** Names of the two files in their folder. */
const PRIVATE_FILE = 'operator-private.jwk.json';
const PUBLIC_FILE = 'operator-jwks.json';

/**
 * Makes the folder as needed. Nothing is ever overwritten: a lost private key would end every token it signed.
 * @returns the paths of the two files; the private one is readable by its owner alone.
 * @throws Error of the file system; `EEXIST` when one of the files is there already.
 */
export async function writeOperatorKeys(
  folder: string,
  keys: OperatorKeys,
): Promise<{ readonly privateFile: string; readonly publicFile: string }> {
  const privateFile = join(folder, PRIVATE_FILE);
  const publicFile = join(folder, PUBLIC_FILE);
  makeFolder(folder);
  await writeFile(privateFile, json(keys.privateJwk), { flag: 'wx', mode: 0o600 });
  await writeFile(publicFile, json(keys.jwks), { flag: 'wx' });
  return { privateFile, publicFile };
}

/** @throws Error of the file system, or saying that the file is no private key; never with a part of its content. */
export async function readPrivateJwk(file: string): Promise<JWK> {
  const text = await readFile(file, 'utf8');
  const jwk = parse(text);
  if (!jwk || typeof jwk.d !== 'string' || !KEY_ALGORITHMS.some((algorithm) => algorithm === jwk.alg)) {
    throw new Error(`${file} holds no private key of ${KEY_ALGORITHMS.join(' or ')} as a JSON Web Key`);
  }
  return jwk;
}

export interface OperatorTokenClaims {
  /** Who the token is for, as it appears in logs. */
  readonly subject: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds; whole seconds count. */
  readonly ttlMs: number;
  readonly issuer: string;
  readonly audience: string;
}

/** A token that the gateway takes for an operator's (operator.ts), as a compact JWT. */
export function signOperatorToken(
  privateJwk: JWK,
  claims: OperatorTokenClaims,
  clock: Clock,
): Promise<string> {
  const issuedAt = Math.floor(clock.now() / SECOND);
  return new SignJWT({ scope: claims.scopes.join(' ') })
    .setProtectedHeader({
      alg: privateJwk.alg ?? '',
      typ: 'JWT',
      ...(privateJwk.kid !== undefined && { kid: privateJwk.kid }),
    })
    .setSubject(claims.subject)
    .setIssuer(claims.issuer)
    .setAudience(claims.audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(claims.ttlMs / SECOND))
    .sign(privateJwk);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function parse(text: string): JWK | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
