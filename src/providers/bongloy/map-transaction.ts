import { type Money, type MoneyDirection, money } from '../../domain/money.ts';
import type { Merchant, Transaction, TransactionDetails } from '../../domain/transaction.ts';
import { relatedId, resource, timestamps } from './document.ts';
import {
  instant,
  integer,
  isObject,
  known,
  optionalInstant,
  optionalList,
  optionalObject,
  optionalText,
  text,
  wrongShape,
} from './read.ts';
import type { TransactionAttributes, WireTransaction } from './wire.ts';

/** Pure, as everything in `map.ts`. @throws UpstreamFailure wrong-shape. */
export function toTransaction(value: unknown): Transaction {
  const wire = resource<WireTransaction>(value, 'transaction');
  const { id, attributes } = wire;
  const rawType = text(attributes, 'type');
  const rawStatus = text(attributes, 'status');
  const currency = text(attributes, 'currency');
  const details = toDetails(attributes);
  return {
    provider: 'BONGLOY',
    id,
    transactionNumber: text(attributes, 'transaction_number'),
    type: known(rawType, ['PURCHASE']),
    rawType,
    status: known(rawStatus, ['PENDING', 'SETTLED']),
    rawStatus,
    direction: toDirection(attributes),
    amount: moved(attributes, 'amount', currency),
    transactionAmount: moved(attributes, 'transaction_amount', text(attributes, 'transaction_currency')),
    totalFee: moved(attributes, 'total_fee', currency),
    fees: (optionalList(attributes, 'fees') ?? []).map(toFee),
    details,
    description: described(details) ?? inWords(rawType),
    transactionTime: instant(attributes, 'transaction_time'),
    settlementTime: optionalInstant(attributes, 'settlement_time'),
    accountId: relatedId(wire, 'account') ?? wrongShape('account is missing'),
    cardId: relatedId(wire, 'card'),
    ...timestamps(attributes),
  };
}

/** A code word as a line for people: `loyalty_bonus` becomes `Loyalty bonus`. */
function inWords(word: string): string {
  const words = word.replace(/[\s_-]+/gu, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The sign of the movement. Without it the amount means nothing, so no unknown word is let through. */
function toDirection(attributes: TransactionAttributes): MoneyDirection {
  switch (text(attributes, 'balance_adjustment_type')) {
    case 'credit':
      return 'CREDIT';
    case 'debit':
      return 'DEBIT';
    default:
      return wrongShape('balance_adjustment_type is neither credit nor debit');
  }
}

/** Amounts carry no sign as far as is known; should one come, the direction still decides. */
const moved = (
  attributes: TransactionAttributes,
  key: 'amount' | 'transaction_amount' | 'total_fee',
  currency: string,
): Money => money('BONGLOY', Math.abs(integer(attributes, key)), currency);

/** The shape is not documented: anything but an object is kept under `value`. */
const toFee = (fee: unknown): Readonly<Record<string, unknown>> => (isObject(fee) ? fee : { value: fee });

/** `type` names the member that holds the details; only `card` is documented. */
function toDetails(attributes: TransactionAttributes): TransactionDetails | null {
  const details = optionalObject(attributes, 'transaction_details');
  const type = details && optionalText(details, 'type');
  if (!details || !type) return null;
  if (type === 'card') {
    const card = optionalObject(details, 'card');
    return { type: 'card', merchant: toMerchant((card && optionalObject(card, 'merchant_data')) ?? {}) };
  }
  const raw = Object.hasOwn(details, type) ? details[type] : null;
  return { type, raw: isObject(raw) ? raw : {} };
}

const toMerchant = (merchant: { readonly [Member in keyof Merchant]?: unknown }): Merchant => ({
  name: optionalText(merchant, 'name'),
  city: optionalText(merchant, 'city'),
  country: optionalText(merchant, 'country'),
  category: optionalText(merchant, 'category'),
});

/** The merchant's name and city, as far as they are known. */
function described(details: TransactionDetails | null): string | null {
  if (!details || !('merchant' in details)) return null;
  const { name, city } = details.merchant;
  return [name, city].filter((part) => part !== null).join(', ') || null;
}
