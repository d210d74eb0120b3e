import type { Clock } from '../lib/clock.ts';
import { DAY } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { EventLog } from './log.ts';
import { type Rounds, startRounds } from './rounds.ts';

export interface RetentionOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  /** How long an event is kept: `EVENT_RETENTION_DAYS`. */
  readonly days: number;
  /** Milliseconds between two looks. */
  readonly every: number;
  readonly logger: Logger;
}

/** Forgets old events, now and then. A look that fails is logged; the next one does its work too. */
export function startRetention({ log, clock, days, every, logger }: RetentionOptions): Rounds {
  return startRounds(async () => {
    try {
      await log.trim(clock.now() - days * DAY);
    } catch (err) {
      logger.warn({ err }, 'old events could not be forgotten; the next round tries again');
    }
  }, every);
}
