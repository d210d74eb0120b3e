import type { CardDetails, WireAccount, WireCard, WireTransaction } from '../wire.ts';

/** Builders of whole resources from what distinguishes them. Times are Bongloy timestamps, amounts smallest units. */

export interface AccountFacts {
  readonly id: string;
  readonly created: string;
  readonly currency: string;
  readonly number: string;
  readonly identifier: string;
  readonly cardholder: string;
}

export function account(facts: AccountFacts): WireAccount {
  return {
    id: facts.id,
    type: 'account',
    attributes: {
      created_at: facts.created,
      updated_at: facts.created,
      currency: facts.currency,
      number: facts.number,
      status: 'active',
      metadata: {},
      account_identifier: facts.identifier,
    },
    relationships: { cardholder: { data: { id: facts.cardholder, type: 'cardholder' } } },
  };
}

export interface CardFacts {
  readonly id: string;
  readonly created: string;
  readonly lastFour: string;
  readonly type: 'physical' | 'virtual';
  readonly account: string;
}

export function card(facts: CardFacts): WireCard {
  return {
    id: facts.id,
    type: 'card',
    attributes: {
      created_at: facts.created,
      updated_at: facts.created,
      last_four: facts.lastFour,
      exp_month: 5,
      exp_year: Number(facts.created.slice(0, 4)) + 3,
      status: 'active',
      type: facts.type,
    },
    relationships: { account: { data: { id: facts.account, type: 'account' } } },
  };
}

export interface TransactionFacts {
  readonly id: string;
  /** When it was made and, if settled, settled. */
  readonly time: string;
  /** When the provider wrote it down; `time` unless told. */
  readonly created?: string;
  /** 12 digits */
  readonly number: string;
  readonly status: 'pending' | 'settled';
  /** `debit` unless told. */
  readonly direction?: 'debit' | 'credit';
  readonly currency: string;
  readonly amount: number;
  readonly merchantCurrency: string;
  readonly merchantAmount: number;
  readonly merchant: CardDetails['merchant_data'];
  readonly account: string;
  readonly card: string | null;
}

export function transaction(facts: TransactionFacts): WireTransaction {
  const created = facts.created ?? facts.time;
  return {
    id: facts.id,
    type: 'transaction',
    attributes: {
      created_at: created,
      updated_at: created,
      type: facts.direction === 'credit' ? 'refund' : 'purchase',
      status: facts.status,
      balance_adjustment_type: facts.direction ?? 'debit',
      currency: facts.currency,
      amount: facts.amount,
      transaction_currency: facts.merchantCurrency,
      transaction_amount: facts.merchantAmount,
      fees: [],
      total_fee: 0,
      transaction_number: facts.number,
      transaction_details: { type: 'card', card: { merchant_data: facts.merchant } },
      transaction_time: facts.time,
      settlement_time: facts.status === 'settled' ? facts.time : null,
    },
    relationships: {
      account: { data: { id: facts.account, type: 'account' } },
      card: { data: facts.card === null ? null : { id: facts.card, type: 'card' } },
    },
  };
}
