import { LRUCache } from 'lru-cache';
import type { Clock } from '../lib/clock.ts';
import { MINUTE, SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import { SealError, type Sealer } from './sealing.ts';
import { type Grants, type Session, sessionBinding } from './session.ts';
import type { SessionRow, SessionStore } from './store.ts';

/** Sessions as values over rows of sealed text: opened, remembered, and changed by compare-and-set. */
export interface SessionRows {
  create(session: Session): Promise<void>;
  /** From memory, when it is known to stand; null: `get` must find out. */
  known(id: string): Session | null;
  /**
   * From memory when it is known to stand, else from the store. Null when unknown, expired or not to be opened.
   * While the store cannot be read, what was read within the last 15 minutes is believed.
   */
  get(id: string): Promise<Session | null>;
  /** From the store. Null as above. */
  read(id: string): Promise<Session | null>;
  /**
   * Reads the session from the store and writes it with what `next` makes of it; null leaves it alone. When somebody
   * else wrote first, the session is read and `next` asked again.
   * @returns the session as it stands afterwards, or null as above.
   */
  change(id: string, next: (session: Session) => SessionUpdate | null): Promise<Session | null>;
  /** Stops listening to the store. */
  close(): void;
}

export interface SessionUpdate {
  readonly expiresAt: number;
  readonly grants: Grants;
}

export interface SessionRowsOptions {
  readonly store: SessionStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A session ends after this long however much it is used, milliseconds. */
  readonly maxMs: number;
  /** Opened sessions kept in memory, about 1 KB each; a request of one costs no read and no decryption. */
  readonly cacheSize: number;
}

/** How long a session in memory is believed when its store could not tell of a change (see `SessionStore.watch`). */
const CACHE_MS = MINUTE;
/** The same while the store cannot be read: queries go on, and a logout elsewhere is not heard of for so long at most. */
const OUTAGE_MS = 15 * MINUTE;
/** How long a store that could not be read is not asked again for the same session. */
const RETRY_MS = 5 * SECOND;

interface Kept {
  readonly session: Session;
  /** Believed without asking until then, milliseconds since the epoch. */
  believedUntil: number;
}

export function createSessionRows(options: SessionRowsOptions): SessionRows {
  const { store, sealer, clock, logger, maxMs, cacheSize } = options;
  const cache = new LRUCache<string, Kept>({
    max: cacheSize,
    ttl: OUTAGE_MS,
    ttlResolution: 0,
    perf: clock,
  });
  let changesTold = 0;
  const stopWatching = store.watch((change) => {
    changesTold += 1;
    if (change.kind === 'unknown') cache.clear();
    else cache.delete(change.id);
  });

  const seal = async (session: Session) => ({
    id: session.id,
    createdAt: session.createdAt,
    expiresAt: session.expiresAt,
    sealed: await sealer.seal(sessionBinding(session.id), session.grants),
  });

  const hasEnded = (session: Session): boolean => session.expiresAt <= clock.now();

  async function open(row: SessionRow): Promise<Session | null> {
    try {
      return {
        id: row.id,
        createdAt: row.createdAt,
        // The setting may have been shortened since the row was written.
        expiresAt: Math.min(row.expiresAt, row.createdAt + maxMs),
        grants: (await sealer.open(sessionBinding(row.id), row.sealed)) as Grants,
      };
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      // Its key was taken out, or the row was tampered with: for its viewer there is no way but a new login.
      logger.error(
        { err: error },
        'a session cannot be opened: has a key been taken out of STORE_KEYS too early?',
      );
      return null;
    }
  }

  async function readVersioned(id: string): Promise<{ session: Session; version: number } | null> {
    const before = changesTold;
    const row = await store.get(id);
    const session = row && (await open(row));
    if (!session || hasEnded(session)) {
      cache.delete(id);
      return null;
    }
    // A change that was told while we read may be this one's: then the next request reads again.
    if (changesTold === before) cache.set(id, { session, believedUntil: clock.now() + CACHE_MS });
    return { session, version: row.version };
  }

  function known(id: string): Session | null {
    const kept = cache.get(id);
    return kept && clock.now() < kept.believedUntil && !hasEnded(kept.session) ? kept.session : null;
  }

  return {
    async create(session) {
      await store.create(await seal(session));
    },

    known,

    async get(id) {
      const session = known(id);
      if (session) return session;
      const kept = cache.get(id);
      try {
        return (await readVersioned(id))?.session ?? null;
      } catch (error) {
        // Told of a change meanwhile, it is no longer there.
        if (!kept || cache.get(id) !== kept) throw error;
        logger.warn({ err: error }, 'the session store cannot be read: a session is taken for what it was');
        kept.believedUntil = clock.now() + RETRY_MS;
        return hasEnded(kept.session) ? null : kept.session;
      }
    },

    async read(id) {
      return (await readVersioned(id))?.session ?? null;
    },

    async change(id, next) {
      // Each conflict is somebody else's success, so this ends without a limit on its rounds.
      for (;;) {
        const found = await readVersioned(id);
        if (!found) return null;
        const update = next(found.session);
        if (!update) return found.session;
        const changed = { ...found.session, ...update };
        if (await store.replace(await seal(changed), found.version)) return changed;
      }
    },

    close: stopWatching,
  };
}
