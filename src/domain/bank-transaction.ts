import type { Bank } from './bank-account.ts';
import type { BankTransactionConditions } from './bank-transaction-conditions.ts';
import type { Money, MoneyDirection } from './money.ts';

/** A line of a bank statement (Casso transaction). The same value whether read over REST or told by a webhook. */
export interface BankTransaction {
  readonly provider: 'CASSO';
  /** Casso's own id, unique and stable: the key. */
  readonly id: string;
  /** The bank's id (`tid`, `reference`): may repeat between banks. Empty when the bank gives none. */
  readonly reference: string;
  /** Absolute; VND has no minor unit. */
  readonly amount: Money;
  readonly direction: MoneyDirection;
  /** Null where the bank gives none; negative when the account is overdrawn. */
  readonly runningBalance: Money | null;
  /** UTC. Many banks give a date only, which is midnight in Vietnam. */
  readonly occurredAt: Date;
  readonly description: string | null;
  readonly counterparty: Counterparty | null;
  readonly virtualAccount: VirtualAccount | null;
  /** Casso's account number (`accountId`); null in what webhooks tell. */
  readonly bankAccountId: string | null;
  /** The bank's account number, as the bank writes it. */
  readonly bankAccountNumber: string;
  /** That account's bank, in the words of whatever told the transaction; null when it told none. */
  readonly bank: Bank | null;
}

export interface Counterparty {
  readonly accountNumber: string | null;
  readonly name: string | null;
  readonly bankId: string | null;
  readonly bankName: string | null;
}

export interface VirtualAccount {
  readonly number: string;
  readonly name: string | null;
}

/** What a list of bank transactions can be narrowed by. */
export interface BankTransactionFilter extends BankTransactionConditions {
  /** Casso's account id. */
  readonly bankAccountId?: string;
  /** yyyy-mm-dd in Vietnam, inclusive. */
  readonly from?: string;
  /** yyyy-mm-dd in Vietnam, inclusive. */
  readonly to?: string;
}
