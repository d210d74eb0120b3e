import type { Provider } from '../domain/provider.ts';

/**
 * What the provider clients share. Glossary: a *grant* is what a viewer (or the operator) was given by one provider;
 * a *credential* is how calls are made under a grant.
 */
export interface Credential {
  readonly provider: Provider;
  /**
   * Names the grant: the same for every call under it, also after a refresh, and never the same for two grants.
   * Not a secret, and never derived from one without hashing: caches are keyed by it.
   */
  readonly id: string;
  /**
   * The whole `Authorization` header value for the next call.
   * @throws GatewayError when the grant can no longer be used.
   */
  authorization(signal: AbortSignal): Promise<string>;
  /**
   * The provider answered 401 to `refused`: the value to try once more with, or null when there is no better one.
   * Many calls may ask at once; they share one refresh.
   */
  renew(refused: string, signal: AbortSignal): Promise<string | null>;
}

/** Who asks, for how long, and who counts: passed to every client method. */
export interface ProviderCall {
  readonly credential: Credential;
  readonly signal: AbortSignal;
  /** Called once for each HTTP request that is really sent to the provider under this call. */
  readonly onAttempt?: (() => void) | undefined;
}

/** What a provider's token endpoint gave, as both providers' `oauth.ts` return it. Sealed before it is stored. */
export interface TokenGrant {
  readonly accessToken: string;
  /** Null when the provider gave none: the grant then ends with its access token. */
  readonly refreshToken: string | null;
  /** When the access token ends, milliseconds since the epoch by our clock; null when the provider did not say. */
  readonly expiresAt: number | null;
}
