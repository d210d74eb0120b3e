import { authorizePage, refusalPage } from './authorize-page.ts';
import { authorization, json, mediaType, type Reply, type SandboxRequest } from './message.ts';
import { type Route, route } from './routes.ts';
import type { SandboxState } from './state.ts';
import type { Tokens } from './tokens.ts';

export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Registered at Casso: compared as texts. */
  readonly redirectUris: readonly string[];
}

/**
 * `/auth/authorize` and `/auth/token` (§2.2). The page lets a person choose; a program adds `&auto=1`, and
 * `&business=<name>` for another one than `second`, and is sent back with the code at once.
 */
export function oauthRoutes(client: OAuthClient, state: SandboxState, tokens: Tokens): Route<null>[] {
  return [
    route('GET', '/auth/authorize', ({ query }) => {
      const redirectUri = query.get('redirect_uri') ?? '';
      if (query.get('client_id') !== client.clientId) return refusalPage('Unknown client_id.');
      if (!client.redirectUris.includes(redirectUri))
        return refusalPage('This redirect_uri is not registered.');
      if (query.get('response_type') !== 'code')
        return sendBack(query, { error: 'unsupported_response_type' });
      if (!query.get('scope')) return sendBack(query, { error: 'invalid_request' });
      if (query.get('decision') === 'deny') return sendBack(query, { error: 'access_denied' });
      if (query.get('decision') !== 'allow' && query.get('auto') !== '1') {
        return authorizePage(query, [...state.businesses.keys()]);
      }
      const business = query.get('business') ?? 'second';
      if (!state.businesses.has(business)) return refusalPage('There is no such business.');
      return sendBack(query, { code: tokens.issueCode({ business, redirectUri }) });
    }),
    route('POST', '/auth/token', (request) => {
      if (mediaType(request) !== 'application/x-www-form-urlencoded') return refuse(400, 'invalid_request');
      if (!isClient(request, client)) return refuse(401, 'invalid_client');
      const form = new URLSearchParams(request.body);
      const redirectUri = form.get('redirect_uri') ?? '';
      const type = form.get('grant_type');
      if (type !== 'authorization_code' && type !== 'refresh_token')
        return refuse(400, 'unsupported_grant_type');
      const granted =
        type === 'authorization_code'
          ? tokens.redeem(form.get('code') ?? '', redirectUri)
          : tokens.refresh(form.get('refresh_token') ?? '', redirectUri);
      return granted ? json(200, granted) : refuse(400, 'invalid_grant');
    }),
  ];
}

/** To the redirect URI, with the state that came. */
function sendBack(query: URLSearchParams, answer: Readonly<Record<string, string>>): Reply {
  const location = new URL(query.get('redirect_uri') ?? '');
  const state = query.get('state');
  const added = { ...answer, ...(state === null ? {} : { state }) };
  for (const [name, value] of Object.entries(added)) location.searchParams.set(name, value);
  return { status: 302, headers: { location: location.href }, body: '' };
}

/** Basic is what counts; id and secret in the body are not looked at (§2.2). */
function isClient(request: SandboxRequest, { clientId, clientSecret }: OAuthClient): boolean {
  const shown = authorization(request);
  const pair = Buffer.from(shown?.credential ?? '', 'base64').toString();
  return shown?.scheme === 'basic' && pair === `${clientId}:${clientSecret}`;
}

/** Error bodies are not published: RFC 6749 §5.2. */
const refuse = (status: number, error: string): Reply => json(status, { error });
