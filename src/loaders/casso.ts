import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { arrayConnection } from '../domain/array-connection.ts';
import type { BankAccount } from '../domain/bank-account.ts';
import {
  type AccountIdentity,
  accountNumberKey,
  isOnAccount,
  type NamedAccount,
  ownAccountsOf,
} from '../domain/bank-identity.ts';
import type { BankTransaction, BankTransactionFilter } from '../domain/bank-transaction.ts';
import { conditionsKey, hasConditions, meets } from '../domain/bank-transaction-conditions.ts';
import {
  type Connection,
  type ForwardArguments,
  type ForwardRequest,
  pageRequest,
} from '../domain/connection.ts';
import { type ErrorCode, GatewayError, rateLimited } from '../domain/errors.ts';
import type { BankEvent } from '../events/log.ts';
import { Abort } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { DAY, MINUTE, SECOND } from '../lib/duration.ts';
import type { CassoClient, WebhookSettings } from '../providers/casso/client.ts';
import { vietnamDate } from '../providers/casso/map.ts';
import { cutFromNewest } from '../providers/casso/newest.ts';
import {
  type CountedConnection,
  CURSOR_TTL,
  createWindow,
  type FetchPage,
  HEAD_TTL,
  type OffsetPage,
  type OffsetWindow,
  paginateWindow,
} from '../providers/casso/pagination.ts';
import type { Credential, ProviderCall } from '../providers/provider.ts';
import { findAll, type OlderRows, onePage } from './find-all.ts';
import type { KnownAccounts } from './known-accounts.ts';
import { batchLookup, type Lookup } from './lookup.ts';
import { Once } from './once.ts';
import type { Share } from './share.ts';

/** Keys of what a webhook makes old (see `forgetTouched`). */
export const LIVE = 'casso/live/';

/** Keys of the accounts that a credential is known to list. */
const OWNED = 'casso/owned';

/** Casso allows very few requests, and its webhooks empty this at once. */
const KEEP = 30 * SECOND;
/** How long the fetched part of a list is kept for clients that page through it. */
const KEEP_WINDOW = 5 * MINUTE;
/** Rows of one request to Casso, which publishes no maximum. */
const PAGE = 100;
/** The accounts that news is compared with; for a number that is not among them the list is asked for again (see `#owned`). */
const KEEP_OWNED = 10 * MINUTE;
/** Before Casso was founded: the whole history. */
const FIRST_DAY = '2010-01-01';

/** What the loaders of every operation work with. */
export interface CassoSources {
  readonly client: CassoClient;
  readonly clock: Clock;
  readonly syncPauses: SyncPauses;
  readonly knownAccounts: KnownAccounts;
  /** Told of an event that is kept from a business whose account it may be on, as its bank cannot be compared. */
  readonly onWithheld: (event: BankEvent) => void;
  /** The shop's own business (`CASSO_API_KEY`); null when it is not set. */
  readonly operatorCredential: Credential | null;
}

/** How long one account rests between two syncs (providers/casso.md §9: Casso publishes no figure). */
const SYNC_PAUSE = MINUTE;

/** A change that was refused is owed the next turn; only a Casso that refuses by itself needs more than one. */
const MOST_REFUSALS = 3;

/** After these Casso surely did not look at the bank; after any other failure it may have. */
const NOT_LOOKED_AT: ReadonlySet<ErrorCode> = new Set([
  'UNAUTHENTICATED',
  'RATE_LIMITED',
  'UPSTREAM_REJECTED',
]);

/** Syncs per credential and account; counted by this process. */
export type SyncPauses = RateLimiterMemory;
export const createSyncPauses = (): SyncPauses =>
  new RateLimiterMemory({ points: 1, duration: SYNC_PAUSE / SECOND });

/**
 * What one operation asks of Casso under one credential: large pages fetched once and shared with the credential's
 * other operations, as Casso may allow no more than two requests a minute.
 * Every method throws what the client's methods throw.
 */
export class CassoLoaders {
  readonly #sources: CassoSources;
  readonly #share: Share;
  readonly #call: ProviderCall;
  readonly #once = new Once();
  /** Each is made when it is first used: most operations use one or none. */
  #bankTransaction: Lookup<BankTransaction | null> | undefined;
  #newestLoader: Lookup<OffsetPage<BankTransaction> | null> | undefined;

  constructor(sources: CassoSources, share: Share, call: ProviderCall) {
    this.#sources = sources;
    this.#share = share;
    this.#call = call;
  }

  /** One transaction costs one call; of several, those among the newest 100 cost one together, the others one each. */
  get bankTransaction(): Lookup<BankTransaction | null> {
    this.#bankTransaction ??= batchLookup<BankTransaction | null>((ids) =>
      findAll(
        'CASSO',
        ids,
        (id) => this.#transaction(id),
        onePage(() => this.#newestRows()),
      ),
    );
    return this.#bankTransaction;
  }

  /** Of several accounts, the newest rows of all are looked at first; the list of one alone is asked by itself. */
  get #newestOf(): Lookup<OffsetPage<BankTransaction> | null> {
    this.#newestLoader ??= batchLookup<OffsetPage<BankTransaction> | null>(async (accounts) => {
      const { window } = await this.#list();
      const newest = accounts.length > 1 ? await this.#newest() : window.peek(1, HEAD_TTL);
      return accounts.map(() => newest);
    });
    return this.#newestLoader;
  }

  /** Every account of the business: one call. */
  allBankAccounts(): Promise<readonly BankAccount[]> {
    const key = `${LIVE}accounts`;
    return this.#once.get(key, () =>
      this.#share.get(this.#call, key, KEEP, (call) => this.#fetchAccounts(call)),
    );
  }

  /** From the list: one call for any number of accounts. Null: unknown or another business's. */
  async bankAccount(id: string): Promise<BankAccount | null> {
    return (await this.allBankAccounts()).find((account) => account.id === id) ?? null;
  }

  /** @throws GatewayError BAD_USER_INPUT naming the argument, before any call where it can be told. */
  async bankAccounts(args: ForwardArguments): Promise<Connection<BankAccount>> {
    const request = pageRequest(args);
    return arrayConnection('casso.account', request, () => this.allBankAccounts());
  }

  /**
   * Newest first. Without dates the whole history is meant; rows of today are in it as they come.
   * @throws GatewayError BAD_USER_INPUT naming the argument, before any call where it can be told.
   */
  async bankTransactions(
    { bankAccountId, from, to, ...conditions }: BankTransactionFilter,
    args: ForwardArguments,
  ): Promise<CountedConnection<BankTransaction>> {
    const request = pageRequest(args);
    const kind = `casso.transaction.${[bankAccountId, from, to, conditionsKey(conditions)].map((part) => part ?? '').join('.')}`;
    const where = hasConditions(conditions) ? (row: BankTransaction) => meets(row, conditions) : undefined;
    const list = await this.#list(bankAccountId, from, to);
    if (bankAccountId !== undefined && from === undefined && to === undefined) {
      const newest = await this.#newestFor(bankAccountId, list.window, request);
      const isOnAccount = (row: BankTransaction) =>
        row.bankAccountId === null ? null : row.bankAccountId === bankAccountId;
      const cut = newest && cutFromNewest({ kind, newest, isOnAccount, request, where });
      const totalCount = where ? null : () => this.#total(list);
      if (cut) return { ...cut, totalCount };
    }
    return paginateWindow({ kind, ...list, request, where });
  }

  /** The event's account, as `ownAccountsOf` has it: null when it is not this credential's own business's. */
  async eventAccounts(event: BankEvent): Promise<readonly BankAccount[] | null> {
    const { receivedAt, transaction } = event;
    const key = accountNumberKey(transaction.bankAccountNumber);
    const accounts = await this.#owned((owned) => mayBeOn(transaction, owned), receivedAt);
    if (!accounts) return null;
    const isCertain = accounts.some((account) => isOnAccount(transaction, account) === 'yes');
    const own = ownAccountsOf(transaction, accounts, isCertain ? [] : await this.#bearersOf(key));
    // It may be on an account of theirs.
    if (own === null) this.#sources.onWithheld(event);
    return own;
  }

  /** An account by Casso's id; null: unknown or another business's. Whose an account is outlives its balance. */
  async ownAccount(id: string): Promise<BankAccount | null> {
    const account = await this.#owned(({ byId }) => byId.get(id), this.#sources.clock.now());
    return account ?? null;
  }

  /**
   * Asks Casso to look at the bank: exactly one request. It takes the number alone, so accounts that share one are
   * looked at together, and rest together.
   * @throws GatewayError RATE_LIMITED when the account was looked at less than a minute ago.
   */
  async sync(bankAccountNumber: string): Promise<void> {
    const { client, syncPauses } = this.#sources;
    const key = `${this.#call.credential.id} ${accountNumberKey(bankAccountNumber)}`;
    try {
      await syncPauses.consume(key);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw rateLimited(error.msBeforeNext, 'CASSO', 'This account was synced within the last minute');
    }
    try {
      await client.sync(this.#call, bankAccountNumber);
    } catch (error) {
      if (error instanceof GatewayError && NOT_LOOKED_AT.has(error.code)) await syncPauses.delete(key);
      throw error;
    }
  }

  /** Idempotent: whatever was registered for the URL goes first. */
  async registerWebhook(
    settings: WebhookSettings,
  ): Promise<{ readonly url: string; readonly incomeOnly: boolean }> {
    const { client } = this.#sources;
    // Not for as long as the client waits: left in the middle, the shop would have no webhook at all.
    const call = { ...this.#call, signal: new Abort() };
    await client.deleteWebhooks(call, settings.url);
    return untilAllowed(() => client.createWebhook(call, settings));
  }

  /**
   * The accounts of a list that was asked for at `wantedAt` or later; of an older one where it has them already.
   * One request at most is sent for all who look at one moment, whatever each looks for.
   * @param wantedAt an account that was linked before this moment, milliseconds since the epoch, is known.
   */
  async #owned<T>(
    find: (accounts: OwnedAccounts) => T | undefined,
    wantedAt: number,
  ): Promise<T | undefined> {
    const known = await this.#ownedAccounts(this.#call);
    // The clock that an event was received by may be another machine's, and ahead of ours.
    const asOf = Math.min(wantedAt, this.#sources.clock.now());
    const found = find(known);
    // It may have been linked since: a "no" is believed only from a list that is younger than what it is asked for.
    if (found || known.asOf >= asOf) return found;
    const latest = await this.#ownedAccounts(this.#call, asOf);
    // The list that was on its way already may be too old, too.
    return find(latest.asOf >= asOf ? latest : await this.#ownedAccounts(this.#call, asOf));
  }

  #ownedAccounts(whose: ProviderCall, wantedAt = -Infinity): Promise<OwnedAccounts> {
    const { credential } = whose;
    const fetch = async (call: ProviderCall): Promise<OwnedAccounts> => {
      const asOf = this.#sources.clock.now();
      const accounts = await this.#fetchAccounts(call);
      const before = this.#share.peek(credential.id, OWNED) as OwnedAccounts | undefined;
      // When news of an account came that had just been linked, this credential was taken for a stranger to it (see `mayOwn`).
      if (before && accounts.some(({ id }) => !before.byId.has(id))) this.#share.forget(credential.id, LIVE);
      return {
        asOf,
        byId: new Map(accounts.map((account) => [account.id, account])),
        byNumber: groupByNumber(accounts),
      };
    };
    return this.#share.get(whose, OWNED, KEEP_OWNED, fetch, (kept) => kept.asOf >= wantedAt);
  }

  #fetchAccounts(call: ProviderCall): Promise<readonly BankAccount[]> {
    const { client, knownAccounts } = this.#sources;
    return knownAccounts.learn(client.accounts(call));
  }

  /** Accounts of that number, of every business that is known here; the shop's own is asked if it is not known yet. */
  async #bearersOf(key: string): Promise<readonly AccountIdentity[]> {
    const { operatorCredential: shop, knownAccounts } = this.#sources;
    if (shop && shop.id !== this.#call.credential.id) {
      const asked = this.#ownedAccounts({ ...this.#call, credential: shop });
      await asked.catch((error: unknown) => {
        // A key that Casso refuses is an operator's affair, and tells nothing.
        if (!(error instanceof GatewayError && error.code === 'UPSTREAM_REJECTED')) throw error;
      });
    }
    return knownAccounts.bearersOf(key);
  }

  /** The credential's window on a list, and how its pages are fetched for this operation. */
  async #list(bankAccountId?: string, from = FIRST_DAY, to?: string): Promise<BankList> {
    const { client, clock } = this.#sources;
    // Without a last day the list is open at its head: a clock that is a little behind hides nothing.
    const query = {
      ...(bankAccountId && { bankAccountId }),
      from,
      to: to ?? vietnamDate(new Date(clock.now() + DAY)),
      pageSize: PAGE,
      sort: 'DESC' as const,
    };
    const key = `${LIVE}transactions/${bankAccountId ?? ''}/${from}/${query.to}`;
    return {
      window: await this.#share.get(this.#call, key, KEEP_WINDOW, async () =>
        createWindow<BankTransaction>(clock),
      ),
      page: (number) =>
        this.#share.get(this.#call, `${key}/${number}`, 0, (call) =>
          client.transactions(call, { ...query, page: number }),
        ),
    };
  }

  /** The first page of all accounts. */
  #newest(): Promise<OffsetPage<BankTransaction>> {
    return this.#once.get('newest', async () => {
      const { window, page } = await this.#list();
      return window.page(1, HEAD_TTL, page);
    });
  }

  /** The first page of all accounts, where it may spare a call for this account's own list. */
  async #newestFor(
    bankAccountId: string,
    own: OffsetWindow<BankTransaction>,
    { after }: ForwardRequest,
  ): Promise<OffsetPage<BankTransaction> | null> {
    if (own.peek(1, HEAD_TTL)) return null;
    if (after === null) return this.#newestOf.load(bankAccountId);
    const { window } = await this.#list();
    return window.peek(1, CURSOR_TTL);
  }

  /** How many rows the list has. */
  async #total({ window, page }: BankList): Promise<number | null> {
    return (await window.page(1, HEAD_TTL, page)).total;
  }

  async #newestRows(): Promise<OlderRows<BankTransaction>> {
    const { rows, hasMore } = await this.#newest();
    return { rows, hasOlder: hasMore };
  }

  #transaction(id: string): Promise<BankTransaction | null> {
    return this.#share.get(this.#call, `${LIVE}transaction/${id}`, KEEP, (call) =>
      this.#sources.client.transaction(call, id),
    );
  }
}

/** Sends as soon as Casso's allowance has room, for what must not be left in the middle; a few minutes at most. */
async function untilAllowed<T>(send: () => Promise<T>): Promise<T> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return await send();
    } catch (error) {
      const isLimited = error instanceof GatewayError && error.code === 'RATE_LIMITED';
      if (!isLimited || refusals === MOST_REFUSALS) throw error;
      await sleep((error.details.retryAfterSeconds ?? 1) * SECOND);
    }
  }
}

/** False when the accounts that the credential lists are known, and the transaction can be on none of them. */
export function mayOwn(share: Share, credentialId: string, named: NamedAccount): boolean {
  const known = share.peek(credentialId, OWNED) as OwnedAccounts | undefined;
  return known === undefined || mayBeOn(named, known) !== undefined;
}

/** The event's accounts where they are known to be the credential's own; makes no request. Null: ask (see `eventAccounts`). */
export function knownEventAccounts(
  share: Share,
  credentialId: string,
  { transaction }: BankEvent,
): readonly BankAccount[] | null {
  const known = share.peek(credentialId, OWNED) as OwnedAccounts | undefined;
  const accounts = known && mayBeOn(transaction, known);
  const certain = accounts?.filter((account) => isOnAccount(transaction, account) === 'yes') ?? [];
  return certain.length > 0 ? certain : null;
}

/** The accounts that the transaction is on, or may be; undefined when there are none. */
function mayBeOn(named: NamedAccount, { byNumber }: OwnedAccounts): readonly BankAccount[] | undefined {
  const accounts = byNumber
    .get(accountNumberKey(named.bankAccountNumber))
    ?.filter((account) => isOnAccount(named, account) !== 'no');
  return accounts && accounts.length > 0 ? accounts : undefined;
}

function groupByNumber(accounts: readonly BankAccount[]): ReadonlyMap<string, readonly BankAccount[]> {
  const groups = new Map<string, BankAccount[]>();
  for (const account of accounts) {
    const key = accountNumberKey(account.accountNumber);
    groups.set(key, [...(groups.get(key) ?? []), account]);
  }
  return groups;
}

interface BankList {
  readonly window: OffsetWindow<BankTransaction>;
  readonly page: FetchPage<BankTransaction>;
}

interface OwnedAccounts {
  /** Milliseconds since the epoch, from before the list was asked for. */
  readonly asOf: number;
  readonly byId: ReadonlyMap<string, BankAccount>;
  /** By `accountNumberKey`: banks give numbers each by itself. */
  readonly byNumber: ReadonlyMap<string, readonly BankAccount[]>;
}
