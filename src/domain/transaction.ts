import type { Instant } from './instant.ts';
import type { Money, MoneyDirection } from './money.ts';

/** A movement on a card account (Bongloy `transaction`). */
export interface Transaction {
  readonly provider: 'BONGLOY';
  readonly id: string;
  /** The id again, by the name that it has in the schema. */
  readonly providerId: string;
  /** Digits; a text, as it may begin with zeros. */
  readonly transactionNumber: string;
  readonly type: TransactionType;
  readonly rawType: string;
  readonly status: TransactionStatus;
  readonly rawStatus: string;
  readonly direction: MoneyDirection;
  /** The direction again, by Bongloy's name for it. */
  readonly balanceAdjustmentType: MoneyDirection;
  /** In the account's currency. */
  readonly amount: Money;
  /** In the merchant's currency. */
  readonly transactionAmount: Money;
  /** In the account's currency. Whether `amount` includes it is not documented. */
  readonly totalFee: Money;
  /** The provider's own objects: their shape is not documented. */
  readonly fees: readonly Readonly<Record<string, unknown>>[];
  readonly details: TransactionDetails | null;
  /** The merchant's name and city, else the raw type. */
  readonly description: string;
  readonly transactionTime: Instant;
  /** The same, by the name that movements of both providers share. */
  readonly occurredAt: Instant;
  /** Null while pending. */
  readonly settlementTime: Instant | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly accountId: string;
  /** Null for a movement without a card. */
  readonly cardId: string | null;
}

/** OTHER: a word that the provider added; the raw word is kept beside it. */
export type TransactionType = 'PURCHASE' | 'OTHER';
export type TransactionStatus = 'PENDING' | 'SETTLED' | 'OTHER';

export type TransactionDetails =
  | { readonly type: 'card'; readonly merchant: Merchant }
  /** `type` is the provider's word; `raw` the object that it names, empty when there is none. */
  | { readonly type: string; readonly raw: Readonly<Record<string, unknown>> };

export interface Merchant {
  readonly name: string | null;
  readonly city: string | null;
  /** A name, such as "Cambodia", not a code. */
  readonly country: string | null;
  readonly category: string | null;
}

/** What a list of transactions can be narrowed by; all given conditions must hold. Ids are the provider's own. */
export interface TransactionFilter {
  readonly accountId?: string;
  readonly cardId?: string;
  readonly status?: 'PENDING' | 'SETTLED';
  readonly direction?: MoneyDirection;
  /** Inclusive; compared with the transaction time. */
  readonly from?: Date;
  /** Inclusive. */
  readonly to?: Date;
}
