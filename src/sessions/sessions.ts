import { randomUUID } from 'node:crypto';
import { unauthenticated } from '../domain/errors.ts';
import type { Provider } from '../domain/provider.ts';
import { HOUR, SECOND } from '../lib/duration.ts';
import type { Grant, NewGrant } from './grant.ts';
import type { Grants, Session } from './session.ts';
import { createSessionEnds } from './session-ends.ts';
import { createSessionRows, type SessionRowsOptions } from './session-rows.ts';
import { isSessionToken, newSessionToken, sessionIdOf } from './token.ts';

export interface Sessions {
  /** A first login. The token is in the answer and nowhere else. */
  start(provider: Provider, grant: NewGrant): Promise<{ readonly token: string; readonly session: Session }>;
  /** Null for a token that is malformed, unknown or expired. Counts as use, so the idle end moves away. */
  find(token: string): Promise<Session | null>;
  /** What `get` would give without waiting; null: it must find out. */
  known(id: string): Session | null;
  /** As `find`, by id: the session as it stands now, for whoever holds it longer than one request. */
  get(id: string): Promise<Session | null>;
  /** Links the provider, in the place of an earlier grant. @throws GatewayError UNAUTHENTICATED when it has ended. */
  link(session: Session, provider: Provider, grant: NewGrant): Promise<Session>;
  /** @throws GatewayError UNAUTHENTICATED when the session has ended. */
  unlink(session: Session, provider: Provider): Promise<Session>;
  /**
   * Reads the session from the store and, if the provider is linked, writes what `change` makes of its grant: null
   * unlinks, the same object leaves it alone. When somebody else wrote first, it is read and `change` is asked
   * again, so `change` decides on what really stands and must have no effects.
   * @returns the session as it stands afterwards, or null when it has ended.
   */
  changeGrant(
    id: string,
    provider: Provider,
    change: (grant: Grant) => Grant | null,
  ): Promise<Session | null>;
  /** Moves the idle end as far away as it goes. @throws GatewayError UNAUTHENTICATED when the session has ended. */
  refreshLifetime(session: Session): Promise<Session>;
  /** Logout. @returns the session as it last stood, for revoking its grants; null when it had ended already. */
  end(session: Session): Promise<Session | null>;
  /**
   * Calls `listener` once when the session has ended by logout or expiry, also if that was before this call; while
   * the store is away, as soon as it is back. The listener must not throw.
   * @returns takes the listener away.
   */
  onEnd(id: string, listener: () => void): () => void;
  /** Deletes what expired, telling `onEnd` listeners. To be called every minute or so. @returns how many ended. */
  sweep(): Promise<number>;
  /** Stops listening to the store. */
  close(): void;
}

export interface SessionsOptions extends SessionRowsOptions {
  /** A session that is not used for this long ends, milliseconds; use is noted once an hour. */
  readonly idleMs: number;
}

/** How long a store that could not be written is left alone with what can wait. */
const NOTE_AGAIN_MS = 5 * SECOND;

export function createSessions(options: SessionsOptions): Sessions {
  const { store, clock, logger, idleMs, maxMs } = options;
  const rows = createSessionRows(options);
  const ends = createSessionEnds(store);
  let noteAgainAt = 0;

  const latestExpiry = (createdAt: number): number => Math.min(clock.now() + idleMs, createdAt + maxMs);

  /** Every write moves the idle end, as it follows from some use. */
  const changeGrants = (id: string, next: (grants: Grants) => Grants | null): Promise<Session | null> =>
    rows.change(id, ({ createdAt, grants }) => {
      const changed = next(grants);
      return changed && { grants: changed, expiresAt: latestExpiry(createdAt) };
    });

  const isDue = (session: Session): boolean => latestExpiry(session.createdAt) - session.expiresAt >= HOUR;

  function known(id: string): Session | null {
    const session = rows.known(id);
    return session && !isDue(session) ? session : null;
  }

  async function get(id: string): Promise<Session | null> {
    const session = await rows.get(id);
    if (!session || !isDue(session)) return session;
    if (clock.now() < noteAgainAt) return session;
    try {
      // Of many requests in the same moment one writes; the others find on reading that it is done.
      return await rows.change(id, (latest) =>
        isDue(latest) ? { grants: latest.grants, expiresAt: latestExpiry(latest.createdAt) } : null,
      );
    } catch (error) {
      logger.warn({ err: error }, 'the use of a session could not be noted: the next use will be');
      noteAgainAt = clock.now() + NOTE_AGAIN_MS;
      return session;
    }
  }

  function named(grant: NewGrant): Grant {
    const name = { id: randomUUID(), linkedAt: clock.now() };
    return grant.kind === 'oauth' ? { ...grant, ...name, refreshing: null } : { ...grant, ...name };
  }

  return {
    async start(provider, grant) {
      const token = newSessionToken();
      const createdAt = clock.now();
      const session: Session = {
        id: sessionIdOf(token),
        createdAt,
        expiresAt: latestExpiry(createdAt),
        grants: { [provider]: named(grant) },
      };
      await rows.create(session);
      return { token, session };
    },

    async find(token) {
      if (!isSessionToken(token)) return null;
      const id = sessionIdOf(token);
      return known(id) ?? get(id);
    },

    known,

    get,

    async link({ id }, provider, grant) {
      const linked = named(grant);
      return alive(await changeGrants(id, (grants) => ({ ...grants, [provider]: linked })));
    },

    unlink: async ({ id }, provider) =>
      alive(await changeGrants(id, (grants) => (grants[provider] ? without(grants, provider) : null))),

    changeGrant: (id, provider, change) =>
      changeGrants(id, (grants) => {
        const grant = grants[provider];
        const changed = grant && change(grant);
        if (changed === grant) return null;
        return changed ? { ...grants, [provider]: changed } : without(grants, provider);
      }),

    refreshLifetime: async ({ id }) => alive(await changeGrants(id, (grants) => grants)),

    async end({ id }) {
      const last = await rows.read(id);
      return (await store.delete(id)) ? last : null;
    },

    onEnd: (id, listener) => ends.listen(id, listener),

    sweep: () => store.deleteExpired(clock.now()),

    close() {
      rows.close();
      ends.close();
    },
  };
}

function alive(session: Session | null): Session {
  if (!session) throw unauthenticated();
  return session;
}

function without(grants: Grants, provider: Provider): Grants {
  return Object.fromEntries(Object.entries(grants).filter(([linked]) => linked !== provider));
}
