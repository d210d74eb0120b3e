import { randomUUID } from 'node:crypto';
import { GatewayError } from '../domain/errors.ts';
import type { Provider } from '../domain/provider.ts';
import type { Clock } from '../lib/clock.ts';
import { MINUTE } from '../lib/duration.ts';
import { SealError, type Sealer } from './sealing.ts';
import type { SessionStore } from './store.ts';

/**
 * The `state` of an OAuth authorization (RFC 6749 §10.12, RFC 9700 §4.7): sealed, good for ten minutes and one use,
 * bound to the provider, to the redirect URI, and to the session that began it. Where there is no session yet, it
 * cannot tell one browser from another: the frontend then compares it with the one that it was given.
 */
export interface Authorization {
  issue(request: {
    readonly provider: Provider;
    /** Already checked against the configured list. */
    readonly redirectUri: string;
    /** Null when nobody is logged in yet. */
    readonly sessionId: string | null;
  }): Promise<{
    readonly state: string;
    /** Milliseconds since the epoch. */
    readonly expiresAt: number;
  }>;

  /**
   * Uses the state up. One that is presented by another session, or for another provider, is not used up.
   * @returns the redirect URI of the request, as the token endpoint wants it again.
   * @throws GatewayError INVALID_STATE, which does not tell what is wrong.
   */
  redeem(
    state: string,
    by: { readonly provider: Provider; readonly sessionId: string | null },
  ): Promise<{ readonly redirectUri: string }>;
}

interface State {
  readonly id: string;
  readonly redirectUri: string;
  readonly sessionId: string | null;
  readonly expiresAt: number;
}

const STATE_MS = 10 * MINUTE;

export function createAuthorization({
  store,
  sealer,
  clock,
}: {
  readonly store: Pick<SessionStore, 'useOnce'>;
  readonly sealer: Sealer;
  readonly clock: Clock;
}): Authorization {
  return {
    async issue({ provider, redirectUri, sessionId }) {
      const expiresAt = clock.now() + STATE_MS;
      const state: State = { id: randomUUID(), redirectUri, sessionId, expiresAt };
      return { state: await sealer.seal(binding(provider), state), expiresAt };
    },

    async redeem(sealed, { provider, sessionId }) {
      const state = await open(sealer, provider, sealed);
      if (state.expiresAt <= clock.now() || state.sessionId !== sessionId) throw invalidState();
      if (!(await store.useOnce(`state:${state.id}`, state.expiresAt))) throw invalidState();
      return { redirectUri: state.redirectUri };
    },
  };
}

async function open(sealer: Sealer, provider: Provider, sealed: string): Promise<State> {
  try {
    return (await sealer.open(binding(provider), sealed)) as State;
  } catch (error) {
    throw error instanceof SealError ? invalidState() : error;
  }
}

const binding = (provider: Provider): string => `state:${provider}`;

const invalidState = (): GatewayError =>
  new GatewayError('INVALID_STATE', 'This authorization can no longer be completed. Start it again.');
