import { HOUR, MINUTE, SECOND } from '../../lib/duration.ts';
import type { Rank } from '../provider.ts';
import { inOrder, isForPeople, leftToPeople, ORDER, type Precedence, precedenceOf } from './rank.ts';

/**
 * What is known of the requests that Casso counts together. Kept as JSON, and shared by all processes. Times are milliseconds
 * since the epoch. Pure functions: what changes it returns another one.
 */
export interface Spent {
  /** When requests left, and how many did at that time; oldest first. */
  readonly left: readonly (readonly [at: number, count: number])[];
  /** Casso has refused a request as one too many: none may leave before this. */
  readonly pausedUntil: number;
  /** Until when the next ones leave a request to one of this precedence, which was refused or waits. */
  readonly owed: Readonly<Partial<Record<Precedence, number>>>;
  /** When reconciliation had its last request, or asked for its first one; null when it never did. */
  readonly reconciledAt: number | null;
}

export const NOTHING_SPENT: Spent = { left: [], pausedUntil: 0, owed: {}, reconciledAt: null };

/**
 * A request counts for this much longer than the minute: it reaches Casso later than it was counted, the next one may be
 * quicker, and two machines' clocks differ a little.
 */
export const MARGIN = SECOND;
const COUNTS_FOR = MINUTE + MARGIN;
/** The longest pause that is believed. */
export const LONGEST_PAUSE = HOUR;
/** Reconciliation without a request for so long is overdue. */
export const OVERDUE_AFTER = 15 * MINUTE;
/** How much later than they were told people come back. */
const LATE = 5 * SECOND;
/** With so few requests a minute, a login and a first look at the bank take them all. */
const FEW = 3;
/** Above this many requests a minute they are counted in steps of `STEP`, so that what is kept stays small. */
const COUNTED_EXACTLY = 600;
const STEP = SECOND / 10;

/** The same without what is over. A time that lies ahead is another clock's, or this one was put back: it is now at the latest. */
export function settle(spent: Spent, now: number): Spent {
  const left = spent.left
    .map(([at, count]) => [Math.min(at, now + STEP), count] as const)
    .filter(([at]) => at + COUNTS_FOR > now);
  const owed = Object.entries(spent.owed).filter(([, until]) => until > now && until < now + LONGEST_PAUSE);
  return {
    left,
    pausedUntil: Math.min(spent.pausedUntil, now + LONGEST_PAUSE),
    owed: Object.fromEntries(owed),
    reconciledAt: spent.reconciledAt && Math.min(spent.reconciledAt, now),
  };
}

export const precedence = (spent: Spent, rank: Rank, now: number): Precedence =>
  precedenceOf(rank, spent.reconciledAt !== null && now - spent.reconciledAt >= OVERDUE_AFTER);

/**
 * When a request of that precedence may leave: now, or at the moment that enough of what stands in its way is over.
 * @param ahead how many go before it.
 */
export function turnOf(spent: Spent, of: Precedence, now: number, perMinute: number, ahead = 0): number {
  const earliest = Math.max(now, spent.pausedUntil);
  const isEnough = (moment: number): boolean => {
    const counted = spent.left.reduce(
      (sum, [at, count]) => (at + COUNTS_FOR > moment ? sum + count : sum),
      0,
    );
    return perMinute - counted > leftTo(spent, of, moment, perMinute) + ahead;
  };
  const moments = [...spent.left.map(([at]) => at + COUNTS_FOR), ...Object.values(spent.owed)]
    .filter((moment) => moment > earliest)
    .sort((a, b) => a - b);
  return [earliest, ...moments].find(isEnough) ?? earliest + COUNTS_FOR;
}

/** How many requests one of that precedence leaves at a moment: to people, to those who are owed one, and to refreshes. */
function leftTo({ owed, reconciledAt }: Spent, of: Precedence, moment: number, perMinute: number): number {
  // Its very first request comes one round later: who starts a gateway logs in and looks.
  if (of === 'RECONCILIATION' && reconciledAt === null && perMinute <= FEW) return perMinute;

  const before = ORDER.filter((other) => inOrder(other, of) < 0 && (owed[other] ?? 0) > moment);
  const people = before.filter(isForPeople).length;
  return Math.max(people, leftToPeople(of, perMinute)) + before.length - people;
}

/** One more has left. What its precedence was owed is paid. */
export function withRequest(spent: Spent, of: Precedence, now: number, perMinute: number): Spent {
  const at = perMinute > COUNTED_EXACTLY ? Math.ceil(now / STEP) * STEP : now;
  const before = spent.left.filter(([time]) => time !== at);
  const count = spent.left.find(([time]) => time === at)?.[1] ?? 0;
  const reconciles = of === 'OVERDUE' || of === 'RECONCILIATION';
  return {
    ...spent,
    left: [...before, [at, count + 1] as const].sort(([a], [b]) => a - b),
    owed: withoutOwed(spent, of).owed,
    reconciledAt: reconciles ? now : spent.reconciledAt,
  };
}

/** One of that precedence did not get its turn now: it is expected at that moment. @returns the same when that is known. */
export function withOwed(spent: Spent, of: Precedence, turn: number, now: number): Spent {
  // It never waits, and has no turn until it is overdue; from when on that is counts from its first request.
  if (of === 'RECONCILIATION') return spent.reconciledAt === null ? { ...spent, reconciledAt: now } : spent;
  const until = turn + LATE;
  return (spent.owed[of] ?? 0) >= until - SECOND ? spent : { ...spent, owed: { ...spent.owed, [of]: until } };
}

export function withoutOwed(spent: Spent, of: Precedence): Spent {
  const { [of]: _paid, ...owed } = spent.owed;
  return { ...spent, owed };
}

/** Casso refused a request as one too many, and wants to be left alone for so long, milliseconds. */
export const withPause = (spent: Spent, pause: number, now: number): Spent => ({
  ...spent,
  pausedUntil: Math.max(spent.pausedUntil, now + Math.min(pause, LONGEST_PAUSE)),
});
