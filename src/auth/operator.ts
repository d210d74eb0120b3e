import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  errors,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { GatewayError } from '../domain/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { ProxySettings } from '../upstream/proxy.ts';
import { invalidToken } from './invalid-token.ts';
import { remoteKeys } from './remote-keys.ts';
import { isScope, type OperatorViewer } from './viewer.ts';

/** The end of the year 9999, seconds: no time that we can tell is later, and no token should live so long. */
const LATEST_END = Date.UTC(10_000, 0) / SECOND - 1;

/** Judges operator tokens: JWTs of the shop's identity provider, or of `mekong operator-token`. */
export interface OperatorVerifier {
  /**
   * @throws GatewayError UNAUTHENTICATED for a token that is not valid now, without telling why;
   *   INTERNAL_SERVER_ERROR when the keys cannot be had, which is logged.
   */
  verify(token: string): Promise<OperatorViewer>;
}

export interface OperatorVerifierOptions {
  /** A JWK set (RFC 7517 §5): a file, read once, or a URL, read again when it is old or a key is unknown. */
  readonly jwks: { readonly file: string } | { readonly url: string };
  readonly issuer: string;
  readonly audience: string;
  /** How the URL is read; straight, by default. */
  readonly proxy?: ProxySettings | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Asymmetric ones only, and fixed: the token has no say in how it is verified (RFC 8725 §3.1). */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** How far the issuer's clock may differ from ours, seconds. */
const CLOCK_TOLERANCE_S = 5;

/** @throws Error when the file cannot be read or is no JWK set. */
export function createOperatorVerifier(options: OperatorVerifierOptions): OperatorVerifier {
  const { issuer, audience, clock, logger } = options;
  const keys = keySource(options.jwks, options.proxy);

  /** jose's own complaints about the token pass; a set that cannot be had is our trouble, not the caller's. */
  const findKey: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      logger.error({ err: error }, 'operators cannot log in: the keys at OPERATOR_JWKS_URL cannot be had');
      throw new GatewayError(
        'INTERNAL_SERVER_ERROR',
        'Operator tokens cannot be checked now.',
        {},
        { cause: error },
      );
    }
  };

  return {
    async verify(token) {
      const { payload } = await verifyWith(findKey, token, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(clock.now()),
      }).catch((error: unknown) => {
        throw error instanceof errors.JOSEError ? invalidToken({ cause: error }) : error;
      });
      // The library checks an end that is there; that there is one, and whose token it is, is checked here.
      const { sub, exp } = payload;
      if (typeof sub !== 'string' || sub === '' || exp === undefined || exp > LATEST_END)
        throw invalidToken();
      return {
        kind: 'OPERATOR',
        subject: sub,
        scopes: new Set(scopeList(payload['scope']).filter(isScope)),
        expiresAt: exp * SECOND,
      };
    },
  };
}

/**
 * Where several keys of the set may be the one that is meant (one that stands there twice, or no key has an id), any of them may
 * have signed the token.
 * @throws JOSEError when the token is not valid; as `findKey`.
 */
async function verifyWith(
  findKey: JWTVerifyGetKey,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, findKey, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const verified = await jwtVerify(token, key, options).catch(passOver);
      if (verified) return verified;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** Another key has signed it, perhaps. */
function passOver(error: unknown): null {
  if (error instanceof errors.JWSSignatureVerificationFailed) return null;
  throw error;
}

function keySource(
  jwks: OperatorVerifierOptions['jwks'],
  proxy: ProxySettings | null = null,
): JWTVerifyGetKey {
  return 'url' in jwks
    ? remoteKeys(jwks.url, proxy)
    : createLocalJWKSet(JSON.parse(readFileSync(jwks.file, 'utf8')));
}

function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/** One string with spaces (RFC 9068 §2.2.3), or a list, as some identity providers write it. */
function scopeList(scope: unknown): readonly unknown[] {
  return typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : [];
}
