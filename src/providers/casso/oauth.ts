import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Caller, Upstream, UpstreamResponse } from '../../upstream/upstream.ts';
import type { TokenGrant } from '../provider.ts';
import { fromFailure } from './errors.ts';
import { judgeGrant } from './judge.ts';

/**
 * OAuth 2.0, authorization code grant (RFC 6749 §4.1; docs/providers/casso.md §2.2). Casso has no PKCE, no revocation and
 * no other grant.
 */
export interface CassoOAuth {
  /** Where to send the browser. */
  authorizationUrl(request: AuthorizationRequest): string;
  /**
   * The code of the redirect for tokens.
   * @throws GatewayError INVALID_GRANT for a code that is wrong, used or late; UPSTREAM_REJECTED when Casso refuses
   *   this gateway (client id or secret); RATE_LIMITED, UPSTREAM_TIMEOUT, UPSTREAM_UNAVAILABLE; UpstreamFailure
   *   `aborted` when the caller gave up.
   */
  exchange(
    request: { readonly code: string; readonly redirectUri: string },
    caller: Caller,
  ): Promise<TokenGrant>;
  /** New tokens; the refresh token stays the same when none comes. Throws as `exchange`. */
  refresh(
    request: { readonly refreshToken: string; readonly redirectUri: string },
    caller: Caller,
  ): Promise<TokenGrant>;
}

export interface AuthorizationRequest {
  /** https; one of those registered at Casso. The same is needed again with the code. */
  readonly redirectUri: string;
  /** None or an empty list: `webhook` and `transaction`, the only ones published. */
  readonly scopes?: readonly string[] | null | undefined;
  readonly state: string;
}

export interface CassoOAuthOptions {
  /** Its base URL is `CASSO_API_URL`. */
  readonly upstream: Upstream;
  /** The authorization endpoint, as browsers reach it: `https://oauth.casso.vn/auth/authorize`. */
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock?: Clock;
}

const DEFAULT_SCOPES = ['webhook', 'transaction'];

export function createCassoOAuth(options: CassoOAuthOptions): CassoOAuth {
  const { upstream, authorizeUrl, clientId, clientSecret, clock = systemClock } = options;
  const authorization = basic(clientId, clientSecret);

  const sendGrant = (fields: Readonly<Record<string, string>>, caller: Caller): Promise<UpstreamResponse> =>
    upstream.request({
      method: 'POST',
      path: '/auth/token',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      // The client's id and secret both in Basic and here: the page asks for both (§2.2).
      body: new URLSearchParams({ ...fields, client_id: clientId, client_secret: clientSecret }).toString(),
      ...caller,
    });

  /** Brings the two halves together: what was sent, and what its answer means. */
  async function grant(fields: Readonly<Record<string, string>>, caller: Caller): Promise<TokenGrant> {
    const askedAt = clock.now();
    try {
      return judgeGrant(await sendGrant(fields, caller), askedAt);
    } catch (error) {
      throw fromFailure(error);
    }
  }

  return {
    authorizationUrl({ redirectUri, scopes, state }) {
      const query = {
        client_id: clientId,
        scope: (scopes?.length ? scopes : DEFAULT_SCOPES).join(' '),
        redirect_uri: redirectUri,
        response_type: 'code',
        state,
      };
      // Percent-encoded, as the page shows: a form's `+` for the blank in `scope` is not known to be understood.
      const parameters = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      return `${authorizeUrl}?${parameters.join('&')}`;
    },

    exchange: ({ code, redirectUri }, caller) =>
      grant({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }, caller),

    async refresh({ refreshToken, redirectUri }, caller) {
      const fields = { grant_type: 'refresh_token', refresh_token: refreshToken, redirect_uri: redirectUri };
      const renewed = await grant(fields, caller);
      // Casso was seen not to rotate it (§2.2).
      return { ...renewed, refreshToken: renewed.refreshToken ?? refreshToken };
    },
  };
}

/**
 * RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. Casso's page says plain
 * `base64(id:secret)`; the two are the same unless one of them holds a character other than letters, digits and
 * `*-._`, and then only the encoded form can be taken apart again.
 */
function basic(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`, 'utf8').toString('base64')}`;
}

const formEncoded = (value: string): string =>
  new URLSearchParams({ '': value }).toString().slice('='.length);
