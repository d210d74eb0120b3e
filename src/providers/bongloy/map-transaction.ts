import type { Instant } from '../../domain/instant.ts';
import { type Money, type MoneyDirection, money } from '../../domain/money.ts';
import type {
  Merchant,
  Transaction,
  TransactionDetails,
  TransactionStatus,
  TransactionType,
} from '../../domain/transaction.ts';
import {
  checkInstant,
  currency,
  instant,
  integer,
  isObject,
  isTold,
  type Json,
  list,
  type OnOdd,
  shown,
  shownObject,
  text,
  wrongMember,
} from '../read.ts';
import { checkTimestamps, optionalRelatedId, Row, relatedId, resource } from './document.ts';
import { vocabulary } from './map.ts';
import type { TransactionAttributes, WireTransaction } from './wire.ts';

const toType = vocabulary('PURCHASE');
const toStatus = vocabulary('PENDING', 'SETTLED');

/** Pure, as everything in `map.ts`. @throws WrongMember. */
export const toTransaction = (value: unknown, odd: OnOdd): Transaction =>
  new TransactionRow(resource<WireTransaction>(value, 'transaction'), odd);

class TransactionRow extends Row<TransactionAttributes> implements Transaction {
  readonly rawType: string;
  readonly rawStatus: string;
  readonly transactionNumber: string;
  readonly direction: MoneyDirection;
  readonly details: TransactionDetails | null;
  readonly accountId: string;
  readonly cardId: string | null;
  private readonly accountCurrency: string;
  private readonly feeObjects: readonly unknown[];

  constructor(wire: WireTransaction, odd: OnOdd) {
    super(wire);
    const { attributes } = wire;
    this.rawType = shown(attributes, 'type', text, odd) ?? '';
    this.rawStatus = shown(attributes, 'status', text, odd) ?? '';
    this.accountCurrency = currency(attributes, 'currency');
    integer(attributes, 'amount');
    this.feeObjects = shown(attributes, 'fees', list, odd) ?? [];
    this.details = toDetails(attributes, odd);
    this.transactionNumber = shown(attributes, 'transaction_number', text, odd) ?? '';
    this.direction = toDirection(attributes);
    merchantCurrency(attributes, this.accountCurrency);
    if (hasFee(attributes)) integer(attributes, 'total_fee');
    checkInstant(attributes, 'transaction_time');
    shown(attributes, 'settlement_time', checkInstant, odd);
    this.accountId = relatedId(wire, 'account');
    this.cardId = optionalRelatedId(wire, 'card', odd);
    checkTimestamps(attributes);
  }

  get provider(): 'BONGLOY' {
    return 'BONGLOY';
  }
  get type(): TransactionType {
    return toType(this.rawType);
  }
  get status(): TransactionStatus {
    return toStatus(this.rawStatus);
  }
  get balanceAdjustmentType(): MoneyDirection {
    return this.direction;
  }
  get amount(): Money {
    return moved(this.attributes, 'amount', this.accountCurrency);
  }
  get transactionAmount(): Money {
    const unit = merchantCurrency(this.attributes, this.accountCurrency);
    return unit === null ? this.amount : moved(this.attributes, 'transaction_amount', unit);
  }
  get totalFee(): Money {
    return hasFee(this.attributes)
      ? moved(this.attributes, 'total_fee', this.accountCurrency)
      : money('BONGLOY', 0, this.accountCurrency);
  }
  get fees(): readonly Json[] {
    return this.feeObjects.map(toFee);
  }
  get description(): string {
    return described(this.details) ?? inWords(this.rawType);
  }
  get transactionTime(): Instant {
    return instant(this.attributes, 'transaction_time');
  }
  get occurredAt(): Instant {
    return this.transactionTime;
  }
  get settlementTime(): Instant | null {
    return shown(this.attributes, 'settlement_time', instant, TOLD_ALREADY);
  }
}

/** For what is read again: what is odd was told when the row was made. */
const TOLD_ALREADY: OnOdd = () => {};

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

/**
 * The currency of the merchant's amount, which can be read then; null where the account's amount is also the merchant's:
 * the two are the same where the currencies are (§2.1), so that one that is missing is known.
 */
function merchantCurrency(attributes: TransactionAttributes, own: string): string | null {
  const isGiven = isTold(attributes.transaction_amount);
  if (!isGiven && !isTold(attributes.transaction_currency)) return null;
  const unit = currency(attributes, 'transaction_currency');
  if (!isGiven && unit === own) return null;
  integer(attributes, 'transaction_amount');
  return unit;
}

/** Where neither a fee nor a total is given, there is no fee. */
function hasFee(attributes: TransactionAttributes): boolean {
  const fees: unknown = attributes.fees ?? [];
  return isTold(attributes.total_fee) || !Array.isArray(fees) || fees.length > 0;
}

/** The shape is not documented: anything but an object is kept under `value`. */
const toFee = (fee: unknown): Json => (isObject(fee) ? fee : { value: fee });

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
