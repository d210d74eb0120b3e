import { createHash } from 'node:crypto';
import type { Account, AccountBalance } from '../domain/account.ts';
import { arrayConnection } from '../domain/array-connection.ts';
import type { Card } from '../domain/card.ts';
import type { CardIssuer } from '../domain/card-issuer.ts';
import type { Cardholder } from '../domain/cardholder.ts';
import {
  type Connection,
  type ConnectionArguments,
  type LazyConnection,
  pageRequest,
} from '../domain/connection.ts';
import { notFound, unreadableAsValue } from '../domain/errors.ts';
import type { Transaction, TransactionFilter } from '../domain/transaction.ts';
import type { BongloyEvent } from '../events/log.ts';
import { MINUTE, SECOND } from '../lib/duration.ts';
import type { BongloyClient, ListPage, Slice } from '../providers/bongloy/client.ts';
import { everyRow, paginate } from '../providers/bongloy/pagination.ts';
import type { ProviderCall } from '../providers/provider.ts';
import type { CardNews } from './card-news.ts';
import { findAll, onePage } from './find-all.ts';
import { Listed } from './listed.ts';
import { batchLookup, Lookup } from './lookup.ts';
import { Once } from './once.ts';
import type { Share } from './share.ts';

/** Keys of what a webhook makes old (see `forgetTouched`). */
export const LIVE = 'bongloy/live/';

/** Balances and lists: what a person who looks twice may see unchanged. Webhooks empty it at once. */
const KEEP = 2 * SECOND;
/** The issuer's name and artwork hardly ever change. */
const KEEP_ISSUER = 5 * MINUTE;

/** What the loaders of every operation work with. */
export interface BongloySources {
  readonly client: BongloyClient;
  readonly cardNews: CardNews;
  /** Told of each list that was asked for beside a page, and whether any row of the page needed it. */
  readonly onAhead?: OnAhead | undefined;
}

/** What a page's rows are sure to need. */
export interface RelatedLists {
  readonly cards: boolean;
  readonly accounts: boolean;
  /** The balances of these accounts, which have no list. */
  readonly balances: boolean;
}

export type OnAhead = (list: 'cards' | 'accounts', outcome: 'used' | 'wasted') => void;

const NO_LISTS: RelatedLists = { cards: false, accounts: false, balances: false };

/**
 * What one operation asks of Bongloy under one credential: batched, de-duplicated, and shared with the credential's
 * other operations. A list never costs a call per row: several ids are answered from list pages of 100.
 * Every method throws what the client's methods throw.
 */
export class BongloyLoaders {
  readonly #client: BongloyClient;
  readonly #cardNews: CardNews;
  readonly #onAhead: OnAhead;
  readonly #share: Share;
  readonly #call: ProviderCall;
  readonly #once = new Once();
  /** Each is made when it is first used: most operations use one or none. */
  #account: Listed<Account> | undefined;
  #card: Listed<Card> | undefined;
  #transaction: Lookup<Transaction | null> | undefined;
  #balance: Lookup<AccountBalance> | undefined;

  constructor({ client, cardNews, onAhead = () => {} }: BongloySources, share: Share, call: ProviderCall) {
    this.#client = client;
    this.#cardNews = cardNews;
    this.#onAhead = onAhead;
    this.#share = share;
    this.#call = call;
  }

  get account(): Listed<Account> {
    this.#account ??= new Listed({
      single: (id) => this.#one('account', id, (call) => this.#client.account(call, id)),
      page: this.#accountPage,
    });
    return this.#account;
  }

  get card(): Listed<Card> {
    this.#card ??= new Listed({
      single: (id) => this.#one('card', id, (call) => this.#client.card(call, id)),
      page: this.#cardPage,
    });
    return this.#card;
  }

  /**
   * Transactions have no short list to look in: of several ids, those among the newest 100 cost one call together
   * and the others one each.
   */
  get transaction(): Lookup<Transaction | null> {
    this.#transaction ??= batchLookup((ids) =>
      findAll(
        'BONGLOY',
        ids,
        (id) => this.#one('transaction', id, (call) => this.#client.transaction(call, id)),
        onePage(() => this.#newestTransactions({ size: 100 })),
      ),
    );
    return this.#transaction;
  }

  /** By account id. There is no list of balances: one call per account. @throws GatewayError NOT_FOUND. */
  get balance(): Lookup<AccountBalance> {
    this.#balance ??= new Lookup(async (id) => {
      const balance = await this.#one('balance', id, (call) => this.#client.balance(call, id));
      if (!balance) throw notFound('account', 'BONGLOY');
      return balance;
    });
    return this.#balance;
  }

  /** Whether the event is passed over without a read: see `CardNews.skips`. */
  skipsEvent(event: BongloyEvent): Promise<boolean> {
    return this.#cardNews.skips(this.#call, event);
  }

  /** The transaction of an event, as it is now: see `CardNews.read`. */
  eventTransaction(event: BongloyEvent) {
    const key = `event/${event.position}`;
    return this.#once.get(key, () => this.#cardNews.read(this.#call, event));
  }

  cardIssuer(): Promise<CardIssuer> {
    return this.#ask('bongloy/card_issuer', KEEP_ISSUER, (call) => this.#client.cardIssuer(call));
  }

  cardholder(): Promise<Cardholder> {
    return this.#ask(`${LIVE}cardholder`, KEEP, (call) => this.#client.cardholder(call));
  }

  /** @throws GatewayError BAD_USER_INPUT naming the argument, before any call. */
  async accounts(args: ConnectionArguments): Promise<LazyConnection<Account>> {
    const request = pageRequest(args);
    const exists = (id: string) => isThere(this.account.load(id));
    return paginate(
      { kind: 'bongloy.account', page: this.#accountPage, exists, linksAreExact: this.#linksAreExact },
      request,
    );
  }

  /** @throws GatewayError BAD_USER_INPUT naming the argument, before any call. */
  async cards(args: ConnectionArguments): Promise<LazyConnection<Card>> {
    const request = pageRequest(args);
    const exists = (id: string) => isThere(this.card.load(id));
    return paginate(
      { kind: 'bongloy.card', page: this.#cardPage, exists, linksAreExact: this.#linksAreExact },
      request,
    );
  }

  /**
   * The provider cannot filter cards: the list is read as a whole once, for all accounts of the operation.
   * @throws GatewayError BAD_USER_INPUT naming the argument, before any call.
   */
  async cardsOf(accountId: string, args: ConnectionArguments): Promise<Connection<Card>> {
    const request = pageRequest(args);
    return arrayConnection(`bongloy.card.${accountId}`, request, async () => {
      this.#allCards ??= everyRow(this.#cardPage);
      const cards = await this.#allCards;
      return cards.filter((card) => card.accountId === accountId);
    });
  }

  /**
   * @param related lists that are asked for beside the page, where it may have rows: these then find in them what they are
   *   related to. For a list that names one card or account in its filter, that one is not looked for in a list.
   * @throws GatewayError BAD_USER_INPUT naming the argument, before any call.
   */
  async transactions(
    filter: TransactionFilter,
    args: ConnectionArguments,
    related: RelatedLists = NO_LISTS,
  ): Promise<LazyConnection<Transaction>> {
    const request = pageRequest(args);
    const mayHaveRows = ('last' in request ? request.last : request.first) > 0;
    const cards = mayHaveRows && related.cards && filter.cardId === undefined;
    const accounts = mayHaveRows && related.accounts && filter.accountId === undefined;
    let cardsCame: Promise<void> | undefined;
    let accountsCame: Promise<void> | undefined;
    const digest = filterDigest(filter);
    const page = (p: ListPage) => {
      const asked = this.#ask(`${LIVE}transactions?${digest}&${pageKey(p)}`, KEEP, (call) =>
        this.#client.transactions(call, p, filter),
      );
      // Not before a page is asked for: the cursors are good then.
      if (cards) cardsCame ??= this.card.ahead();
      if (accounts) accountsCame ??= this.account.ahead();
      return asked;
    };
    const exists = (id: string) => isThere(this.transaction.load(id));
    const kind = `bongloy.transaction.${digest}`;
    const found = await paginate({ kind, page, exists, linksAreExact: this.#linksAreExact }, request);
    const rows = found.edges.map(({ node }) => node);
    const needsCards = rows.some(({ cardId }) => cardId !== null);
    const needsAccounts = rows.length > 0;
    if (cards) this.#onAhead('cards', needsCards ? 'used' : 'wasted');
    if (accounts) this.#onAhead('accounts', needsAccounts ? 'used' : 'wasted');
    // They need no more than the ids, so they do not wait for the lists. Those who load them again get the errors.
    if (accounts && related.balances)
      for (const id of new Set(rows.map(({ accountId }) => accountId))) this.balance.load(id).catch(() => {});
    // A list that no row needs may be late, and holds up no answer.
    await Promise.all([needsCards && cardsCame, needsAccounts && accountsCame]);
    return found;
  }

  #allCards: Promise<readonly Card[]> | undefined;

  readonly #linksAreExact = (): boolean => this.#client.linksAreExact();

  readonly #accountPage = (page: ListPage): Promise<Slice<Account>> =>
    this.#ask(`${LIVE}accounts?${pageKey(page)}`, KEEP, (call) => this.#client.accounts(call, page));

  readonly #cardPage = (page: ListPage): Promise<Slice<Card>> =>
    this.#ask(`${LIVE}cards?${pageKey(page)}`, KEEP, (call) => this.#client.cards(call, page));

  readonly #newestTransactions = (page: ListPage): Promise<Slice<Transaction>> =>
    this.#ask(`${LIVE}transactions?${filterDigest({})}&${pageKey(page)}`, KEEP, (call) =>
      this.#client.transactions(call, page),
    );

  #ask<T>(key: string, keepMs: number, fetch: (call: ProviderCall) => Promise<T>): Promise<T> {
    return this.#once.get(key, () => this.#share.get(this.#call, key, keepMs, fetch));
  }

  #one<T>(kind: string, id: string, fetch: (call: ProviderCall) => Promise<T>): Promise<T> {
    return this.#ask(`${LIVE}${kind}/${id}`, KEEP, fetch);
  }
}

/** What cannot be read is there all the same. */
const isThere = async (looked: Promise<object | null>): Promise<boolean> =>
  (await looked.catch(unreadableAsValue)) !== null;

const pageKey = ({ size, after = '', before = '' }: ListPage): string => `${size}&${after}&${before}`;

/** Binds a cursor to the filters that it was given under: the same place in another list is another place. */
function filterDigest(filter: TransactionFilter): string {
  return Object.keys(filter).length === 0 ? UNFILTERED : digestOf(filter);
}

function digestOf(filter: TransactionFilter): string {
  const { accountId = '', cardId = '', status = '', direction = '', from, to } = filter;
  const text = [
    accountId,
    cardId,
    status,
    direction,
    from?.toISOString() ?? '',
    to?.toISOString() ?? '',
  ].join('|');
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}

const UNFILTERED = digestOf({});
