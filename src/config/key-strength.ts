import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** NIST SP 800-131A, RFC 7518 §3.3. */
const LEAST_RSA_BITS = 2048;

/** @throws TypeError when an RSA key is shorter than 2048 bits. */
export function assertStrong(key: KeyObject): void {
  if ((key.asymmetricKeyDetails?.modulusLength ?? LEAST_RSA_BITS) < LEAST_RSA_BITS)
    throw new TypeError('too short');
}

/**
 * A set that tokens are checked against holds public keys, strong ones.
 * @param set as parsed; that it is a JWK set is somebody else's check.
 * @throws TypeError when it holds a private, a symmetric or a short key.
 */
export function assertPublicAndStrong(set: { readonly keys: readonly JsonWebKey[] }): void {
  for (const key of set.keys) {
    if (key.kty === 'oct' || key.d !== undefined) throw new TypeError('not a public key');
    assertStrong(createPublicKey({ key, format: 'jwk' }));
  }
}
