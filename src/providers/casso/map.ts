import type { Bank, BankAccount } from '../../domain/bank-account.ts';
import type { BankTransaction, Counterparty, VirtualAccount } from '../../domain/bank-transaction.ts';
import type { Business } from '../../domain/business.ts';
import { type Money, type MoneyDirection, money } from '../../domain/money.ts';
import { HOUR } from '../../lib/duration.ts';
import { integer, isObject, list, object, wrongShape } from './read.ts';
import type { WireAccount, WirePage, WireTransaction, WireUserInfo, WireWebhook } from './wire.ts';

/*
 * Casso's documents as domain values. Everything here is pure, and throws UpstreamFailure `wrong-shape` when a
 * document is not what providers/casso.md says. Fields that the domain has no use for are not looked at.
 */

/** One page of bank transactions, in the order asked for. */
export interface BankTransactionsPage {
  readonly rows: readonly BankTransaction[];
  /** All rows of the window; null when Casso does not say. */
  readonly total: number | null;
  /** There is a page after this one. */
  readonly hasMore: boolean;
}

/** A webhook as Casso keeps it. The secure token is left out: it does not come back reliably (§4.5). */
export interface CassoWebhook {
  readonly id: string;
  readonly url: string;
  /** Only money that comes in is told. */
  readonly incomeOnly: boolean;
}

/** @param bank the account's bank where the row says it in other words than REST does. */
export function toBankTransaction(wire: WireTransaction, bank?: Bank | null): BankTransaction {
  const row = object(wire, 'a transaction');
  return {
    provider: 'CASSO',
    id: cassoId(row.id),
    reference: blankToNull(row.tid) ?? '',
    ...movement(row.amount),
    runningBalance: vndOrNull(row.cusumBalance ?? row.cusum_balance),
    occurredAt: vietnamTime(row.when),
    description: blankToNull(row.description),
    counterparty: counterparty(
      row.corresponsiveAccount,
      row.corresponsiveName,
      row.corresponsiveBankId,
      row.corresponsiveBankName,
    ),
    virtualAccount: virtualAccount(row.virtualAccount, row.virtualAccountName),
    bankAccountId: row.accountId === undefined || row.accountId === null ? null : cassoId(row.accountId),
    bankAccountNumber: text(row.bankSubAccId, 'an account number'),
    bank: bank === undefined ? bankNamed(row.bankCodeName, null) : bank,
  };
}

/**
 * A page object, or the bare list of an older version, which is the only page (§4.2).
 * @param page the number of the page that was asked for. Whether more follow is reckoned from the number of pages:
 *   what `nextPage` holds at the end differs between the samples.
 */
export function toBankTransactionsPage(
  wire: WirePage<WireTransaction> | readonly WireTransaction[],
  page: number,
): BankTransactionsPage {
  if (isList(wire)) return { rows: wire.map((row) => toBankTransaction(row)), total: null, hasMore: false };
  const { records, totalRecords, totalPages } = object(wire, 'a page');
  return {
    rows: list(records, 'records').map((row) => toBankTransaction(row)),
    total: integer(totalRecords, 'totalRecords'),
    hasMore: page < integer(totalPages, 'totalPages'),
  };
}

/** Null when it says nothing of the bank. What is no text says nothing: the row is still good. */
export function bankNamed(code: unknown, name: unknown): Bank | null {
  const bank = { code: said(code), name: said(name), bin: null };
  return bank.code === null && bank.name === null ? null : bank;
}

const said = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

export function toBankAccounts(wire: readonly WireAccount[]): readonly BankAccount[] {
  return list(wire, 'the accounts').map(toBankAccount);
}

export function toBankAccount(wire: WireAccount): BankAccount {
  const row = object(wire, 'an account');
  return {
    id: cassoId(row.id),
    accountNumber: text(row.accountNumber, 'an account number'),
    accountName: blankToNull(row.accountName),
    bank: {
      code: blankToNull(row.bankCodeName),
      name: blankToNull(row.bankName),
      bin: blankToNull(row.BIN),
    },
    balance: vndOrNull(row.balance),
  };
}

/** The answer for one account: the account, or a list of it alone (§4). Null for an empty list. */
export function toOnlyBankAccount(wire: WireAccount | readonly WireAccount[]): BankAccount | null {
  const [account, ...others] = isList(wire) ? wire : [wire];
  if (others.length > 0) return wrongShape('several accounts in the place of one');
  return account === undefined ? null : toBankAccount(account);
}

export function toBusiness(wire: WireUserInfo): Business {
  const { business, bankAccs } = object(wire, 'the user');
  const { id, name } = object(business, 'the business');
  return {
    id: cassoId(id),
    name: blankToNull(name),
    bankAccounts: list(bankAccs, 'bankAccs').map((account) => ({
      id: cassoId(object(account, 'an account').id),
      accountNumber: text(account.bankSubAccId, 'an account number'),
      bank: toUserBank(account.bank),
    })),
  };
}

/** Only what it is compared by; it may be missing, in whole or in part. */
function toUserBank(bank: unknown): Bank {
  const { codeName, bin } = isObject(bank) ? bank : {};
  return { code: said(codeName), name: null, bin: typeof bin === 'number' ? String(bin) : null };
}

export function toWebhook(wire: WireWebhook): CassoWebhook {
  const { id, param1, send_only_income } = object(wire, 'a webhook');
  return { id: cassoId(id), url: text(param1, 'a URL'), incomeOnly: send_only_income === 1 };
}

/** Ids are integers on the wire and texts with us. */
export function cassoId(id: number): string {
  return String(integer(id, 'an id'));
}

/** The sign says which way the money went (§7); nothing moved counts as in. */
export function movement(amount: number): { readonly amount: Money; readonly direction: MoneyDirection } {
  const signed = vnd(amount);
  return {
    amount: { ...signed, minorUnits: Math.abs(signed.minorUnits) },
    direction: amount < 0 ? 'DEBIT' : 'CREDIT',
  };
}

/** An amount or a balance, which may be negative. VND has no minor unit. */
export function vnd(amount: number): Money {
  return money('CASSO', integer(amount, 'an amount'), 'VND');
}

export function vndOrNull(amount: number | null | undefined): Money | null {
  return amount === undefined || amount === null ? null : vnd(amount);
}

/** Null when nothing at all is known of the other side, as banks often hide it. */
export function counterparty(
  accountNumber: string | number | null | undefined,
  name: string | null | undefined,
  bankId: string | number | null | undefined,
  bankName: string | null | undefined,
): Counterparty | null {
  const parts = {
    accountNumber: blankToNull(accountNumber),
    name: blankToNull(name),
    bankId: blankToNull(bankId),
    bankName: blankToNull(bankName),
  };
  return Object.values(parts).every((part) => part === null) ? null : parts;
}

/** Null without a number: a name alone says nothing. */
export function virtualAccount(
  number: string | null | undefined,
  name: string | null | undefined,
): VirtualAccount | null {
  const known = blankToNull(number);
  return known === null ? null : { number: known, name: blankToNull(name) };
}

/**
 * `""` means absent everywhere at Casso (§4.2). A number in the place of a text is taken as its digits (§6.1; `BIN`).
 */
export function blankToNull(value: string | number | null | undefined): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return value;
  return String(integer(value, 'what should be a text or a number'));
}

/** A text that must say something; `what` names it in the failure. */
export function text(value: string | null | undefined, what: string): string {
  return blankToNull(value) ?? wrongShape(`${what} is missing`);
}

/** Vietnam's wall clock is ahead of UTC by this, all year (§7). */
const VIETNAM_OFFSET = 7 * HOUR;

const WALL_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d))?$/;

/** `YYYY-MM-DD` (midnight), `YYYY-MM-DDTHH:mm:ss` or `YYYY-MM-DD HH:mm:ss`, as Vietnam's clocks show it. */
export function vietnamTime(wallTime: string): Date {
  const [, day, time = '00:00:00'] = WALL_TIME.exec(wallTime) ?? [];
  const shown = new Date(`${day}T${time}.000Z`);
  // Date rolls 30 February over into March; no clock shows that.
  if (Number.isNaN(shown.getTime()) || shown.toISOString() !== `${day}T${time}.000Z`) {
    return wrongShape('a time is not a time');
  }
  return new Date(shown.getTime() - VIETNAM_OFFSET);
}

/** The date in Vietnam at `now`: yyyy-mm-dd. */
export function vietnamDate(now: Date): string {
  return new Date(now.getTime() + VIETNAM_OFFSET).toISOString().slice(0, 10);
}

/** `Array.isArray` does not narrow a readonly list away from its union. */
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
