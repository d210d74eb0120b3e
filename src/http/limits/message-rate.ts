import type { Clock } from '../../lib/clock.ts';
import { SECOND } from '../../lib/duration.ts';

/** Messages and pings of one socket within ten seconds; each costs work, whether or not it is an operation. */
export const MAX_MESSAGES = 1_000;
/** Of all of them together: what is parsed costs time by its size. */
export const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const WITHIN = 10 * SECOND;

/** @returns whether one more message of a socket is allowed, of so many bytes; each call counts one. */
export function createMessageRate(clock: Clock): (bytes: number) => boolean {
  let endsAt = 0;
  let count = 0;
  let sum = 0;
  return (bytes) => {
    const now = clock.now();
    if (now >= endsAt) {
      endsAt = now + WITHIN;
      count = 0;
      sum = 0;
    }
    count += 1;
    sum += bytes;
    return count <= MAX_MESSAGES && sum <= MAX_MESSAGE_BYTES;
  };
}
