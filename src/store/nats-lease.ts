import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND } from '../lib/duration.ts';
import type { Leases } from './leases.ts';
import type { Bucket } from './nats-bucket.ts';

export interface LeasesOptions {
  readonly bucket: Bucket;
  /** How long a holder that died keeps others waiting, milliseconds. */
  readonly hold?: number;
}

const HOLD = 15 * SECOND;
/** What a lease holds that was let go. */
const FREE = '';

/**
 * No clock is compared with another's: a holder writes anew before `hold` has passed on its own clock since its last
 * write began, or else gives up; and whoever waits takes over once it saw the same revision for that long.
 */
export function createLeases({ bucket, hold = HOLD }: LeasesOptions): Leases {
  const me = randomUUID();

  /** @returns the revision of our entry; null when the signal aborted first. */
  async function acquire(name: string, signal: AbortSignal): Promise<Held | null> {
    let seen = { revision: 0, since: 0 };
    while (!signal.aborted) {
      const entry = await bucket.get(name).catch(() => undefined);
      const now = performance.now();
      if (entry && entry.revision !== seen.revision) seen = { revision: entry.revision, since: now };
      const isFree = entry === null || entry?.value === FREE || (entry && now - seen.since >= hold);
      if (isFree) {
        const revision = await bucket.write(name, me, entry?.revision ?? 0).catch(() => null);
        if (revision !== null) return { revision, until: now + hold };
      }
      await sleep(hold / 5, undefined, { signal }).catch(() => {});
    }
    return null;
  }

  /** Renews until the signal aborts. @returns the last revision; null when the lease was lost. */
  async function keep(
    name: string,
    held: Held,
    signal: AbortSignal,
    lose: () => void,
  ): Promise<number | null> {
    let { revision } = held;
    let expiry = setTimeout(lose, held.until - performance.now());
    try {
      while (!signal.aborted) {
        await sleep(hold / 3, undefined, { signal }).catch(() => {});
        if (signal.aborted) break;
        const began = performance.now();
        const renewed = await bucket.write(name, me, revision).catch(() => undefined);
        if (renewed === null) {
          lose();
          return null;
        }
        if (renewed === undefined) continue;
        revision = renewed;
        clearTimeout(expiry);
        expiry = setTimeout(lose, began + hold - performance.now());
      }
      return revision;
    } finally {
      clearTimeout(expiry);
    }
  }

  return {
    async withLease(name, signal, work) {
      for (;;) {
        const held = await acquire(name, signal);
        if (!held) return;
        const lost = new AbortController();
        const over = new AbortController();
        const stop = (): void => {
          lost.abort();
        };
        signal.addEventListener('abort', stop, { once: true });
        // It may have aborted while the lease was taken.
        if (signal.aborted) stop();
        const keeping = keep(name, held, over.signal, stop);
        try {
          await work(lost.signal);
        } finally {
          signal.removeEventListener('abort', stop);
          over.abort();
          const revision = await keeping;
          if (revision !== null) await bucket.write(name, FREE, revision).catch(() => {});
        }
        if (signal.aborted || !lost.signal.aborted) return;
      }
    },
  };
}

interface Held {
  readonly revision: number;
  /** When others may take it, on our clock (`performance.now`). */
  readonly until: number;
}
