import { randomInt, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { WireAccount, WireCard, WireTransaction } from '../wire.ts';
import type { purchaseInput } from './control-inputs.ts';
import { account, card, transaction } from './resources.ts';
import { timestamp } from './time.ts';

/** Rows that come to be while the simulator runs. `now` is ms since the epoch. */

export function newAccount(
  cardholder: string,
  issuerCode: string,
  currency: string,
  now: number,
): WireAccount {
  const number = digits(6);
  return account({
    id: randomUUID(),
    created: timestamp(now),
    currency,
    number,
    identifier: `${issuerCode}${number}`,
    cardholder,
  });
}

export function newCard(accountId: string, type: 'physical' | 'virtual', now: number): WireCard {
  return card({ id: randomUUID(), created: timestamp(now), lastFour: digits(4), type, account: accountId });
}

export function newPurchase(
  { id, attributes: { currency } }: WireAccount,
  cardId: string | null,
  wanted: z.output<typeof purchaseInput>,
  now: number,
): WireTransaction {
  return transaction({
    id: randomUUID(),
    time: timestamp(now),
    number: digits(12),
    status: wanted.status,
    currency,
    amount: wanted.amount,
    merchantCurrency: wanted.currency ?? currency,
    merchantAmount: wanted.transactionAmount ?? wanted.amount,
    merchant: {
      name: wanted.merchant,
      city: 'Phnom Penh',
      country: 'Cambodia',
      category: 'fast_food_restaurants',
    },
    account: id,
    card: cardId,
  });
}

function digits(count: number): string {
  return String(randomInt(10 ** count)).padStart(count, '0');
}
