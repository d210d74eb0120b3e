import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { GatewayError, providerOff, unauthenticated, upstreamTimeout } from '../domain/errors.ts';
import type { Provider } from '../domain/provider.ts';
import type { Clock } from '../lib/clock.ts';
import { deadline } from '../lib/deadline.ts';
import { SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { TokenGrant } from '../providers/provider.ts';
import type { Caller } from '../upstream/upstream.ts';
import type { Grant, OAuthGrant } from './grant.ts';
import type { Sessions } from './sessions.ts';

/**
 * Asks a provider's token endpoint for a new pair.
 * @throws GatewayError INVALID_GRANT when the provider refuses the refresh token for good; any other error when the
 *   outcome is unknown, or another try may succeed.
 */
export type Refresher = (
  grant: { readonly refreshToken: string; readonly redirectUri?: string },
  caller: Caller,
) => Promise<TokenGrant>;

/** Which grant of which session. */
export interface GrantAddress {
  readonly sessionId: string;
  readonly provider: Provider;
  readonly grantId: string;
}

export interface RefreshOptions {
  readonly sessions: Pick<Sessions, 'changeGrant'>;
  /** Null: the provider is off. */
  readonly refreshers: Readonly<Record<Provider, Refresher | null>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The longest that one refresh may take. */
const REFRESH_MS = 10 * SECOND;
/** Outlasts a refresh and the storing of its outcome through a change of the store's leader. */
const CLAIM_MS = 25 * SECOND;
/** How often a process looks whether another one's refresh is done; most take less than a second. */
const LOOK_MS = 50;

/** Waits between the tries to store a new pair, milliseconds: about 11 s together, within the claim. */
const STORE_AGAIN = [50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000, 2_000];

/**
 * Makes the function that answers with the grant once its access token is another one than `stale`: at once when
 * somebody has refreshed it already, else by refreshing it; unchanged when it has no refresh token.
 *
 * A refresh token is used by one call at a time, over all processes: the call first writes a claim into the session's
 * row by compare-and-set. Whoever finds a claim waits for its outcome, or for its end. The new pair is stored before
 * anybody sees it. A newer pair is never overwritten: what was refreshed must still be what stands.
 *
 * When the process is killed, or the answer lost, between the provider's refresh and our storing:
 * - rotation on first use (the OAuth server's default, docs/providers/bongloy.md §6.4): the new pair was never used, so the
 *   old one still holds; when the claim has ended, the next call refreshes with it. Nothing is lost.
 * - immediate rotation: the old pair is dead and the new one lost. The next refresh is refused, the provider is
 *   unlinked, and the viewer links it again. No client can do better against such a server (RFC 9700 §4.14.2).
 * - no rotation (Casso): the old refresh token stays good. Nothing is lost.
 *
 * The function throws GatewayError UNAUTHENTICATED when the grant is gone or the provider refuses it, which unlinks
 * it; else what the refresher threw. It takes no abort: it serves all who wait, and goes by the request that began it.
 */
export function createRefresh({ sessions, refreshers, clock, logger }: RefreshOptions) {
  const flights = new Map<string, Promise<OAuthGrant>>();

  /** The grant as it stands after `change` was offered it. */
  async function settle(
    { sessionId, provider, grantId }: GrantAddress,
    change: (grant: OAuthGrant) => OAuthGrant | null,
  ): Promise<OAuthGrant> {
    const isOurs = (grant: Grant): grant is OAuthGrant => grant.id === grantId && grant.kind === 'oauth';
    const session = await sessions.changeGrant(sessionId, provider, (grant) =>
      isOurs(grant) ? change(grant) : grant,
    );
    const grant = session?.grants[provider];
    if (!grant || !isOurs(grant)) throw unauthenticated(provider);
    return grant;
  }

  /** Waits until the grant was refreshed by others, or is claimed by us. */
  async function claim(address: GrantAddress, stale: string, by: string): Promise<OAuthGrant> {
    const canRefresh = ({ tokens }: OAuthGrant): boolean =>
      tokens.accessToken === stale && tokens.refreshToken !== null;
    for (;;) {
      const grant = await settle(address, (latest) => {
        const isFree = latest.refreshing === null || latest.refreshing.until <= clock.now();
        if (!canRefresh(latest) || !isFree) return latest;
        return { ...latest, refreshing: { by, until: clock.now() + CLAIM_MS } };
      });
      if (!canRefresh(grant) || grant.refreshing?.by === by) return grant;
      await wait(LOOK_MS);
    }
  }

  async function ask(
    provider: Provider,
    refreshToken: string,
    grant: OAuthGrant,
    requestId: string | undefined,
  ): Promise<TokenGrant> {
    const refresher = refreshers[provider];
    if (!refresher) throw providerOff(provider);
    const { redirectUri } = grant;
    const limit = deadline(REFRESH_MS);
    const caller = { signal: limit.signal, requestId };
    try {
      const tokens = await refresher({ refreshToken, ...(redirectUri && { redirectUri }) }, caller);
      // No new refresh token means that the old one stays (RFC 6749 §6).
      return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
    } catch (error) {
      throw limit.signal.aborted ? upstreamTimeout(provider, { cause: error }) : error;
    } finally {
      limit.clear();
    }
  }

  async function refresh(address: GrantAddress, stale: string, requestId?: string): Promise<OAuthGrant> {
    const { provider } = address;
    const by = randomUUID();
    const grant = await claim(address, stale, by);
    const { refreshToken } = grant.tokens;
    if (grant.refreshing?.by !== by || refreshToken === null) return grant;
    const stillStands = ({ tokens }: OAuthGrant): boolean =>
      tokens.accessToken === stale && tokens.refreshToken === refreshToken;
    try {
      const tokens = await ask(provider, refreshToken, grant, requestId);
      return await untilStored(() =>
        settle(address, (latest) => (stillStands(latest) ? { ...latest, tokens, refreshing: null } : latest)),
      );
    } catch (error) {
      if (isRefusal(error)) {
        logger.warn(
          { provider, requestId },
          'the provider refused to refresh a grant: it is unlinked, and has to be linked anew',
        );
        return settle(address, (latest) => (stillStands(latest) ? null : latest));
      }
      const freed = settle(address, (latest) =>
        latest.refreshing?.by === by ? { ...latest, refreshing: null } : latest,
      );
      // A claim that cannot be taken back now ends by its time.
      await freed.catch(() => null);
      throw error;
    }
  }

  return function refreshPast(address: GrantAddress, stale: string, requestId?: string): Promise<OAuthGrant> {
    const key = `${address.grantId} ${stale}`;
    const running = flights.get(key);
    if (running) return running;
    const flight = refresh(address, stale, requestId).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
}

/** A new pair that is not stored is lost, so storing is repeated, unless the grant itself is gone. */
async function untilStored<T>(store: () => Promise<T>): Promise<T> {
  for (const pause of STORE_AGAIN) {
    try {
      return await store();
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      await wait(pause);
    }
  }
  return store();
}

const isRefusal = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === 'INVALID_GRANT';
