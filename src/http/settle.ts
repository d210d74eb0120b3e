import type { Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { SECOND } from '../lib/duration.ts';

/** Turns of the loop in which nothing arrives before all has been read. */
const QUIET_TURNS = 10;
/** Each turn may wait for the disk. */
const SETTLE_WITHIN = 5 * SECOND;

/**
 * Watches what arrives: connections and requests.
 * @returns resolves when whatever had been sent before the call has been accepted and read, and after five seconds at the latest.
 */
export function watchArrivals(server: Server): () => Promise<void> {
  let arrivals = 0;
  const count = () => {
    arrivals += 1;
  };
  server.on('connection', count);
  server.on('request', count);

  return async () => {
    const until = performance.now() + SETTLE_WITHIN;
    let before = arrivals;
    for (let quiet = 0; quiet < QUIET_TURNS && performance.now() < until; quiet += 1) {
      await turn();
      if (arrivals !== before) quiet = 0;
      before = arrivals;
    }
  };
}
