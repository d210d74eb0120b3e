import type { TransactionAttributes, WireTransaction } from '../../wire.ts';
import { convert } from './merchants.ts';

interface Oddity {
  /** The number of the card that it needs. */
  readonly card?: number;
  readonly change: (ordinary: WireTransaction) => WireTransaction;
}

const PENDING = { type: 'purchase', balance_adjustment_type: 'debit', status: 'pending' };

/** What a client must survive, by the row's place in the main cardholder's list (§9). */
export const ODDITIES: Readonly<Record<number, Oddity>> = {
  2: { change: (row) => withAttributes(row, { ...PENDING, settlement_time: null }) },
  3: {
    change(row) {
      const pending = withAttributes(row, { ...PENDING, settlement_time: null });
      return { ...pending, relationships: { ...row.relationships, card: { data: null } } };
    },
  },
  4: {
    change: (row) =>
      withAttributes(row, {
        type: 'loyalty_bonus',
        balance_adjustment_type: 'credit',
        transaction_details: { type: 'loyalty', loyalty: { programme: 'Naga', points: 120 } },
        fees: [{ type: 'service', amount: 25, currency: 'USD' }],
        total_fee: 25,
        exchange_rate: '4100.00',
      }),
  },
  5: {
    change(row) {
      const { settlement_time: _, ...others } = row.attributes;
      return { ...row, attributes: { ...others, ...PENDING } };
    },
  },
  6: {
    card: 14,
    change: (row) =>
      withAttributes(row, {
        amount: 2_500_000_000,
        transaction_currency: 'KHR',
        transaction_amount: 2_500_000_000,
      }),
  },
  7: {
    card: 1,
    change: (row) =>
      withAttributes(row, {
        transaction_currency: 'VND',
        transaction_amount: convert(row.attributes.amount, 'USD', 'VND'),
        transaction_details: {
          type: 'card',
          card: {
            merchant_data: {
              name: 'Bánh Mì Sài Gòn',
              city: 'Ho Chi Minh City',
              country: 'Vietnam',
              category: 'fast_food_restaurants',
            },
          },
        },
      }),
  },
};

function withAttributes(
  row: WireTransaction,
  changed: Partial<TransactionAttributes> & Readonly<Record<string, unknown>>,
): WireTransaction {
  return { ...row, attributes: { ...row.attributes, ...changed } };
}
