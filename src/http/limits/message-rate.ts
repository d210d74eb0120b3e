import type { Clock } from '../../lib/clock.ts';
import { SECOND } from '../../lib/duration.ts';

/** Messages and pings of one socket within ten seconds; each costs work, whether or not it is an operation. */
export const MAX_MESSAGES = 1_000;
const WITHIN = 10 * SECOND;

/** @returns whether one more message of a socket is allowed; each call counts one. */
export function createMessageRate(clock: Clock): () => boolean {
  let endsAt = 0;
  let count = 0;
  return () => {
    const now = clock.now();
    if (now >= endsAt) {
      endsAt = now + WITHIN;
      count = 0;
    }
    count += 1;
    return count <= MAX_MESSAGES;
  };
}
