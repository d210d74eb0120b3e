import { randomUUID } from 'node:crypto';
import type { AccountIdentity } from '../domain/bank-identity.ts';
import type { CardholderVerification } from '../domain/cardholder-verification.ts';
import { badUserInput, GatewayError, invalidGrant, providerOff } from '../domain/errors.ts';
import { PROVIDERS, type Provider } from '../domain/provider.ts';
import { Abort } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { isHeaderText } from '../lib/header-text.ts';
import type { BongloyOAuth } from '../providers/bongloy/oauth.ts';
import type { CassoClient } from '../providers/casso/client.ts';
import { cassoApiKeyCredential } from '../providers/casso/credential.ts';
import type { CassoOAuth } from '../providers/casso/oauth.ts';
import type { Caller } from '../upstream/upstream.ts';
import type { Authorization } from './authorization.ts';
import type { NewGrant } from './grant.ts';
import type { Grants } from './grants.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { readVerificationId, verificationId } from './verification-id.ts';

/** A session with the token that stands for it: only ever told to whoever logs in or presents it. */
export interface PresentedSession {
  readonly token: string;
  readonly session: Session;
}

/** On whose behalf the providers are asked. */
export interface LoginCalls extends Omit<Caller, 'onAttempt'> {
  /** Called for each request that is really sent; refreshes, which many operations share, belong to none. */
  readonly onAttempt: (provider: Provider) => void;
}

/**
 * Every way in and out. Where `presented` is given, the provider is linked to that session, which keeps its token;
 * else a new session begins. All throw GatewayError: UPSTREAM_UNAVAILABLE when the provider is off here, and what the
 * provider's `oauth.ts` throws.
 */
export interface Login {
  /** @throws GatewayError BAD_USER_INPUT, which does not tell what is wrong. */
  createVerification(
    input: { readonly phoneNumber: string; readonly accountIdentifier: string },
    calls: LoginCalls,
  ): Promise<CardholderVerification>;
  /** @throws GatewayError INVALID_GRANT; BAD_USER_INPUT naming the verification when it had expired. */
  authenticateCardholder(
    presented: PresentedSession | null,
    input: { readonly authToken: string; readonly cardholderVerificationId: string },
    calls: LoginCalls,
  ): Promise<PresentedSession>;
  /** @throws GatewayError BAD_USER_INPUT for a redirect URI that is not configured; Casso is not called. */
  startCassoAuthorization(
    presented: PresentedSession | null,
    input: { readonly redirectUri: URL; readonly scopes: readonly string[] },
  ): Promise<{ readonly authorizationUrl: string; readonly state: string; readonly expiresAt: number }>;
  /** @throws GatewayError INVALID_STATE before Casso is called, INVALID_GRANT. */
  completeCassoAuthorization(
    presented: PresentedSession | null,
    input: { readonly code: string; readonly state: string },
    calls: LoginCalls,
  ): Promise<PresentedSession>;
  /** Checked with one `userInfo` call. @throws GatewayError INVALID_GRANT. */
  linkCassoApiKey(
    presented: PresentedSession | null,
    apiKey: string,
    calls: LoginCalls,
  ): Promise<PresentedSession>;
  /** Refreshes every provider's tokens now, and moves the session's idle end. @throws GatewayError UNAUTHENTICATED. */
  refresh(session: Session, calls: LoginCalls): Promise<Session>;
  /** Ends the session here whatever the providers say, then revokes what can be revoked, also when the client leaves. */
  logout(session: Session, calls: LoginCalls): Promise<LogoutOutcome>;
}

export interface LogoutOutcome {
  /** The provider confirmed that its grant is over. */
  readonly revoked: readonly Provider[];
  /** It did not answer, or has no such call. */
  readonly unconfirmed: readonly Provider[];
}

export interface LoginOptions {
  readonly sessions: Sessions;
  readonly grants: Grants;
  readonly authorization: Authorization;
  readonly bongloy: { readonly oauth: BongloyOAuth } | null;
  readonly casso: {
    readonly client: CassoClient;
    readonly oauth: { readonly client: CassoOAuth; readonly redirectUris: readonly string[] } | null;
    /** Learns a business's accounts. */
    readonly knownAccounts: { add(accounts: readonly AccountIdentity[]): void };
  } | null;
  readonly clock: Clock;
}

export function createLogin(options: LoginOptions): Login {
  const { sessions, grants, authorization, bongloy, casso, clock } = options;
  const bongloyOAuth = () => {
    if (!bongloy) throw providerOff('BONGLOY');
    return bongloy.oauth;
  };
  const cassoOn = () => {
    if (!casso) throw providerOff('CASSO');
    return casso;
  };
  const cassoOAuth = () => {
    if (!casso?.oauth) throw providerOff('CASSO');
    return casso.oauth;
  };

  async function link(
    presented: PresentedSession | null,
    provider: Provider,
    grant: NewGrant,
  ): Promise<PresentedSession> {
    if (!presented) return sessions.start(provider, grant);
    return { token: presented.token, session: await sessions.link(presented.session, provider, grant) };
  }

  async function revoke(session: Session, provider: Provider, calls: LoginCalls): Promise<boolean> {
    const grant = session.grants[provider];
    if (provider !== 'BONGLOY' || !bongloy || grant?.kind !== 'oauth') return false;
    try {
      // Goes on when the client has left: the session is over already, and nobody could try again.
      const caller = { ...callerOf(calls, provider), signal: new Abort() };
      const { refreshToken, accessToken } = grant.tokens;
      await bongloy.oauth.revoke(refreshToken ?? accessToken, caller);
      return true;
    } catch {
      return false;
    }
  }

  return {
    async createVerification(input, calls) {
      const verification = await bongloyOAuth().createVerification(input, callerOf(calls, 'BONGLOY'));
      return { ...verification, id: verificationId(verification) };
    },

    async authenticateCardholder(presented, { authToken, cardholderVerificationId }, calls) {
      const { id, validUntil } = readVerificationId(cardholderVerificationId);
      // Bongloy takes an empty one for a mistake of ours.
      if (authToken === '' || id === '') throw invalidGrant('BONGLOY');
      const tokens = await bongloyOAuth()
        .authenticate({ authToken, cardholderVerificationId: id }, callerOf(calls, 'BONGLOY'))
        .catch((error: unknown) => {
          const refused = error instanceof GatewayError && error.code === 'INVALID_GRANT';
          const tooLate = validUntil !== null && validUntil <= clock.now();
          throw refused && tooLate ? verificationExpired() : error;
        });
      return link(presented, 'BONGLOY', { kind: 'oauth', tokens });
    },

    async startCassoAuthorization(presented, input) {
      const oauth = cassoOAuth();
      // The whole URI must be the same, as RFC 9700 §2.1 wants it (no pattern, no prefix); what goes out is the
      // configured text, as Casso compares texts.
      const redirectUri = oauth.redirectUris.find((uri) => new URL(uri).href === input.redirectUri.href);
      if (redirectUri === undefined) {
        throw badUserInput(
          'input.redirectUri',
          'input.redirectUri is not one of the configured redirect URIs.',
        );
      }
      const sessionId = presented?.session.id ?? null;
      const { state, expiresAt } = await authorization.issue({ provider: 'CASSO', redirectUri, sessionId });
      const authorizationUrl = oauth.client.authorizationUrl({ redirectUri, scopes: input.scopes, state });
      return { authorizationUrl, state, expiresAt };
    },

    async completeCassoAuthorization(presented, { code, state }, calls) {
      const oauth = cassoOAuth();
      const sessionId = presented?.session.id ?? null;
      const { redirectUri } = await authorization.redeem(state, { provider: 'CASSO', sessionId });
      const tokens = await oauth.client.exchange({ code, redirectUri }, callerOf(calls, 'CASSO'));
      return link(presented, 'CASSO', { kind: 'oauth', tokens, redirectUri });
    },

    async linkCassoApiKey(presented, apiKey, calls) {
      if (!isHeaderText(apiKey)) throw invalidGrant('CASSO');
      // A trial grant of its own, so that nothing of a key that turns out to be wrong is shared.
      const credential = cassoApiKeyCredential(apiKey, randomUUID());
      const { client, knownAccounts } = cassoOn();
      const { bankAccounts } = await client
        .userInfo({ credential, ...callerOf(calls, 'CASSO') })
        .catch((error: unknown) => {
          const refused = error instanceof GatewayError && error.code === 'UNAUTHENTICATED';
          throw refused ? invalidGrant('CASSO') : error;
        });
      knownAccounts.add(bankAccounts);
      return link(presented, 'CASSO', { kind: 'apiKey', apiKey });
    },

    async refresh(session, calls) {
      const linked = PROVIDERS.filter((provider) => session.grants[provider]);
      await Promise.all(
        linked.map((provider) => grants.refreshNow(session, provider, callerOf(calls, provider))),
      );
      return sessions.refreshLifetime(session);
    },

    async logout(session, calls) {
      const ended = (await sessions.end(session)) ?? session;
      const linked = PROVIDERS.filter((provider) => ended.grants[provider]);
      const confirmed = await Promise.all(linked.map((provider) => revoke(ended, provider, calls)));
      return {
        revoked: linked.filter((_, index) => confirmed[index]),
        unconfirmed: linked.filter((_, index) => !confirmed[index]),
      };
    },
  };
}

const callerOf = ({ onAttempt, ...caller }: LoginCalls, provider: Provider): Caller => ({
  ...caller,
  onAttempt: () => onAttempt(provider),
});

const verificationExpired = (): GatewayError =>
  badUserInput('input.cardholderVerificationId', 'The verification has expired. Create another one.');
