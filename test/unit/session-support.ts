import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DAY } from '../../src/lib/duration.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { NewGrant } from '../../src/sessions/grant.ts';
import { createSealer, type Sealer } from '../../src/sessions/sealing.ts';
import { createSessions, type Sessions } from '../../src/sessions/sessions.ts';
import { createSqliteSessionStore } from '../../src/sessions/sqlite.ts';
import type { SessionStore } from '../../src/sessions/store.ts';
import { openDatabase } from '../../src/store/database.ts';

export const START = Date.UTC(2026, 0, 1);

export interface TestClock {
  readonly now: () => number;
  readonly advance: (ms: number) => void;
}

export function testClock(): TestClock {
  let time = START;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
  };
}

export const silent = createLogger('silent');

export const randomKey = (): Uint8Array => new Uint8Array(randomBytes(32));

/** A gateway process, as far as sessions are concerned. */
export interface TestProcess {
  readonly store: SessionStore;
  readonly sessions: Sessions;
}

export interface World {
  readonly clock: TestClock;
  readonly sealer: Sealer;
  readonly folder: string;
  /** @param wrap stands between this process and its store. */
  readonly startProcess: (wrap?: (store: SessionStore) => SessionStore) => TestProcess;
}

/** One data file, one clock, one set of keys, and any number of processes; put away when the test is over. */
export function createWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-'));
  const clock = testClock();
  const sealer = createSealer([randomKey()]);
  const closers: (() => void)[] = [];
  onTestFinished(() => {
    for (const close of closers) close();
    rmSync(folder, { recursive: true });
  });
  return {
    clock,
    sealer,
    folder,
    startProcess(wrap = (store) => store) {
      const database = openDatabase(join(folder, 'mekong.db'));
      const store = wrap(createSqliteSessionStore(database));
      const sessions = createSessions({
        store,
        sealer,
        clock,
        logger: silent,
        idleMs: 30 * DAY,
        maxMs: 90 * DAY,
        cacheSize: 100,
      });
      closers.push(() => {
        sessions.close();
        database.close();
      });
      return { store, sessions };
    },
  };
}

export const apiKeyGrant = (apiKey = 'AK_CS.key'): NewGrant => ({ kind: 'apiKey', apiKey });

/** @param expiresAt of the access token. */
export const oauthGrant = (
  accessToken: string,
  refreshToken: string | null,
  expiresAt: number | null = START + DAY,
): Extract<NewGrant, { readonly kind: 'oauth' }> => ({
  kind: 'oauth',
  tokens: { accessToken, refreshToken, expiresAt },
});

/** For `startProcess`: lets processes hear of each other's changes, as a store that serves several lets them. */
export function hearingEachOther(): (store: SessionStore) => SessionStore {
  const listeners = new Set<Parameters<SessionStore['watch']>[0]>();
  return (store) => {
    store.watch((change) => {
      for (const listener of listeners) listener(change);
    });
    return {
      ...store,
      watch(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
  };
}

/** For `startProcess`: counts what the store is asked. */
export function counted() {
  const counts = { get: 0, replace: 0 };
  const wrap = (store: SessionStore): SessionStore => ({
    ...store,
    get(id) {
      counts.get += 1;
      return store.get(id);
    },
    replace(row, version) {
      counts.replace += 1;
      return store.replace(row, version);
    },
  });
  return { counts, wrap };
}
