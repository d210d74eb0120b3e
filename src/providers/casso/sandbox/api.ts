import type { Business } from './business.ts';
import { authorization, failure, type Reply, type SandboxRequest, unauthorized } from './message.ts';
import type { RateLimit } from './rate-limit.ts';
import { dispatch, type Route } from './routes.ts';
import type { SandboxState } from './state.ts';
import type { Tokens } from './tokens.ts';

export interface ApiOptions {
  readonly state: SandboxState;
  readonly tokens: Tokens;
  readonly rateLimit: RateLimit;
  /** The value of `Retry-After` in a 429; none without it. */
  readonly retryAfter: number | string | undefined;
  readonly routes: readonly Route<Business>[];
}

/** `/v2/…`: the credential first, then the rate, then the route, for the business that the credential opens. */
export function answerApi(
  request: SandboxRequest,
  { state, tokens, rateLimit, retryAfter, routes }: ApiOptions,
): Reply {
  const business = businessOf(request, state, tokens);
  if (!business) return unauthorized();
  if (!rateLimit.allows(business.profile.name)) {
    const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    return failure(429, 'Too Many Requests', 429, headers);
  }
  return dispatch(routes, request, business) ?? failure(404, 'Not Found', 404);
}

/** `Apikey <key>` or `Bearer <access token>`, in `Authorization` alone (§1.1). */
function businessOf(request: SandboxRequest, state: SandboxState, tokens: Tokens): Business | undefined {
  const shown = authorization(request);
  if (shown?.scheme === 'apikey') return state.byApiKey(shown.credential);
  if (shown?.scheme === 'bearer') return state.businesses.get(tokens.businessOf(shown.credential) ?? '');
  return undefined;
}
