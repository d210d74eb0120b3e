import type { Bank, BankAccount } from '../../domain/bank-account.ts';
import { accountNumberKey } from '../../domain/bank-identity.ts';
import type { BankTransaction, Counterparty, VirtualAccount } from '../../domain/bank-transaction.ts';
import type { Business } from '../../domain/business.ts';
import { type Money, type MoneyDirection, money } from '../../domain/money.ts';
import type { RowOutcome } from '../../domain/unreadable-row.ts';
import { HOUR } from '../../lib/duration.ts';
import {
  integer,
  integerFrom,
  isObject,
  isTold,
  type Json,
  list,
  type OnOdd,
  object,
  parseInstant,
  shown,
  text,
  url,
  wrongMember,
  wrongShape,
} from '../read.ts';
import type { WireAccount, WirePage, WireTransaction, WireUserInfo, WireWebhook } from './wire.ts';

/*
 * Casso's documents as domain values. Everything here is pure. What is only shown and cannot be read becomes null; what says
 * which row it is, or how much money, must be there, and throws WrongMember otherwise (docs/providers.md has the table).
 * Members that the domain has no use for are not looked at.
 */

/** One page of bank transactions, in the order asked for. */
export interface BankTransactionsPage {
  /** One that cannot be read stands in its place: pages are counted in rows. */
  readonly rows: readonly RowOutcome<BankTransaction>[];
  /** All rows of the window; null when Casso does not say. */
  readonly total: number | null;
  /** There is a page after this one. */
  readonly hasMore: boolean;
}

/** A webhook as Casso keeps it. The secure token is left out: it does not come back reliably (§4.5). */
export interface CassoWebhook {
  /** Null when Casso's answer has none that can be read. */
  readonly id: string | null;
  readonly url: string;
  /** Only money that comes in is told. */
  readonly incomeOnly: boolean;
}

/** @param bank the account's bank where the row says it in other words than REST does. */
export function toBankTransaction(raw: unknown, odd: OnOdd, bank?: Bank | null): BankTransaction {
  const row = document(raw, 'a transaction') as unknown as WireTransaction & Priced;
  inDong(row);
  return {
    provider: 'CASSO',
    id: cassoId(row, 'id'),
    reference: shown(row, 'tid', words, odd) ?? '',
    ...movement(row),
    runningBalance: shown(row, isTold(row.cusumBalance) ? 'cusumBalance' : 'cusum_balance', dong, odd),
    occurredAt: vietnamTime(row, 'when'),
    description: shown(row, 'description', words, odd),
    counterparty: toCounterparty(row, odd),
    virtualAccount: toVirtualAccount(row, odd),
    bankAccountId: shown(row, 'accountId', cassoId, odd),
    bankAccountNumber: accountNumber(row, 'bankSubAccId'),
    bank: bank === undefined ? bankNamed(row.bankCodeName, null) : bank,
  };
}

/** Letters and digits, which may be grouped. A number has lost its zeros, and with anything else it would be nobody's account. */
function accountNumber<T extends object>(from: T, key: Extract<keyof T, string>): string {
  const value = text(from, key);
  return /^[\p{L}\p{N}]{1,64}$/u.test(accountNumberKey(value))
    ? value
    : wrongMember(key, 'is no account number');
}

/** The most that a count of rows may be: GraphQL's Int and the cursors of the list hold it. */
const MOST_ROWS = 999_999_999;

/**
 * A page object, or the bare list of an older version, which is the only page (§4.2). Whether more follow is reckoned from
 * the number of pages, as what `nextPage` holds at the end differs between the samples; from a full page where that cannot
 * be read. An empty page is the end.
 */
export const toBankTransactionsPage =
  (
    asked: { readonly page: number; readonly pageSize: number },
    row: (raw: unknown) => RowOutcome<BankTransaction>,
  ) =>
  (raw: unknown, odd: OnOdd): BankTransactionsPage => {
    if (Array.isArray(raw)) return { rows: raw.map(row), total: null, hasMore: false };
    const page = document(raw, 'a page') as unknown as WirePage<WireTransaction>;
    const rows = list(page, 'records').map(row);
    const pages = shown(page, 'totalPages', integer, odd);
    return {
      rows,
      total: shown(page, 'totalRecords', integerFrom(0, MOST_ROWS), odd),
      hasMore: rows.length > 0 && (pages === null ? rows.length >= asked.pageSize : asked.page < pages),
    };
  };

/** Null when it says nothing of the bank. What is no text says nothing: the row is still good. */
export function bankNamed(code: unknown, name: unknown): Bank | null {
  const bank = { code: said(code), name: said(name), bin: null };
  return bank.code === null && bank.name === null ? null : bank;
}

const said = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

export function toBankAccount(raw: unknown, odd: OnOdd): BankAccount {
  const row = document(raw, 'an account') as unknown as WireAccount;
  return {
    id: cassoId(row, 'id'),
    accountNumber: text(row, 'accountNumber'),
    accountName: shown(row, 'accountName', words, odd),
    bank: {
      code: shown(row, 'bankCodeName', words, odd),
      name: shown(row, 'bankName', words, odd),
      bin: shown(row, 'BIN', words, odd),
    },
    balance: shown(row, 'balance', (from, key) => (inDong(row), dong(from, key)), odd),
  };
}

/** The answer for one account: the account, or a list of it alone (§4). */
export function onlyOne(raw: unknown): unknown {
  if (!Array.isArray(raw)) return raw;
  return raw.length > 1 ? wrongShape('several accounts in the place of one') : raw[0];
}

export function toBusiness(raw: unknown, odd: OnOdd): Business {
  const user = document(raw, 'the user') as unknown as WireUserInfo;
  const business = object(user, 'business');
  return {
    id: cassoId(business, 'id'),
    name: shown(business, 'name', words, odd),
    bankAccounts: (shown(user, 'bankAccs', list, odd) ?? []).flatMap(
      (account) => shown({ account }, 'account', () => toUserAccount(account), odd) ?? [],
    ),
  };
}

function toUserAccount(raw: unknown): Business['bankAccounts'][number] {
  const account = document(raw, 'an account') as unknown as WireUserInfo['bankAccs'][number];
  const { codeName, bin }: { codeName?: unknown; bin?: unknown } = isObject(account.bank) ? account.bank : {};
  return {
    id: cassoId(account, 'id'),
    accountNumber: text(account, 'bankSubAccId'),
    // Only what it is compared by; it may be missing, in whole or in part.
    bank: { code: said(codeName), name: null, bin: typeof bin === 'number' ? String(bin) : null },
  };
}

/** @param asked what it was asked to be: Casso has done it, also where its answer cannot be read. */
export const toWebhook =
  (asked: Omit<CassoWebhook, 'id'> | null) =>
  (raw: unknown, odd: OnOdd): CassoWebhook => {
    const webhook = document(raw, 'a webhook') as unknown as WireWebhook;
    const incomeOnly = shown(webhook, 'send_only_income', integerFrom(0, 1), odd);
    return {
      id: shown(webhook, 'id', cassoId, odd),
      url: asked === null ? url(webhook, 'param1') : (shown(webhook, 'param1', url, odd) ?? asked.url),
      incomeOnly: incomeOnly === null ? (asked?.incomeOnly ?? false) : incomeOnly === 1,
    };
  };

/** A parsed value for a document, whose members are unread. @throws UpstreamFailure wrong-shape. */
const document = (raw: unknown, what: string): Json =>
  isObject(raw) ? raw : wrongShape(`${what} is not an object`);

/** Ids are integers on the wire and texts with us. */
export function cassoId<T extends object>(from: T, key: Extract<keyof T, string>): string {
  return String(integerFrom(1, Number.MAX_SAFE_INTEGER)(from, key));
}

/** The id of a row that may be unreadable otherwise. */
export const idOf = (raw: unknown): string | null => {
  const id = isObject(raw) ? raw['id'] : null;
  return Number.isSafeInteger(id) && Number(id) > 0 ? String(id) : null;
};

/** The sign says which way the money went (§7); nothing moved counts as in. */
function movement(row: WireTransaction): { readonly amount: Money; readonly direction: MoneyDirection } {
  const signed = dong(row, 'amount');
  return {
    amount: { ...signed, minorUnits: Math.abs(signed.minorUnits) },
    direction: signed.minorUnits < 0 ? 'DEBIT' : 'CREDIT',
  };
}

/** An amount or a balance, which may be negative. VND has no minor unit. */
const dong = <T extends object>(from: T, key: Extract<keyof T, string>): Money =>
  money('CASSO', integer(from, key), 'VND');

/** Accounts name their currency. Transactions do not, as far as is known; one that does is believed. */
interface Priced {
  readonly currency?: string;
}

/** In which unit another currency would be told is not known, and a wrong amount is worse than none. */
function inDong(row: Priced): void {
  if (isTold(row.currency) && row.currency !== 'VND') wrongMember('currency', 'is not VND');
}

/** Null when nothing at all is known of the other side, as banks often hide it. */
function toCounterparty(row: WireTransaction, odd: OnOdd): Counterparty | null {
  const parts = {
    accountNumber: shown(row, 'corresponsiveAccount', words, odd),
    name: shown(row, 'corresponsiveName', words, odd),
    bankId: shown(row, 'corresponsiveBankId', words, odd),
    bankName: shown(row, 'corresponsiveBankName', words, odd),
  };
  return Object.values(parts).every((part) => part === null) ? null : parts;
}

/** Null without a number: a name alone says nothing. */
function toVirtualAccount(row: WireTransaction, odd: OnOdd): VirtualAccount | null {
  const number = shown(row, 'virtualAccount', words, odd);
  return number === null ? null : { number, name: shown(row, 'virtualAccountName', words, odd) };
}

/** A text; a number in its place is taken as its digits (§6.1; `BIN`). `""` means absent everywhere at Casso (§4.2). */
function words<T extends object>(from: T, key: Extract<keyof T, string>): string {
  return typeof from[key] === 'number' ? String(integer(from, key)) : text(from, key);
}

/** Vietnam's wall clock is ahead of UTC by this, all year (§7). */
const VIETNAM_OFFSET = 7 * HOUR;
const VIETNAM_ZONE = '+07:00';

/** A date, which is midnight, or a time. One that names no zone is what Vietnam's clocks show. */
export function vietnamTime<T extends object>(from: T, key: Extract<keyof T, string>): Date {
  const value = text(from, key);
  const time = /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00` : value;
  return parseInstant(time, VIETNAM_ZONE) ?? wrongMember(key, 'is not a time');
}

/** The date in Vietnam at `now`: yyyy-mm-dd. */
export function vietnamDate(now: Date): string {
  return new Date(now.getTime() + VIETNAM_OFFSET).toISOString().slice(0, 10);
}
