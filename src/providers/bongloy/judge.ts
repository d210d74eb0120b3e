import type { CardholderVerification } from '../../domain/cardholder-verification.ts';
import type { GatewayError } from '../../domain/errors.ts';
import { HOUR, MINUTE, SECOND } from '../../lib/duration.ts';
import type { UpstreamResponse } from '../../upstream/upstream.ts';
import type { TokenGrant } from '../provider.ts';
import { parsed, single } from './document.ts';
import { fromGrantStatus, fromStatus, fromVerificationStatus } from './errors.ts';
import { isSuccess } from './exchange.ts';
import { toVerification } from './map.ts';
import { optionalText, text } from './read.ts';
import type { TokenResponse } from './wire.ts';

/** The life of an access token that came without one: what every sample in the reference shows. */
const DEFAULT_LIFE = 2 * HOUR;

/**
 * What the answers to a login's calls mean; `oauth.ts` sends them. All take the answer and when it was received, in
 * milliseconds since the epoch.
 * @throws GatewayError for an answer that is not 2xx, UpstreamFailure wrong-shape for one that cannot be read.
 */
export function judgeVerification(response: UpstreamResponse, now: number): CardholderVerification {
  return single(toVerification)(successBody(response, now, fromVerificationStatus));
}

/** Only the access token is sure to be there (§6.3). */
export function judgeGrant(response: UpstreamResponse, now: number): TokenGrant {
  const token = parsed(successBody(response, now, fromGrantStatus)) as unknown as TokenResponse;
  const seconds = token.expires_in;
  const life = Number.isSafeInteger(seconds) ? Number(seconds) * SECOND : DEFAULT_LIFE;
  return {
    accessToken: text(token, 'access_token'),
    refreshToken: optionalText(token, 'refresh_token'),
    // Early by a tenth of its life, at most a minute: time for the request to travel and for clocks to differ.
    expiresAt: now + life - Math.min(life / 10, MINUTE),
  };
}

/** The documented body is `{}`: nothing to read. */
export function judgeRevocation(response: UpstreamResponse, now: number): void {
  successBody(response, now, fromStatus);
}

function successBody(
  response: UpstreamResponse,
  now: number,
  refusal: (response: UpstreamResponse, now: number) => GatewayError,
): string {
  if (!isSuccess(response)) throw refusal(response, now);
  return response.body;
}
