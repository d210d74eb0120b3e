import { invalidGrant } from '../../domain/errors.ts';
import { DAY, SECOND } from '../../lib/duration.ts';
import { retryAfterMs } from '../../upstream/retry-after.ts';
import type { UpstreamResponse } from '../../upstream/upstream.ts';
import type { TokenGrant } from '../provider.ts';
import { headerToken, isTold, jsonObject, text, wrongShape } from '../read.ts';
import { CassoRefusal, fromStatus } from './errors.ts';
import type { TokenResponse } from './wire.ts';

/**
 * What the token endpoint's answer means; `oauth.ts` sends the question. Error bodies are not documented
 * (docs/providers/casso.md §2.2): `invalid_grant` (RFC 6749 §5.2) alone ends a grant. A 401, also in an envelope, does not
 * say whether it means the grant or this gateway's client id and secret, and a wrong setting here must not unlink
 * everybody.
 * @param askedAt when the request was made, milliseconds since the epoch: counted from then, an access token never
 *   seems to live longer than it does.
 * @throws GatewayError INVALID_GRANT, or as `fromStatus`; UpstreamFailure wrong-shape for a 2xx that cannot be read.
 */
export function judgeGrant({ status, headers, body }: UpstreamResponse, askedAt: number): TokenGrant {
  const answer = jsonObject(body);
  const error = answer?.['error'] ?? null;
  if (error === 'invalid_grant' && status < 500) throw invalidGrant('CASSO');
  if (status >= 400 || error !== null) {
    const code = typeof error === 'number' ? error : null;
    throw fromStatus(new CassoRefusal(Math.max(status, 400), code, retryAfterMs(headers)));
  }
  if (answer === null || status < 200 || status >= 300) return wrongShape(`status ${status} without tokens`);
  return toTokenGrant(answer as unknown as TokenResponse, askedAt);
}

/** Seconds. A token that lives longer is taken for one that does not say. */
const LONGEST_LIFE = (10 * 365 * DAY) / SECOND;

function toTokenGrant(token: TokenResponse, askedAt: number): TokenGrant {
  const seconds = Number.parseFloat(String(token.expires_in));
  return {
    accessToken: headerToken(token, 'access_token'),
    refreshToken: isTold(token.refresh_token) ? text(token, 'refresh_token') : null,
    expiresAt: seconds >= 0 && seconds <= LONGEST_LIFE ? askedAt + Math.floor(seconds * SECOND) : null,
  };
}
