import { LRUCache } from 'lru-cache';
import type { BankAccount } from '../domain/bank-account.ts';
import { type AccountIdentity, isOnAccount, type NamedAccount } from '../domain/bank-identity.ts';
import type { BankTransaction } from '../domain/bank-transaction.ts';
import { isReadable, type RowOutcome } from '../domain/unreadable-row.ts';
import type { BankEvent } from '../events/log.ts';
import type { Clock } from '../lib/clock.ts';
import { HOUR, MINUTE } from '../lib/duration.ts';
import { HeldRows } from '../providers/casso/held-rows.ts';
import { vietnamDate } from '../providers/casso/map.ts';
import { createWindow, type OffsetWindow } from '../providers/casso/pagination.ts';
import { OwnBankAccounts } from './own-bank-accounts.ts';
import type { Share } from './share.ts';

/** What names one of Casso's lists of transactions. */
export interface ListOf {
  /** Casso's account id; without, the rows of all accounts. */
  readonly bankAccountId?: string | undefined;
  /** yyyy-mm-dd in Vietnam, inclusive. */
  readonly from?: string | undefined;
  /** The same. */
  readonly to?: string | undefined;
}

interface List extends ListOf {
  readonly window: OffsetWindow<BankTransaction>;
}

const KEY = 'casso/held';
/** How long what is held is kept after it was used last. */
const KEEP = HOUR;
/** How long a list of accounts, or the row of an account, proves that the account is the credential's. */
const PROOF = 10 * MINUTE;
const MOST_LISTS = 100;
const MOST_UNDECIDED = 1_000;

/** Casso's order: by time, and rows of one time by their ids. */
const isNewer = (row: BankTransaction, other: BankTransaction): boolean =>
  row.occurredAt.getTime() === other.occurredAt.getTime()
    ? Number(row.id) > Number(other.id)
    : row.occurredAt > other.occurredAt;

/**
 * What the gateway holds of one Casso credential: its accounts, and each row once, in the order of the lists that were
 * asked for. A webhook adds its row, and sets the balance of the account; it makes nothing else old.
 */
export class HeldBank {
  readonly #clock: Clock;
  readonly #rows = new HeldRows<BankTransaction>();
  readonly #lists = new LRUCache<string, List>({ max: MOST_LISTS });
  /** Accounts that rows of its own lists have named. */
  readonly #named = new Map<string, AccountIdentity & { readonly at: number }>();
  /** The newest row with a balance that a webhook told of each account, and when. */
  readonly #told = new Map<string, { readonly row: BankTransaction; readonly at: number }>();
  #accounts: OwnBankAccounts | null = null;
  #balancesAreOld = false;
  #undecided: readonly BankEvent[] = [];
  /** Casso allows no refresh before, milliseconds since the epoch. */
  restUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As they were listed last, whatever their age. */
  get accounts(): OwnBankAccounts | null {
    return this.#accounts;
  }

  /** The same, while they say whose a transaction is. */
  get provenAccounts(): OwnBankAccounts | null {
    return this.#accounts && this.#clock.now() - this.#accounts.asOf < PROOF ? this.#accounts : null;
  }

  /** What it weighs. */
  get rowCount(): number {
    return 1 + this.#rows.size;
  }

  /** Whether rows wait until the accounts are known. */
  get isUndecided(): boolean {
    return this.#undecided.length > 0;
  }

  list(of: ListOf): OffsetWindow<BankTransaction> {
    const key = [of.bankAccountId, of.from, of.to].map((part) => part ?? '').join('/');
    const held = this.#lists.get(key);
    if (held) return held.window;
    const window = createWindow(this.#clock, isNewer, this.#rows);
    this.#lists.set(key, { ...of, window });
    return window;
  }

  row(id: string): BankTransaction | null {
    return this.#rows.get(id);
  }

  /** The accounts, when their balances are younger than that, and none is known to be old. */
  balances(maxAgeMs: number): OwnBankAccounts | null {
    const isYoung = this.#accounts && this.#clock.now() - this.#accounts.asOf < maxAgeMs;
    return isYoung && !this.#balancesAreOld ? this.#accounts : null;
  }

  /** Rows of its own lists prove which accounts are its own. @param at when they were asked for. */
  learn(rows: Iterable<RowOutcome<BankTransaction>>, at: number): void {
    for (const row of rows) {
      if (!isReadable(row) || row.bankAccountId === null || !row.bank) continue;
      const { bankAccountId: id, bankAccountNumber: accountNumber, bank } = row;
      this.#named.set(id, { id, accountNumber, bank, at });
    }
    if (this.#rows.size > 2 * this.#count()) this.#rows.retain(new Set(this.#ids()));
  }

  /** @param asOf when the list was asked for, milliseconds since the epoch. */
  setAccounts(list: readonly BankAccount[], asOf: number): OwnBankAccounts {
    const before = this.#accounts;
    let accounts = new OwnBankAccounts(list, asOf);
    for (const [id, { row, at }] of this.#told)
      if (at > asOf) accounts = accounts.with(id, row.runningBalance);
    this.#accounts = accounts;
    this.#balancesAreOld = false;
    if (before?.list.some(({ id }) => !accounts.byId.has(id))) this.#lists.clear();
    // When news of an account came that had just been linked, it was taken for a stranger's.
    if (before && list.some(({ id }) => !before.byId.has(id))) this.expire();
    const undecided = this.#undecided;
    this.#undecided = [];
    for (const event of undecided) this.tell(event);
    return accounts;
  }

  /** What a webhook told, if it is on an account of the credential. */
  tell(event: BankEvent): void {
    const { transaction } = event;
    const id = this.#accountOf(transaction);
    if (id === null) return;
    if (id) this.#add({ ...transaction, bankAccountId: id });
    else if (this.provenAccounts || this.#undecided.length >= MOST_UNDECIDED) this.expire();
    else this.#undecided = [...this.#undecided, event];
  }

  /** Something has changed, and it is not known what. */
  expire(): void {
    for (const { window } of this.#lists.values()) window.expire();
    this.#balancesAreOld = true;
  }

  /** Null: on none. Undefined: it cannot be told from what is known. */
  #accountOf(named: NamedAccount): string | null | undefined {
    const accounts = this.provenAccounts;
    if (accounts) return accounts.mayBeOn(named) ? accounts.surelyOn(named)[0]?.id : null;
    const since = this.#clock.now() - PROOF;
    return [...this.#named.values()].find(
      (account) => account.at > since && isOnAccount(named, account) === 'yes',
    )?.id;
  }

  #add(row: BankTransaction): void {
    const day = vietnamDate(row.occurredAt);
    let newest: BankTransaction | null = null;
    for (const { bankAccountId, from, to, window } of this.#lists.values()) {
      if (bankAccountId !== undefined && bankAccountId !== row.bankAccountId) continue;
      if ((from !== undefined && day < from) || (to !== undefined && day > to)) continue;
      window.add(row);
      if (to === undefined) newest ??= newestOf(window, row.bankAccountId);
    }
    this.#setBalance(row, newest ? newest.id === row.id : day >= vietnamDate(new Date(this.#clock.now())));
  }

  /** A row that is booked late tells the balance of its own day, and webhooks may come in another order than their rows. */
  #setBalance(row: BankTransaction, isNewest: boolean): void {
    const { bankAccountId: id, runningBalance: balance } = row;
    if (id === null || !this.#accounts) return;
    const told = this.#told.get(id);
    if (!isNewest || !balance || (told && isNewer(told.row, row))) {
      this.#balancesAreOld = true;
      return;
    }
    this.#told.set(id, { row, at: this.#clock.now() });
    this.#accounts = this.#accounts.with(id, balance);
  }

  *#ids(): Generator<string> {
    for (const { window } of this.#lists.values()) yield* window.ids();
  }

  #count(): number {
    let count = 0;
    for (const _ of this.#ids()) count += 1;
    return count;
  }
}

function newestOf(window: OffsetWindow<BankTransaction>, accountId: string | null): BankTransaction | null {
  const rows = window.peek(Number.POSITIVE_INFINITY)?.rows ?? [];
  return rows.filter(isReadable).find(({ bankAccountId }) => bankAccountId === accountId) ?? null;
}

/** What is held of a credential; nothing yet where it is asked for the first time. */
export function heldBank(share: Share, credentialId: string, clock: Clock): HeldBank {
  const held = peekHeldBank(share, credentialId) ?? new HeldBank(clock);
  // It grows, and is kept for as long as it is used.
  share.set(credentialId, KEY, held, KEEP);
  return held;
}

export const peekHeldBank = (share: Share, credentialId: string): HeldBank | undefined =>
  share.peek(credentialId, KEY) as HeldBank | undefined;

/** Adds the row of a webhook to what the credentials hold that list its account. */
export function tellHeldBanks(share: Share, event: BankEvent): void {
  for (const credentialId of share.holders(KEY)) peekHeldBank(share, credentialId)?.tell(event);
}

/** The event's accounts where they are known to be the credential's own; makes no request. Null: ask (see `eventAccounts`). */
export function knownEventAccounts(
  share: Share,
  credentialId: string,
  { transaction }: BankEvent,
): readonly BankAccount[] | null {
  const certain = peekHeldBank(share, credentialId)?.provenAccounts?.surelyOn(transaction) ?? [];
  return certain.length > 0 ? certain : null;
}
