import type { Bank } from '../../domain/bank-account.ts';
import { accountNumberKey } from '../../domain/bank-identity.ts';
import type { BankTransaction, Counterparty, VirtualAccount } from '../../domain/bank-transaction.ts';
import type { Money, MoneyDirection } from '../../domain/money.ts';
import type { RowOutcome } from '../../domain/unreadable-row.ts';
import { integer, integerFrom, isTold, list, type OnOdd, shown, text, wrongMember } from '../read.ts';
import { cassoId, document, dong, inDong, type Priced, said, words } from './document.ts';
import { vietnamTime } from './map.ts';
import type { WirePage, WireTransaction } from './wire.ts';

/** One page of bank transactions, in the order asked for. */
export interface BankTransactionsPage {
  /** One that cannot be read stands in its place: pages are counted in rows. */
  readonly rows: readonly RowOutcome<BankTransaction>[];
  /** All rows of the window; null when Casso does not say. */
  readonly total: number | null;
  /** There is a page after this one. */
  readonly hasMore: boolean;
}

/**
 * Pure, as everything in `map.ts`.
 * @param bank the account's bank where the row names it by other members than REST does.
 * @throws WrongMember.
 */
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

/**
 * Letters and digits, which may be grouped. A JSON number is refused, as its leading zeros are lost, and so is any other text:
 * it could match no account.
 */
function accountNumber<T extends object>(from: T, key: Extract<keyof T, string>): string {
  const value = text(from, key);
  return /^[\p{L}\p{N}]{1,64}$/u.test(accountNumberKey(value))
    ? value
    : wrongMember(key, 'is no account number');
}

/** The most that a count of rows may be: GraphQL's Int and the cursors of the list hold it. */
const MOST_ROWS = 999_999_999;

/**
 * A page object, or the bare list of an older version, which is the only page (§4.2). Whether more follow is computed from
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

/** The sign says which way the money went (§7); nothing moved counts as in. */
function movement(row: WireTransaction): { readonly amount: Money; readonly direction: MoneyDirection } {
  const signed = dong(row, 'amount');
  return {
    amount: { ...signed, minorUnits: Math.abs(signed.minorUnits) },
    direction: signed.minorUnits < 0 ? 'DEBIT' : 'CREDIT',
  };
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
