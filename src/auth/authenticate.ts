import type { Sessions } from '../sessions/sessions.ts';
import { looksLikeSessionToken } from '../sessions/token.ts';
import { invalidToken, noBearerToken } from './invalid-token.ts';
import type { OperatorVerifier } from './operator.ts';
import { ANONYMOUS, type Viewer } from './viewer.ts';

/**
 * Tells who is asking from an `Authorization` header's value, or from the same text in `connection_init`. Without
 * one: anonymous.
 * @throws GatewayError UNAUTHENTICATED for one that is malformed, unknown or expired: never taken for anonymous.
 *   INTERNAL_SERVER_ERROR, or the store's error, when that cannot be found out now.
 */
export type Authenticate = (authorization: string | undefined) => Promise<Viewer>;

/** RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1). */
const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

export function createAuthenticate({
  sessions,
  operators,
}: {
  readonly sessions: Pick<Sessions, 'find'>;
  /** Null: operator tokens are not accepted. */
  readonly operators: OperatorVerifier | null;
}): Authenticate {
  return async (authorization) => {
    if (authorization === undefined) return ANONYMOUS;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw noBearerToken();
    if (looksLikeSessionToken(token)) {
      const session = await sessions.find(token);
      if (!session) throw invalidToken();
      return { kind: 'SESSION', session };
    }
    if (!operators) throw invalidToken();
    return operators.verify(token);
  };
}
