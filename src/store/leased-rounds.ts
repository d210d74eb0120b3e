import { once } from 'node:events';
import { type Rounds, startRounds } from '../lib/rounds.ts';
import type { Leases } from './leases.ts';

export interface LeasedRoundsOptions {
  readonly leases: Leases;
  /** Of the lease. */
  readonly name: string;
  /** Milliseconds from the end of one round to the next. */
  readonly every: number;
  /** Called when this process begins to hold the lease. @returns the round, which must not reject. */
  readonly begin: () => (signal: AbortSignal) => Promise<void>;
}

/** Rounds for as long as this process holds the lease: a first one at once, then one after each pause. */
export function startLeasedRounds({ leases, name, every, begin }: LeasedRoundsOptions): Rounds {
  const stopping = new AbortController();
  const over = leases.withLease(name, stopping.signal, async (signal) => {
    const rounds = startRounds(begin(), every);
    if (!signal.aborted) await once(signal, 'abort');
    await rounds.stop();
  });
  return {
    async stop() {
      stopping.abort();
      await over;
    },
  };
}
