import type { WireAccount, WireTransaction } from '../wire.ts';
import { withTime } from './time.ts';

/** A bank account with everything that Casso tells of one. */
export type Account = Required<WireAccount>;

/** A transaction with everything that Casso tells of one today; the balance in the younger of its two spellings. */
export type Transaction = Required<Omit<WireTransaction, 'cusum_balance'>>;

/** What the bank knows of a transaction: the rest is Casso's and the account's. Texts that are `""` are absent. */
export type Movement = Omit<
  Transaction,
  'id' | 'cusumBalance' | 'bankSubAccId' | 'paymentChannel' | 'accountId' | 'bankCodeName'
>;

/** How a row is written in lists (§4.2). */
export interface Spelling {
  /** The running balance is `cusum_balance`. */
  readonly snake: boolean;
  /** The row has none of the fields that are younger than the API. */
  readonly old: boolean;
}

export interface StoredTransaction {
  readonly row: Transaction;
  readonly spelling: Spelling;
}

export interface Webhook {
  readonly url: string;
  readonly version: 'v1' | 'v2';
  /** V1: the secure token. V2: the checksum key. */
  readonly secret: string;
  readonly incomeOnly: boolean;
}

export interface BusinessProfile {
  /** The simulator's own name for it. */
  readonly name: string;
  readonly id: number;
  readonly title: string;
  readonly user: { readonly id: number; readonly email: string };
  readonly apiKey: string;
  /** `/userInfo` as in a live capture, with more than the page has (§4.4, †). */
  readonly live: boolean;
}

/** One customer of Casso and all that is theirs. */
export class Business {
  readonly profile: BusinessProfile;
  /** By Casso's id. */
  readonly accounts = new Map<number, Account>();
  /** By transaction time, then by id; oldest first. */
  readonly transactions: StoredTransaction[] = [];
  /** Made through the API; by id. */
  readonly webhooks = new Map<number, Webhook>();
  /** Made in the web app. */
  webAppWebhook: Webhook | undefined;
  keyRevoked = false;
  #held: { readonly accountId: number; readonly movement: Movement }[] = [];

  constructor(profile: BusinessProfile) {
    this.profile = profile;
  }

  accountByNumber(number: string): Account | undefined {
    return [...this.accounts.values()].find(({ accountNumber }) => accountNumber === number);
  }

  allWebhooks(): readonly Webhook[] {
    return [...(this.webAppWebhook ? [this.webAppWebhook] : []), ...this.webhooks.values()];
  }

  /** Puts the row in its place; the account stays as it is. */
  insert(stored: StoredTransaction): void {
    const before = this.transactions.findLastIndex(({ row }) => isBefore(row, stored.row));
    this.transactions.splice(before + 1, 0, stored);
  }

  /** Casso learns of a movement: a new row with the balance after it, and the account brought up to date. */
  record(id: number, accountId: number, movement: Movement, spelling: Spelling): StoredTransaction {
    const account = this.accounts.get(accountId);
    if (!account) throw new RangeError(`${this.profile.name} has no account ${accountId}`);
    const after = moved(account, movement);
    this.accounts.set(accountId, after);
    const stored = { row: rowOf(id, after, movement), spelling };
    this.insert(stored);
    return stored;
  }

  /** The bank has it, and Casso does not know yet. */
  hold(accountId: number, movement: Movement): void {
    this.#held.push({ accountId, movement });
  }

  /** What the bank has for the account, oldest first; the bank has it no longer. */
  takeHeld(accountId: number): readonly Movement[] {
    const found = this.#held.filter((entry) => entry.accountId === accountId);
    this.#held = this.#held.filter((entry) => entry.accountId !== accountId);
    return found.map(({ movement }) => movement);
  }
}

/** The row of a movement that left the account as it is. */
export function rowOf(id: number, account: Account, movement: Movement): Transaction {
  return {
    id,
    ...movement,
    cusumBalance: account.balance,
    bankSubAccId: account.accountNumber,
    paymentChannel: '',
    accountId: account.id,
    bankCodeName: account.bankCodeName,
  };
}

function isBefore(a: Transaction, b: Transaction): boolean {
  const [timeA, timeB] = [withTime(a.when), withTime(b.when)];
  return timeA === timeB ? a.id < b.id : timeA < timeB;
}

function moved(account: Account, { amount, when }: Movement): Account {
  const balance = account.balance === null ? null : account.balance + amount;
  const time = withTime(when);
  const [credit, debit] = amount > 0 ? [1, 0] : [0, 1];
  return {
    ...account,
    balance,
    endingBalance: balance,
    endingTxnDate: time > (account.endingTxnDate ?? '') ? time : account.endingTxnDate,
    creditTxnTotal: (account.creditTxnTotal ?? 0) + credit,
    creditTxnAmount: (account.creditTxnAmount ?? 0) + credit * amount,
    debitTxnTotal: (account.debitTxnTotal ?? 0) + debit,
    debitTxnAmount: (account.debitTxnAmount ?? 0) - debit * amount,
  };
}
