import type { Provider } from '../domain/provider.ts';
import type { NewEvent } from '../events/log.ts';
import type { Caller } from '../upstream/upstream.ts';

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
   * Names whose allowance the provider counts its requests against, where several grants may share one: all those of one API key
   * do. Derived from it by hashing. Without it each grant counts alone.
   */
  countedAs?(): string;
  /**
   * The whole `Authorization` header value for the next call: at once where the grant is known to stand and its token
   * holds, else a promise, for the grant must be looked up or refreshed first.
   * @throws GatewayError (by rejecting) when the grant can no longer be used.
   */
  authorization(caller: Caller): string | Promise<string>;
  /**
   * The provider answered 401 to `refused`: the value to try once more with, or null when there is no better one.
   * Many calls may ask at once; they share one refresh.
   */
  renew(refused: string, caller: Caller): Promise<string | null>;
  /** The accounts that were kept with the grant, by any process; null before that. @throws when the store is away. */
  keptAccounts?(): Promise<readonly string[] | null>;
  /** Keeps which accounts the grant is known to own: their ids, for later processes. @throws when the store is away. */
  keepAccounts?(ids: readonly string[]): Promise<void>;
}

/**
 * What a request is for. Where a provider allows few, requests leave in this order (`casso/rank.ts` says what each may take):
 * - `CHANGE`: a person asked to change something at the provider. The client's methods that change something say so themselves.
 * - `ANSWER`: a person asked, and without it there is no answer. The default.
 * - `REFRESH`: there is an answer, and it could be younger. Never waits: a caller whose request is refused answers with what it has.
 * - `RECONCILIATION`: no person asked. Never waits: its next round goes on.
 */
export const RANKS = ['CHANGE', 'ANSWER', 'REFRESH', 'RECONCILIATION'] as const;
export type Rank = (typeof RANKS)[number];

/** Who asks, what for, and under which grant: passed to every client method. */
export interface ProviderCall extends Caller {
  readonly credential: Credential;
  readonly rank?: Rank | undefined;
}

/** What a provider's token endpoint gave, as both providers' `oauth.ts` return it. Sealed before it is stored. */
export interface TokenGrant {
  readonly accessToken: string;
  /** Null when the provider gave none: the grant then ends with its access token. */
  readonly refreshToken: string | null;
  /** When the access token ends, milliseconds since the epoch by our clock; null when the provider did not say. */
  readonly expiresAt: number | null;
}

/** A provider's `webhook.ts`: verifies a delivery and says what it means. Pure but for the clock; keeps nothing. */
export interface Webhook {
  /**
   * Never throws because of what was sent.
   * @param headers names in lower case; of a repeated header the first value.
   * @param rawBody the bytes as they came, bounded by the caller.
   */
  receive(headers: WebhookHeaders, rawBody: Buffer): Promise<WebhookVerdict>;
}

export type WebhookHeaders = Readonly<Record<string, string | undefined>>;

/**
 * What a delivery comes to. `scheme` is how it was authenticated, `reason` which of the usual mistakes a refusal looks
 * like: short constants for metrics and logs, never for the sender.
 * - `authentic`: answer 2xx once the log has its events, and the store what was not understood;
 * - `refused`: answer `status` with a constant text.
 */
export type WebhookVerdict =
  | { readonly kind: 'authentic'; readonly scheme: string; readonly reading: Reading }
  | WebhookRefusal;

/** What was understood of something authentic: a delivery, or a row of a list. Every row of it is in one of the two. */
export interface Reading {
  /** In the order of the delivery; a key may come twice. */
  readonly events: readonly NewEvent[];
  /** Why a row was not understood, one short constant for each such row. */
  readonly unreadable: readonly string[];
  /** Why there is nothing to keep, where both are empty: it is documented, and nothing to us. */
  readonly nothing?: 'test-call' | 'other-event';
}

/**
 * Reads again what was found authentic once, and kept aside since an older version did not understand it.
 * @param scheme how it was authenticated.
 * @param body as it came.
 * @param receivedAt of the events, milliseconds since the epoch.
 */
export type ReadAgain = (scheme: string, body: Buffer, receivedAt: number) => Reading;

export interface WebhookRefusal {
  readonly kind: 'refused';
  readonly status: 400 | 401 | 415;
  readonly reason: string;
}

export const refused = (status: WebhookRefusal['status'], reason: string): WebhookRefusal => ({
  kind: 'refused',
  status,
  reason,
});

/** Both providers send JSON. A delivery that does not say what it is may still be that. */
export const claimsAnotherType = (headers: WebhookHeaders): boolean =>
  !/^\s*(?:application\/(?:[\w.+-]+\+)?json\s*(?:;|$)|$)/i.test(headers['content-type'] ?? '');
