import type { Logger } from '../lib/logger.ts';
import type { Rounds } from '../lib/rounds.ts';
import { startLeasedRounds } from '../store/leased-rounds.ts';
import type { Leases } from '../store/leases.ts';
import type { Sessions } from './sessions.ts';

export interface SweepOptions {
  readonly sessions: Pick<Sessions, 'sweep'>;
  readonly leases: Leases;
  /** Milliseconds between two looks. */
  readonly every: number;
  readonly logger: Logger;
}

/** Ends expired sessions, in one process at a time. A look that fails is logged; the next one does its work too. */
export const startSweep = ({ sessions, leases, every, logger }: SweepOptions): Rounds =>
  startLeasedRounds({
    leases,
    name: 'session-sweep',
    every,
    begin: () => async () => {
      try {
        await sessions.sweep();
      } catch (err) {
        logger.warn({ err }, 'expired sessions were not swept; the next round tries again');
      }
    },
  });
