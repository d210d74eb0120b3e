import type { CardholderVerification } from '../../domain/cardholder-verification.ts';
import type { GatewayError } from '../../domain/errors.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/duration.ts';
import type { UpstreamResponse } from '../../upstream/upstream.ts';
import type { TokenGrant } from '../provider.ts';
import { headerToken, integerFrom, shown, text } from '../read.ts';
import { parsed, single } from './document.ts';
import { fromGrantStatus, fromStatus, fromVerificationStatus } from './errors.ts';
import { isSuccess } from './exchange.ts';
import type { TokenResponse } from './wire.ts';

/** The life of an access token that came without one: what every sample in the reference shows. */
const DEFAULT_LIFE = 2 * HOUR;
/** One that lives longer is taken for one that does not say. */
const LONGEST_LIFE = 10 * 365 * DAY;

/**
 * What the answers to a login's calls mean; `oauth.ts` sends them. All take the answer and when it was received, in
 * milliseconds since the epoch.
 * @throws GatewayError for an answer that is not 2xx, UpstreamFailure wrong-shape for one that cannot be read.
 */
export const judgeVerification =
  (toVerification: (resource: unknown) => CardholderVerification) =>
  (response: UpstreamResponse, now: number): CardholderVerification =>
    single(toVerification)(successBody(response, now, fromVerificationStatus));

/** Only the access token is sure to be there (§6.3). */
export function judgeGrant(response: UpstreamResponse, now: number): TokenGrant {
  const token = parsed(successBody(response, now, fromGrantStatus)) as unknown as TokenResponse;
  const seconds = shown(token, 'expires_in', integerFrom(0, LONGEST_LIFE / SECOND), () => {});
  const life = seconds === null ? DEFAULT_LIFE : seconds * SECOND;
  return {
    accessToken: headerToken(token, 'access_token'),
    refreshToken: (token.refresh_token ?? '') === '' ? null : text(token, 'refresh_token'),
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
