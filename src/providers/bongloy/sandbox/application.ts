import { timingSafeEqual } from 'node:crypto';
import { importSPKI, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import { MINUTE, SECOND } from '../../../lib/duration.ts';

/** What the one application of this simulator identifies itself with. */
export interface ApplicationCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiToken: string;
}

export const APPLICATION: ApplicationCredentials = {
  clientId: 'sandbox-client-id',
  clientSecret: 'sandbox-client-secret',
  apiToken: 'sandbox-api-token',
};

/** The text says that `timestamp` is a string, the sample code sends a number (§6.5). */
const claims = z.object({ api_token: z.literal(APPLICATION.apiToken), timestamp: z.coerce.number() });
const MAX_AGE = 5 * MINUTE;

/**
 * Judges the bearer of calls made without a cardholder: the API token itself, or, once a public key (PEM, SPKI) is
 * registered, nothing but an RS256 JWT of that token and a recent time.
 */
export function applicationCheck(clock: Clock, signingPublicKey: string | undefined) {
  return async (token: string | undefined): Promise<boolean> => {
    if (token === undefined) return false;
    if (signingPublicKey === undefined) return equal(token, APPLICATION.apiToken);
    try {
      const key = await importSPKI(signingPublicKey, 'RS256');
      const currentDate = new Date(clock.now());
      const { payload } = await jwtVerify(token, key, { algorithms: ['RS256'], currentDate });
      const { timestamp } = claims.parse(payload);
      return Math.abs(clock.now() - timestamp * SECOND) <= MAX_AGE;
    } catch {
      return false;
    }
  };
}

export function isClient(id: string | undefined, secret: string | undefined): boolean {
  return equal(id, APPLICATION.clientId) && equal(secret, APPLICATION.clientSecret);
}

function equal(a: string | undefined, b: string): boolean {
  const [left, right] = [Buffer.from(a ?? ''), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
