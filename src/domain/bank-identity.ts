import { unaccented } from '../lib/unaccented.ts';
import type { Bank, BankAccount } from './bank-account.ts';
import type { BankTransaction } from './bank-transaction.ts';
import { BANK_BY_WORD } from './banks.ts';

/*
 * A bank account is its bank and its number: banks give numbers each by itself, and in Vietnam customers choose theirs.
 * Here alone it is decided which account a bank transaction is on.
 */

/** What names an account of a Casso business. */
export type AccountIdentity = Pick<BankAccount, 'id' | 'accountNumber' | 'bank'>;

/** What a transaction says of its account; webhooks tell no id, and some no bank. */
export type NamedAccount = Pick<BankTransaction, 'bankAccountId' | 'bankAccountNumber' | 'bank'>;

/** `unknown`: the number is the same, and what is known of the banks decides nothing. */
export type Match = 'yes' | 'no' | 'unknown';

/** The number as it is compared and looked up by: banks and people group its digits by blanks, dots and hyphens. */
export const accountNumberKey = (accountNumber: string): string => accountNumber.replace(/[\s.-]/gu, '');

/** Whether the transaction is on that account. */
export function isOnAccount(named: NamedAccount, account: AccountIdentity): Match {
  if (accountNumberKey(named.bankAccountNumber) !== accountNumberKey(account.accountNumber)) return 'no';
  if (named.bankAccountId === account.id) return 'yes';
  return named.bank ? isSameBank(named.bank, account.bank) : 'unknown';
}

/**
 * Whether both tell the same of one transaction, as far as money and identity go. What else may differ between a webhook and a
 * list, such as the time of day, is not looked at; nor is what one of them does not tell.
 */
export const isSamePayment = (one: BankTransaction, other: BankTransaction): boolean =>
  one.amount.minorUnits === other.amount.minorUnits &&
  one.amount.currency === other.amount.currency &&
  one.direction === other.direction &&
  accountNumberKey(one.bankAccountNumber) === accountNumberKey(other.bankAccountNumber) &&
  !(one.bank && other.bank && isSameBank(one.bank, other.bank) === 'no') &&
  (one.reference === other.reference || one.reference === '' || other.reference === '');

/**
 * The transaction's account, for the business that lists `accounts`.
 * @param known accounts of every business that is known here. A number alone, without a bank that can be compared, says
 *   whose it is only where none of these bears it but the business's own.
 * @returns null when it is not on an account of the business, or may be on another's; otherwise the accounts that it is
 *   on: one (several when a list holds an account twice), or none when two of the business's own come into question.
 */
export function ownAccountsOf<A extends AccountIdentity>(
  named: NamedAccount,
  accounts: readonly A[],
  known: readonly AccountIdentity[],
): readonly A[] | null {
  const certain = accounts.filter((account) => isOnAccount(named, account) === 'yes');
  if (certain.length > 0) return certain;
  const possible = accounts.filter((account) => isOnAccount(named, account) === 'unknown');
  const isOwn = (other: AccountIdentity): boolean =>
    possible.some((own) => own.id === other.id || isSameBank(own.bank, other.bank) === 'yes');
  const mayBeAnothers = known.some((other) => isOnAccount(named, other) !== 'no' && !isOwn(other));
  if (possible.length === 0 || mayBeAnothers) return null;
  return possible.length === 1 ? possible : [];
}

/** Two descriptions of a bank, in whatever words: code name, abbreviation, name, NAPAS number. */
export function isSameBank(one: Bank, other: Bank): Match {
  const lines = [linesOf(one), linesOf(other)] as const;
  // What speaks of two banks at once speaks of none.
  if (lines.some(({ size }) => size > 1)) return 'unknown';
  if (lines.every(({ size }) => size === 1)) return [...lines[0]][0] === [...lines[1]][0] ? 'yes' : 'no';
  const words = new Set(wordsOf(one));
  return wordsOf(other).some((word) => words.has(word)) ? 'yes' : 'unknown';
}

const linesOf = (bank: Bank): ReadonlySet<string> =>
  new Set(
    textsOf(bank)
      .flatMap((text) => [text, ...text.split(/[_()/|]| - /u)])
      .flatMap((part) => {
        const word = normalForm(part);
        return BANK_BY_WORD.get(word) ?? BANK_BY_WORD.get(word.replace(/bank$/u, '')) ?? [];
      }),
  );

const wordsOf = (bank: Bank): readonly string[] => textsOf(bank).map(normalForm).filter(Boolean);

const textsOf = ({ code, name, bin }: Bank): readonly string[] =>
  [code, name, bin].filter((text) => text !== null);

/** What every bank calls itself. */
const GENERIC =
  /\b(?:ngan hang(?: so)?|tmcp|thuong mai co phan|tnhh|mtv|mot thanh vien|(?:joint stock commercial|commercial joint stock) bank)\b/gu;

/** Lower-case letters and digits, without accents, blanks and the words that every bank has. */
const normalForm = (text: string): string =>
  unaccented(text)
    .replace(/[^a-z0-9]+/gu, ' ')
    .replace(GENERIC, '')
    .replaceAll(' ', '');
