import type { TokenGrant } from '../providers/provider.ts';

/** What one provider gave the viewer, as the session keeps it. */
export type Grant = OAuthGrant | ApiKeyGrant;

interface GrantBase {
  /** Random, and no secret: names the grant (`Credential.id`) from linking to unlinking, also after a refresh. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly linkedAt: number;
}

export interface OAuthGrant extends GrantBase {
  readonly kind: 'oauth';
  readonly tokens: TokenGrant;
  /** The one of the authorization, where the provider wants it again with each refresh (Casso). */
  readonly redirectUri?: string;
  /** The provider's ids of the accounts that it is known to own; absent until they are known (see `loaders/card-news.ts`). */
  readonly accountIds?: readonly string[];
  /** Who refreshes it now; null when nobody does. */
  readonly refreshing: RefreshClaim | null;
}

export interface ApiKeyGrant extends GrantBase {
  readonly kind: 'apiKey';
  readonly apiKey: string;
}

/** Held by the one call, of all processes, that may use the refresh token now. */
export interface RefreshClaim {
  readonly by: string;
  /** When others may take over, milliseconds since the epoch. */
  readonly until: number;
}

/** A grant as a login makes it; the session adds the rest. */
export type NewGrant =
  | Pick<OAuthGrant, 'kind' | 'tokens' | 'redirectUri'>
  | Pick<ApiKeyGrant, 'kind' | 'apiKey'>;
