import { arrayConnection } from '../domain/array-connection.ts';
import type { BankAccount } from '../domain/bank-account.ts';
import {
  type AccountIdentity,
  accountNumberKey,
  isOnAccount,
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
import { GatewayError, rateLimited } from '../domain/errors.ts';
import type { BankEvent } from '../events/log.ts';
import type { Clock } from '../lib/clock.ts';
import { DAY, SECOND } from '../lib/duration.ts';
import type { WebhookSettings } from '../providers/casso/client.ts';
import { vietnamDate } from '../providers/casso/map.ts';
import { cutFromNewest } from '../providers/casso/newest.ts';
import {
  type CountedConnection,
  type FetchPage,
  HEAD_TTL,
  type OffsetWindow,
  paginateWindow,
  type Slice,
} from '../providers/casso/pagination.ts';
import { isRateLimited } from '../providers/casso/window.ts';
import type { Credential, ProviderCall } from '../providers/provider.ts';
import { type ChangeSources, type RegisteredWebhook, replaceWebhook, syncAccount } from './casso-changes.ts';
import { findAll, type OlderRows, onePage } from './find-all.ts';
import { type HeldBank, heldBank, type ListOf } from './held-bank.ts';
import type { KnownAccounts } from './known-accounts.ts';
import { batchLookup, type Lookup } from './lookup.ts';
import { Once } from './once.ts';
import type { OwnBankAccounts } from './own-bank-accounts.ts';
import type { Share } from './share.ts';

const ACCOUNTS = 'casso/accounts';
/** How old balances, and a single row, may be where Casso allows another request; its webhooks bring what is new. */
const KEEP = 30 * SECOND;
/** Rows of one request to Casso, which publishes no maximum. */
const PAGE = 100;
/** Before Casso was founded: the whole history. */
const FIRST_DAY = '2010-01-01';

/** What the loaders of every operation work with. */
export interface CassoSources extends ChangeSources {
  readonly clock: Clock;
  readonly knownAccounts: KnownAccounts;
  /** Told of an event that is kept from a business whose account it may be on, as its bank cannot be compared. */
  readonly onWithheld: (event: BankEvent) => void;
  /** The shop's own business (`CASSO_API_KEY`); null when it is not set. */
  readonly operatorCredential: Credential | null;
}

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
  #newestLoader: Lookup<Slice<BankTransaction> | null> | undefined;

  constructor(sources: CassoSources, share: Share, call: ProviderCall) {
    this.#sources = sources;
    this.#share = share;
    this.#call = call;
  }

  /**
   * What is held costs nothing. Of the rest, one transaction costs one call; of several, those among the newest 100 cost
   * one together, the others one each.
   */
  get bankTransaction(): Lookup<BankTransaction | null> {
    this.#bankTransaction ??= batchLookup<BankTransaction | null>(async (ids) => {
      const held = this.#held;
      const missing = ids.filter((id) => !held.row(id));
      const found = await findAll(
        'CASSO',
        missing,
        (id) => this.#transaction(id),
        onePage(() => this.#newestRows()),
      );
      return ids.map((id) => held.row(id) ?? found[missing.indexOf(id)] ?? null);
    });
    return this.#bankTransaction;
  }

  /** Of several accounts, the newest rows of all are looked at first; the list of one alone is asked by itself. */
  get #newestOf(): Lookup<Slice<BankTransaction> | null> {
    this.#newestLoader ??= batchLookup<Slice<BankTransaction> | null>(async (accounts) => {
      const newest = accounts.length > 1 ? await this.#newest() : this.#list({}).window.peek(HEAD_TTL);
      return accounts.map(() => newest);
    });
    return this.#newestLoader;
  }

  /** Every account of the business: one call. Where Casso cannot be asked now, as they were asked for last. */
  allBankAccounts(): Promise<readonly BankAccount[]> {
    return this.#once.get(ACCOUNTS, async () => {
      const held = this.#held;
      const young = held.balances(KEEP);
      if (young) return young.list;
      if (!held.accounts) return (await this.#askAccounts(this.#call)).list;
      try {
        return (await this.#refresh((call) => this.#askAccounts(call))).list;
      } catch (error) {
        if (isRateLimited(error)) return held.accounts.list;
        throw error;
      }
    });
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
    const list = this.#list({ bankAccountId, from, to });
    if (bankAccountId === undefined || from !== undefined || to !== undefined)
      return paginateWindow({ kind, ...list, request, where, headAge: await this.#headAge(list, request) });

    const totalCount = where ? null : () => this.#total(list);
    const cut = (newest: Slice<BankTransaction> | null, mayEndEarly = false) => {
      const page = newest && cutFromNewest({ kind, newest, bankAccountId, request, where, mayEndEarly });
      return newest && page && { ...page, totalCount, asOf: new Date(newest.asOf) };
    };
    const ofNewest = cut(await this.#newestFor(bankAccountId, list.window, request));
    if (ofNewest) return ofNewest;
    try {
      return await paginateWindow({
        kind,
        ...list,
        request,
        where,
        headAge: await this.#headAge(list, request),
      });
    } catch (error) {
      const standing =
        isRateLimited(error) && cut(this.#list({}).window.peek(Number.POSITIVE_INFINITY), true);
      if (standing) return standing;
      throw error;
    }
  }

  /** The event's account, as `ownAccountsOf` has it: null when it is not this credential's own business's. */
  async eventAccounts(event: BankEvent): Promise<readonly BankAccount[] | null> {
    const { receivedAt, transaction } = event;
    const key = accountNumberKey(transaction.bankAccountNumber);
    const accounts = await this.#owned((owned) => owned.mayBeOn(transaction), receivedAt);
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

  /** See `syncAccount`. */
  sync(bankAccountNumber: string): Promise<void> {
    return syncAccount(this.#sources, this.#call, bankAccountNumber);
  }

  /** See `replaceWebhook`. */
  registerWebhook(settings: WebhookSettings): Promise<RegisteredWebhook> {
    return replaceWebhook(this.#sources, this.#call, settings);
  }

  /**
   * The accounts of a list that was asked for at `wantedAt` or later; of an older one where it has them already.
   * One request at most is sent for all who look at one moment, whatever each looks for.
   * @param wantedAt an account that was linked before this moment, milliseconds since the epoch, is known.
   */
  async #owned<T>(
    find: (accounts: OwnBankAccounts) => T | undefined,
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

  /** As they were asked for at `wantedAt` or later, and no longer ago than they prove anything. */
  async #ownedAccounts(whose: ProviderCall, wantedAt = -Infinity): Promise<OwnBankAccounts> {
    const kept = this.#heldOf(whose.credential).provenAccounts;
    return kept && kept.asOf >= wantedAt ? kept : this.#askAccounts(whose);
  }

  #askAccounts(whose: ProviderCall): Promise<OwnBankAccounts> {
    const { client, clock, knownAccounts } = this.#sources;
    const key = `${ACCOUNTS}${whose.rank === 'REFRESH' ? '/refresh' : ''}`;
    return this.#share.get(whose, key, 0, async (call) => {
      const asOf = clock.now();
      const list = await knownAccounts.learn(client.accounts(call));
      return this.#heldOf(call.credential).setAccounts(list, asOf);
    });
  }

  /** A request that is worth less than others: after a refusal none is made before it may be granted. */
  async #refresh<T>(ask: (call: ProviderCall) => Promise<T>): Promise<T> {
    const { clock } = this.#sources;
    const held = this.#held;
    if (clock.now() < held.restUntil) throw rateLimited(held.restUntil - clock.now(), 'CASSO');
    try {
      return await ask({ ...this.#call, rank: 'REFRESH' });
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'RATE_LIMITED')
        held.restUntil = clock.now() + (error.details.retryAfterSeconds ?? 0) * SECOND;
      throw error;
    }
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

  get #held(): HeldBank {
    return this.#heldOf(this.#call.credential);
  }

  #heldOf({ id }: Credential): HeldBank {
    return heldBank(this.#share, id, this.#sources.clock);
  }

  /** What is held of a list, and how its pages are fetched for this operation. */
  #list(of: ListOf): BankList {
    const { client, clock } = this.#sources;
    const held = this.#held;
    const { bankAccountId, from = FIRST_DAY } = of;
    // Without a last day the list is open at its head: a clock that is a little behind hides nothing.
    const to = of.to ?? vietnamDate(new Date(clock.now() + DAY));
    const query = {
      ...(bankAccountId && { bankAccountId }),
      from,
      to,
      pageSize: PAGE,
      sort: 'DESC' as const,
    };
    const ask = async (whose: ProviderCall, page: number) => {
      const at = clock.now();
      const key = `casso/transactions/${bankAccountId ?? ''}/${from}/${to}/${page}`;
      const answer = await this.#share.get(whose, key, 0, (call) =>
        client.transactions(call, { ...query, page }),
      );
      held.learn(answer.rows, at);
      return answer;
    };
    return {
      window: held.list(of),
      page: (page, isRefresh) =>
        isRefresh ? this.#refresh((call) => ask(call, page)) : ask(this.#call, page),
    };
  }

  /** How old the first page may be. Where it takes a request to know whose the newest rows are, that is made in its place. */
  async #headAge({ window }: BankList, { after }: ForwardRequest): Promise<number> {
    const stands = after === null && window.peek(Number.POSITIVE_INFINITY) !== null;
    return stands && (await this.#decide()) ? Number.POSITIVE_INFINITY : HEAD_TTL;
  }

  /** Learns whose the rows are that webhooks told. @returns whether Casso was asked, or allows no request. */
  #decide(): Promise<boolean> {
    return this.#once.get('decide', async () => {
      if (!this.#held.isUndecided) return false;
      try {
        await this.#once.get(ACCOUNTS, async () => (await this.#askAccounts(this.#call)).list);
        return true;
      } catch (error) {
        return isRateLimited(error);
      }
    });
  }

  /** The newest rows of all accounts. */
  #newest(): Promise<Slice<BankTransaction>> {
    return this.#once.get('newest', async () => {
      const list = this.#list({});
      const head = await list.window.head(await this.#headAge(list, { first: 0, after: null }), list.page);
      return list.window.peek(Number.POSITIVE_INFINITY) ?? head;
    });
  }

  /** The newest rows of all accounts, where they may spare a call for this account's own list. */
  async #newestFor(
    bankAccountId: string,
    own: OffsetWindow<BankTransaction>,
    { after }: ForwardRequest,
  ): Promise<Slice<BankTransaction> | null> {
    if (own.peek(HEAD_TTL)) return null;
    return after === null
      ? this.#newestOf.load(bankAccountId)
      : this.#list({}).window.peek(Number.POSITIVE_INFINITY);
  }

  /** How many rows the list has. */
  async #total({ window, page }: BankList): Promise<number | null> {
    return (await window.head(HEAD_TTL, page)).total;
  }

  async #newestRows(): Promise<OlderRows<BankTransaction>> {
    const { rows, hasMore } = await this.#newest();
    return { rows, hasOlder: hasMore };
  }

  #transaction(id: string): Promise<BankTransaction | null> {
    return this.#share.get(this.#call, `casso/transaction/${id}`, KEEP, (call) =>
      this.#sources.client.transaction(call, id),
    );
  }
}

interface BankList {
  readonly window: OffsetWindow<BankTransaction>;
  readonly page: FetchPage<BankTransaction>;
}
