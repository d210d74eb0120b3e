import { HOUR } from '../../../../lib/duration.ts';
import type { WireTransaction } from '../../wire.ts';
import { transaction } from '../resources.ts';
import { timestamp } from '../time.ts';
import { convert, MERCHANTS } from './merchants.ts';
import type { Random } from './random.ts';

const APART = 3 * HOUR;

/**
 * When a demo row was made: the row at `index` (0 is the newest) of a list that ends shortly before `now`.
 * Milliseconds since the epoch.
 */
export function timeOf(index: number, now: number): number {
  return now - (index + 1) * APART;
}

/** A settled payment, one in twelve of them a refund, at a merchant who may count in another currency. */
export function demoPurchase(
  random: Random,
  place: {
    readonly id: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly account: string;
    readonly card: string;
    readonly currency: string;
  },
): WireTransaction {
  const { id, at, account, card, currency } = place;
  const { data, currency: merchantCurrency } = random.pick(MERCHANTS);
  const amount = convert(random.int(100, 15_000), 'USD', currency);
  return transaction({
    id,
    time: timestamp(at),
    number: random.digits(12),
    status: 'settled',
    direction: random.int(1, 12) === 1 ? 'credit' : 'debit',
    currency,
    amount,
    merchantCurrency,
    merchantAmount: convert(amount, currency, merchantCurrency),
    merchant: data,
    account,
    card,
  });
}
