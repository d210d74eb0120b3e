import { GatewayError, unauthenticated } from '../domain/errors.ts';
import type { Provider } from '../domain/provider.ts';
import type { Signal } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { MINUTE } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import { cassoApiKeyCredential } from '../providers/casso/credential.ts';
import type { Credential, TokenGrant } from '../providers/provider.ts';
import type { Caller } from '../upstream/upstream.ts';
import type { OAuthGrant } from './grant.ts';
import { createRefresh, type GrantAddress } from './refresh.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** How calls are made with what a session has linked. Provider tokens are refreshed on the way (see refresh.ts). */
export interface Grants {
  /** Null when the session has not linked the provider. Follows every later refresh, and ends with its grant. */
  credential(session: Session, provider: Provider): Credential | null;
  /**
   * Refreshes the provider's tokens now, however long they would have lasted; nothing to do for an API key.
   * @throws GatewayError UNAUTHENTICATED when the provider is not linked, or refuses, which unlinks it; else the
   *   provider's failure. Rejects with the signal's reason when aborted; the refresh itself goes on.
   */
  refreshNow(session: Session, provider: Provider, caller: Caller): Promise<void>;
}

export interface GrantsOptions {
  readonly sessions: Pick<Sessions, 'known' | 'get' | 'changeGrant'>;
  /** Null: the provider, or its OAuth login, is off. */
  readonly bongloyOAuth: {
    refresh(refreshToken: string, caller: Caller): Promise<TokenGrant>;
  } | null;
  readonly cassoOAuth: {
    refresh(
      grant: { readonly refreshToken: string; readonly redirectUri: string },
      caller: Caller,
    ): Promise<TokenGrant>;
  } | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An access token is refreshed this long before it ends, so that it does not end on its way. */
const EARLY_MS = MINUTE;

/** Accounts that are kept with a grant: its row is read whole with each request. */
const MOST_ACCOUNTS = 200;

export function createGrants(options: GrantsOptions): Grants {
  const { sessions, bongloyOAuth, cassoOAuth, clock, logger } = options;
  const refreshPast = createRefresh({
    sessions,
    refreshers: {
      BONGLOY: bongloyOAuth && (({ refreshToken }, caller) => bongloyOAuth.refresh(refreshToken, caller)),
      // Casso compares the redirect URI, and refuses when there is none (docs/providers/casso.md §2.2).
      CASSO:
        cassoOAuth &&
        (({ refreshToken, redirectUri = '' }, caller) =>
          cassoOAuth.refresh({ refreshToken, redirectUri }, caller)),
    },
    clock,
    logger,
  });

  /** The session's grant, as long as it is still the one that is meant. */
  function grantIn(session: Session | null, { provider, grantId }: GrantAddress): OAuthGrant | null {
    const grant = session?.grants[provider];
    return grant?.id === grantId && grant.kind === 'oauth' ? grant : null;
  }

  /** Milliseconds. */
  const holdsFor = ({ tokens }: OAuthGrant): number =>
    (tokens.expiresAt ?? Number.POSITIVE_INFINITY) - clock.now();

  async function lookedUp(address: GrantAddress, { signal, requestId }: Caller): Promise<string> {
    const { provider, sessionId, grantId } = address;
    const grant = grantIn(await sessions.get(sessionId), address);
    if (!grant) throw unauthenticated(provider);
    const { accessToken, refreshToken } = grant.tokens;
    const left = holdsFor(grant);
    if (left > EARLY_MS || (left > 0 && refreshToken === null)) return bearer(grant);
    if (refreshToken === null) {
      await sessions.changeGrant(sessionId, provider, (latest) => (latest.id === grantId ? null : latest));
      throw unauthenticated(provider);
    }
    try {
      return bearer(await unlessAborted(refreshPast(address, accessToken, requestId), signal));
    } catch (error) {
      const mayStillHold = left > 0 && !signal.aborted && !isUnauthenticated(error);
      if (!mayStillHold) throw error;
      logger.warn({ err: error, provider, requestId }, 'a refresh failed while the access token still holds');
      return bearer(grant);
    }
  }

  function oauthCredential(address: GrantAddress): Credential {
    const { provider, sessionId, grantId } = address;
    return {
      provider,
      id: grantId,

      authorization(caller) {
        const grant = grantIn(sessions.known(sessionId), address);
        return grant && holdsFor(grant) > EARLY_MS ? bearer(grant) : lookedUp(address, caller);
      },

      async renew(refused, { signal, requestId }) {
        const stale = refused.slice(BEARER.length);
        const renewed = bearer(await unlessAborted(refreshPast(address, stale, requestId), signal));
        return renewed === refused ? null : renewed;
      },

      async keptAccounts() {
        return grantIn(await sessions.get(sessionId), address)?.accountIds ?? null;
      },

      async keepAccounts(accountIds) {
        if (accountIds.length > MOST_ACCOUNTS) return;
        await sessions.changeGrant(sessionId, provider, (latest) =>
          latest.id === grantId && latest.kind === 'oauth' ? { ...latest, accountIds } : latest,
        );
      },
    };
  }

  /** A key that Casso refuses has no successor: it is unlinked, as a grant that cannot be refreshed is. */
  function apiKeyCredential(apiKey: string, { sessionId, provider, grantId }: GrantAddress): Credential {
    return {
      ...cassoApiKeyCredential(apiKey, grantId),

      async renew(_refused, { requestId }) {
        logger.warn(
          { provider, requestId },
          'the provider refused an API key: it is unlinked, and has to be linked again',
        );
        await sessions.changeGrant(sessionId, provider, (latest) => (latest.id === grantId ? null : latest));
        return null;
      },
    };
  }

  return {
    credential(session, provider) {
      const grant = session.grants[provider];
      if (!grant) return null;
      const address = { sessionId: session.id, provider, grantId: grant.id };
      return grant.kind === 'apiKey' ? apiKeyCredential(grant.apiKey, address) : oauthCredential(address);
    },

    async refreshNow(session, provider, { signal, requestId }) {
      const grant = (await sessions.get(session.id))?.grants[provider];
      if (!grant) throw unauthenticated(provider);
      if (grant.kind === 'apiKey') return;
      const address = { sessionId: session.id, provider, grantId: grant.id };
      await unlessAborted(refreshPast(address, grant.tokens.accessToken, requestId), signal);
    },
  };
}

const BEARER = 'Bearer ';

const bearer = ({ tokens }: OAuthGrant): string => BEARER + tokens.accessToken;

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === 'UNAUTHENTICATED';

/** One of many may stop waiting; what they wait for goes on, and may fail with nobody left to hear of it. */
function unlessAborted<T>(promise: Promise<T>, signal: Signal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
