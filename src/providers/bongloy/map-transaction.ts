import { type Money, type MoneyDirection, money } from '../../domain/money.ts';
import type { Merchant, Transaction, TransactionDetails } from '../../domain/transaction.ts';
import {
  currency,
  instant,
  integer,
  isObject,
  isTold,
  list,
  type OnOdd,
  shown,
  shownObject,
  text,
  wrongMember,
} from '../read.ts';
import { optionalRelatedId, relatedId, resource, timestamps } from './document.ts';
import { known } from './map.ts';
import type { TransactionAttributes, WireTransaction } from './wire.ts';

/** Pure, as everything in `map.ts`. @throws WrongMember. */
export function toTransaction(value: unknown, odd: OnOdd): Transaction {
  const wire = resource<WireTransaction>(value, 'transaction');
  const { id, attributes } = wire;
  const rawType = shown(attributes, 'type', text, odd) ?? '';
  const rawStatus = shown(attributes, 'status', text, odd) ?? '';
  const amount = moved(attributes, 'amount', currency(attributes, 'currency'));
  const fees = shown(attributes, 'fees', list, odd) ?? [];
  const details = toDetails(attributes, odd);
  return {
    provider: 'BONGLOY',
    id,
    transactionNumber: shown(attributes, 'transaction_number', text, odd) ?? '',
    type: known(rawType, ['PURCHASE']),
    rawType,
    status: known(rawStatus, ['PENDING', 'SETTLED']),
    rawStatus,
    direction: toDirection(attributes),
    amount,
    transactionAmount: toTransactionAmount(attributes, amount),
    totalFee: toTotalFee(attributes, amount),
    fees: fees.map(toFee),
    details,
    description: described(details) ?? inWords(rawType),
    transactionTime: instant(attributes, 'transaction_time'),
    settlementTime: shown(attributes, 'settlement_time', instant, odd),
    accountId: relatedId(wire, 'account'),
    cardId: optionalRelatedId(wire, 'card', odd),
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
      return wrongMember('balance_adjustment_type', 'is neither credit nor debit');
  }
}

/** Amounts carry no sign as far as is known; should one come, the direction still decides. */
const moved = (
  attributes: TransactionAttributes,
  key: 'amount' | 'transaction_amount' | 'total_fee',
  unit: string,
): Money => money('BONGLOY', Math.abs(integer(attributes, key)), unit);

/** The two amounts are the same where the currencies are (§2.1), so that one that is missing is known then. */
function toTransactionAmount(attributes: TransactionAttributes, amount: Money): Money {
  if (!isTold(attributes.transaction_amount) && !isTold(attributes.transaction_currency)) return amount;
  const unit = currency(attributes, 'transaction_currency');
  if (!isTold(attributes.transaction_amount) && unit === amount.currency) return amount;
  return moved(attributes, 'transaction_amount', unit);
}

/** Where neither a fee nor a total is given, there is no fee. */
function toTotalFee(attributes: TransactionAttributes, { currency: unit }: Money): Money {
  const fees: unknown = attributes.fees ?? [];
  const isNone = !isTold(attributes.total_fee) && Array.isArray(fees) && fees.length === 0;
  return isNone ? money('BONGLOY', 0, unit) : moved(attributes, 'total_fee', unit);
}

/** The shape is not documented: anything but an object is kept under `value`. */
const toFee = (fee: unknown): Readonly<Record<string, unknown>> => (isObject(fee) ? fee : { value: fee });

/** `type` names the member that holds the details; only `card` is documented. */
function toDetails(attributes: TransactionAttributes, odd: OnOdd): TransactionDetails | null {
  const details = shownObject(attributes, 'transaction_details', odd);
  const type = details && shown(details, 'type', text, odd);
  if (!details || !type) return null;
  if (type === 'card') {
    const card = shownObject(details, 'card', odd);
    return {
      type: 'card',
      merchant: toMerchant((card && shownObject(card, 'merchant_data', odd)) ?? {}, odd),
    };
  }
  const raw = Object.hasOwn(details, type) ? details[type] : null;
  return { type, raw: isObject(raw) ? raw : {} };
}

const toMerchant = (merchant: { readonly [Member in keyof Merchant]?: unknown }, odd: OnOdd): Merchant => ({
  name: shown(merchant, 'name', text, odd),
  city: shown(merchant, 'city', text, odd),
  country: shown(merchant, 'country', text, odd),
  category: shown(merchant, 'category', text, odd),
});

/** The merchant's name and city, as far as they are known. */
function described(details: TransactionDetails | null): string | null {
  if (!details || !('merchant' in details)) return null;
  const { name, city } = details.merchant;
  return [name, city].filter((part) => part !== null).join(', ') || null;
}
