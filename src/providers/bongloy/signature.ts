import { errors, jwtVerify } from 'jose';
import type { Clock } from '../../lib/clock.ts';
import { HOUR, MINUTE, SECOND } from '../../lib/duration.ts';
import { refused, type WebhookHeaders, type WebhookRefusal } from '../provider.ts';

export interface SignatureOptions {
  /** The endpoint's signing secrets, used as UTF-8 bytes; any may match, so that one can be replaced. */
  readonly secrets: readonly string[];
  /** Refuse a token without `exp`, or with one more than `FARTHEST_EXPIRY` ahead. */
  readonly requireExp: boolean;
  readonly clock: Clock;
}

/** Clocks differ: how late `exp` and how early `nbf` may be. */
const LEEWAY = MINUTE;

/** Bongloy's authors sign for five minutes; a token that is good for long could be replayed for long. */
const FARTHEST_EXPIRY = HOUR;

/**
 * Verifies `Authorization: Bearer <JWT>`: HS256 and nothing else, issuer `Bongloy` (docs/providers/bongloy.md §7). It does
 * not cover the body: whoever sees one header can send any body with it until it expires.
 * @returns null when it is authentic.
 */
export async function verifySignature(
  headers: WebhookHeaders,
  { secrets, requireExp, clock }: SignatureOptions,
): Promise<WebhookRefusal | null> {
  const { authorization } = headers;
  if (authorization === undefined) return refused(401, 'no-authorization');
  const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token === undefined) return refused(401, 'not-a-bearer-token');

  const now = clock.now();
  const options = {
    algorithms: ['HS256'],
    issuer: 'Bongloy',
    clockTolerance: LEEWAY / SECOND,
    currentDate: new Date(now),
    requiredClaims: requireExp ? ['exp'] : [],
  };
  for (const secret of secrets) {
    try {
      const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), options);
      const ahead = (payload.exp ?? 0) * SECOND - now;
      return requireExp && ahead > FARTHEST_EXPIRY + LEEWAY ? refused(401, 'expires-too-late') : null;
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      return refused(401, mistake(error));
    }
  }
  return refused(401, secrets.length > 0 ? 'wrong-secret' : 'not-configured');
}

/** Claims are looked at only when the signature is right, so what is said of them is true. */
function mistake(error: unknown): string {
  if (error instanceof errors.JOSEAlgNotAllowed) return 'wrong-algorithm';
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return CLAIM_MISTAKES[error.claim] ?? 'wrong-claim';
  if (error instanceof errors.JOSEError) return 'malformed-token';
  throw error;
}

const CLAIM_MISTAKES: Readonly<Record<string, string>> = {
  iss: 'wrong-issuer',
  exp: 'no-expiry',
  nbf: 'not-yet-valid',
};
