import type { Clock } from '../../../lib/clock.ts';
import { MINUTE } from '../../../lib/duration.ts';

/** So many requests in any minute for each business; a refused request does not count (§3: no figure is published). */
export class RateLimit {
  /** Null is off; nothing is counted meanwhile. */
  requestsPerMinute: number | null;
  readonly #clock: Clock;
  /** Of the last minute, by business. */
  readonly #times = new Map<string, readonly number[]>();

  constructor(clock: Clock, requestsPerMinute: number | null) {
    this.#clock = clock;
    this.requestsPerMinute = requestsPerMinute;
  }

  /** Counts the request if there is room for it. */
  allows(business: string): boolean {
    if (this.requestsPerMinute === null) return true;
    const now = this.#clock.now();
    const recent = (this.#times.get(business) ?? []).filter((time) => time > now - MINUTE);
    const allowed = recent.length < this.requestsPerMinute;
    this.#times.set(business, allowed ? [...recent, now] : recent);
    return allowed;
  }
}
