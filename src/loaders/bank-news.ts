import type { BankAccount } from '../domain/bank-account.ts';
import type { BankTransaction } from '../domain/bank-transaction.ts';
import type { BankEvent } from '../events/log.ts';
import { HOUR } from '../lib/duration.ts';
import { vietnamDate } from '../providers/casso/map.ts';
import type { OffsetWindow } from '../providers/casso/pagination.ts';
import type { Share } from './share.ts';

/*
 * What a Casso webhook brings is added to what is held of the credentials that list its account: it makes nothing else old.
 */

/** Keys of what is held of a credential's bank accounts and their rows. */
export const LIVE = 'casso/live/';
export const LISTS = `${LIVE}lists/`;
export const ACCOUNTS = `${LIVE}accounts`;
/** Events of which it is not known yet whether they are on an account of the credential. */
const UNDECIDED = `${LIVE}undecided`;
/** How long it is held at most, so that nothing outlives the end of a credential for long. */
export const HOLD = HOUR;
const MOST_UNDECIDED = 1_000;

/** One list of a credential: what was fetched of it, and what webhooks brought since. */
export interface HeldList {
  /** Null: of all accounts. */
  readonly bankAccountId: string | null;
  /** yyyy-mm-dd in Vietnam, inclusive. */
  readonly from: string;
  /** The same; null: there is no last day. */
  readonly to: string | null;
  readonly window: OffsetWindow<BankTransaction>;
  /** What it weighs among all that is held. */
  readonly maxRows: number;
}

export interface HeldAccounts {
  /** When Casso was asked for them, milliseconds since the epoch; 0: a balance is known to be old. */
  readonly asOf: number;
  readonly accounts: readonly BankAccount[];
}

/** Adds an event's row to every list of the credential that it belongs to, and sets the balance of its account. */
export function addBankRow(
  share: Share,
  credentialId: string,
  { transaction }: BankEvent,
  account: BankAccount,
): void {
  const row: BankTransaction = { ...transaction, bankAccountId: account.id };
  const day = vietnamDate(row.occurredAt);
  let newest: string | null = null;
  for (const [, value] of share.under(credentialId, LISTS)) {
    const { bankAccountId, from, to, window } = value as HeldList;
    if ((bankAccountId !== null && bankAccountId !== account.id) || day < from || (to !== null && day > to))
      continue;
    window.add(row);
    const rows = to === null ? (window.peek(1, Number.POSITIVE_INFINITY)?.rows ?? []) : [];
    newest ??=
      rows.find((other) => 'bankAccountId' in other && other.bankAccountId === account.id)?.id ?? null;
  }
  // It may have been looked for before it was there.
  share.forget(credentialId, `${LIVE}transaction/${row.id}`);
  const held = share.peek(credentialId, ACCOUNTS) as HeldAccounts | undefined;
  if (!held) return;
  // A row that is booked late tells the balance of its own day.
  const balance = newest === row.id ? row.runningBalance : null;
  const accounts = held.accounts.map((one) => (one.id === account.id && balance ? { ...one, balance } : one));
  share.set(credentialId, ACCOUNTS, { asOf: balance ? held.asOf : 0, accounts } satisfies HeldAccounts, HOLD);
}

/** Keeps an event until it is known whose account it is on (see `decide`). */
export function leaveUndecided(share: Share, credentialId: string, event: BankEvent): void {
  const events = undecided(share, credentialId);
  if (events.length < MOST_UNDECIDED) {
    share.set(credentialId, UNDECIDED, [...events, event], HOLD);
    return;
  }
  share.set(credentialId, UNDECIDED, [], HOLD);
  expireBankRows(share, credentialId);
}

export const undecided = (share: Share, credentialId: string): readonly BankEvent[] =>
  (share.peek(credentialId, UNDECIDED) as readonly BankEvent[] | undefined) ?? [];

/** @returns what was undecided, which nobody keeps any more. */
export function takeUndecided(share: Share, credentialId: string): readonly BankEvent[] {
  const events = undecided(share, credentialId);
  share.forget(credentialId, UNDECIDED);
  return events;
}

/** Something changed, and it is not known what: all that is held is old. */
export function expireBankRows(share: Share, credentialId: string): void {
  for (const [, value] of share.under(credentialId, LISTS)) (value as HeldList).window.expire();
  const held = share.peek(credentialId, ACCOUNTS) as HeldAccounts | undefined;
  if (held) share.set(credentialId, ACCOUNTS, { ...held, asOf: 0 }, HOLD);
}
