import type { Clock } from '../lib/clock.ts';
import { DAY } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { Rounds } from '../lib/rounds.ts';
import { startLeasedRounds } from '../store/leased-rounds.ts';
import type { Leases } from '../store/leases.ts';
import type { EventLog } from './log.ts';

export interface RetentionOptions {
  readonly log: EventLog;
  readonly leases: Leases;
  readonly clock: Clock;
  /** How long an event is kept: `EVENT_RETENTION_DAYS`. */
  readonly days: number;
  /** Milliseconds between two looks. */
  readonly every: number;
  readonly logger: Logger;
}

/** Forgets old events, now and then, in one process at a time. A look that fails is logged; the next one does its work too. */
export const startRetention = ({ log, leases, clock, days, every, logger }: RetentionOptions): Rounds =>
  startLeasedRounds({
    leases,
    name: 'retention',
    every,
    begin: () => async () => {
      try {
        await log.trim(clock.now() - days * DAY);
      } catch (err) {
        logger.warn({ err }, 'old events could not be forgotten; the next round tries again');
      }
    },
  });
