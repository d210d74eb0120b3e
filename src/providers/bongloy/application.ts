import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { SECOND } from '../../lib/duration.ts';

/** How this gateway shows who it is in calls that no cardholder stands behind (docs/providers/bongloy.md §6.2, §6.5). */
export interface ApplicationCredential {
  /** The whole `Authorization` header value for one call. */
  authorization(): Promise<string>;
}

/** The API token itself, as the Connect reference shows it. */
export function staticApplication(token: string): ApplicationCredential {
  return { authorization: async () => `Bearer ${token}` };
}

/**
 * A token that we sign for each call (RS256, claims `api_token` and `timestamp` in seconds), as later revisions of
 * the reference describe it.
 * @param options.privateKeyPem an RSA key of at least 2048 bits, PKCS #8 or PKCS #1.
 * @throws Error when the PEM text is not such a key.
 */
export function signedApplication(options: {
  readonly apiToken: string;
  readonly privateKeyPem: string;
  readonly clock?: Clock;
}): ApplicationCredential {
  const { apiToken, privateKeyPem, clock = systemClock } = options;
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'rsa') throw new TypeError('the signing key is not an RSA key');
  return {
    async authorization() {
      const timestamp = Math.floor(clock.now() / SECOND);
      const token = new SignJWT({ api_token: apiToken, timestamp }).setProtectedHeader({ alg: 'RS256' });
      return `Bearer ${await token.sign(key)}`;
    },
  };
}
