import { LRUCache } from 'lru-cache';
import { rateLimited } from '../domain/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { MINUTE } from '../lib/duration.ts';
import { type Viewer, viewerKey } from './viewer.ts';

/** How many operations are answered. Counters are this process's own. */
export interface RequestLimits {
  /**
   * Counts one operation, or an attempt at one.
   * @param address the anonymous are counted by it.
   * @throws GatewayError RATE_LIMITED with the seconds to wait.
   */
  count(viewer: Viewer, address: string): void;
}

export interface RequestLimitsOptions {
  /** For each session and operator; 0 is off. */
  readonly perMinute: number;
  /** For each address, of those without a token and with a wrong one; 0 is off. */
  readonly anonymousPerMinute: number;
  readonly clock: Clock;
}

/** Askers that are remembered, some 200 bytes each; beyond it whoever was quiet longest is forgotten. */
const MAX_ASKERS = 100_000;

/**
 * Counts in minutes that begin with an asker's first operation. Around the end of one, up to twice the number may be
 * answered within a minute: this keeps a process from being worn out, and is no meter.
 */
export function createRequestLimits(options: RequestLimitsOptions): RequestLimits {
  const { perMinute, anonymousPerMinute, clock } = options;
  const minutes = new LRUCache<string, { readonly endsAt: number; count: number }>({ max: MAX_ASKERS });
  return {
    count(viewer, address) {
      const limit = viewer.kind === 'ANONYMOUS' ? anonymousPerMinute : perMinute;
      if (limit === 0) return;
      const key = viewerKey(viewer, address);
      const now = clock.now();
      let minute = minutes.get(key);
      if (!minute || minute.endsAt <= now) {
        minute = { endsAt: now + MINUTE, count: 0 };
        minutes.set(key, minute);
      }
      if (minute.count >= limit) throw rateLimited(minute.endsAt - now);
      minute.count += 1;
    },
  };
}
