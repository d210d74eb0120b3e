import { DAY } from '../../../../lib/duration.ts';
import type { Business, Movement, Spelling } from '../business.ts';
import type { SandboxState } from '../state.ts';
import { vietnamDate, vietnamTime, withTime } from '../time.ts';
import { createRandom, type Random } from './random.ts';
import { COUNTERPARTIES, CREDIT_TEXTS, DEBIT_TEXTS } from './texts.ts';

export interface HistoryPlan {
  readonly days: number;
  /** How many rows on each of the last seven days, and on each day before. */
  readonly recent: number;
  readonly earlier: number;
}

/** Older rows, in days: without the younger fields; with a date alone for a time. */
const OLD_AFTER = 60;
const DATES_AFTER = 80;
/** Every so many rows: a sum beyond 32 bits; a virtual account; the other spelling of the balance; midnight. */
const HUGE_EVERY = 97;
const VIRTUAL_EVERY = 11;
const SNAKE_EVERY = 3;
const MIDNIGHT_EVERY = 7;

interface Planned {
  readonly movement: Movement;
  readonly old: boolean;
}

/**
 * Gives the business a past up to `now` (milliseconds since the epoch), spread over its accounts: the same one for
 * the same `now`. No row is later than `now`.
 */
export function giveHistory(state: SandboxState, business: Business, plan: HistoryPlan, now: number): void {
  const random = createRandom(business.profile.id);
  const accountIds = [...business.accounts.keys()];
  for (const [index, { movement, old }] of planned(plan, now, random).entries()) {
    const accountId = random.pick(accountIds);
    const spelling: Spelling = { snake: index % SNAKE_EVERY === 0, old };
    state.record(business, accountId, movement, spelling);
  }
}

/** Oldest first, so that ids and balances follow time. */
function planned({ days, recent, earlier }: HistoryPlan, now: number, random: Random): Planned[] {
  const rows: Planned[] = [];
  for (let daysAgo = days - 1; daysAgo >= 0; daysAgo -= 1) {
    const count = daysAgo < 7 ? recent : earlier;
    for (let index = 0; index < count; index += 1) {
      const when = timeOn(daysAgo, now, rows.length, random);
      rows.push({ movement: movementAt(when, rows.length + 1, random), old: daysAgo > OLD_AFTER });
    }
  }
  return rows.sort((a, b) => (withTime(a.movement.when) < withTime(b.movement.when) ? -1 : 1));
}

/** Days are of 24 hours up to `now`: those of Vietnam's calendar would crowd a day's rows into the hour after midnight. */
function timeOn(daysAgo: number, now: number, index: number, random: Random): string {
  const time = now - daysAgo * DAY - random.below(DAY);
  if (daysAgo > DATES_AFTER) return vietnamDate(time);
  if (index % MIDNIGHT_EVERY === 0) return `${vietnamDate(time)}T00:00:00`;
  return vietnamTime(time);
}

function movementAt(when: string, number: number, random: Random): Movement {
  const debit = random.below(4) === 0;
  const thousands = number % HUGE_EVERY === 0 ? 5_200_000 : 20 + random.below(3_000);
  const amount = debit && number % HUGE_EVERY !== 0 ? -thousands * 1_000 : thousands * 1_000;
  const [name, account, bankId, bankName] = random.pick(COUNTERPARTIES);
  const virtual = amount > 0 && number % VIRTUAL_EVERY === 0;
  const text = random.pick(amount > 0 ? CREDIT_TEXTS : DEBIT_TEXTS);
  return {
    tid:
      number % 5 === 0
        ? `5017 - ${40_000 + number}`
        : `FT${when.slice(2, 4)}${String(number).padStart(10, '0')}`,
    description: text.replace('#', String(1_000 + number)),
    amount,
    when,
    bookingDate: number % 4 === 0 ? withTime(when.slice(0, 10)) : null,
    virtualAccount: virtual ? `VQR${100_000 + number}` : '',
    virtualAccountName: virtual ? 'SONG ME KONG QUAY 1' : '',
    corresponsiveName: name,
    corresponsiveAccount: account,
    corresponsiveBankId: bankId,
    corresponsiveBankName: bankName,
  };
}
