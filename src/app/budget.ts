import type { Clock } from '../lib/clock.ts';
import { MINUTE } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { BudgetObserver } from '../providers/casso/index.ts';

/** A store that is away is met by every request: one line a minute. */
const WARN_EVERY = MINUTE;

/** Counts what comes of the requests to Casso, and warns where an operator can do something about it. */
export function reportBudget(counts: BudgetCounts, logger: Logger, clock: Clock): BudgetObserver {
  let warnedAt = -Infinity;
  return {
    onTurn: counts.turn,
    onTooMany() {
      counts.tooMany();
      logger.warn(
        { provider: 'CASSO' },
        'Casso refused a request as one too many: CASSO_REQUESTS_PER_MINUTE is more than it allows, or another program uses the same key',
      );
    },
    onUncounted(err) {
      counts.uncounted();
      if (clock.now() - warnedAt < WARN_EVERY) return;
      warnedAt = clock.now();
      logger.warn({ err, provider: 'CASSO' }, 'requests to Casso cannot be counted, and so none leaves');
    },
  };
}

/** As `Metrics` has them. */
export interface BudgetCounts {
  readonly turn: BudgetObserver['onTurn'];
  readonly tooMany: () => void;
  readonly uncounted: () => void;
}
