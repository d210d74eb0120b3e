import type { Account, AccountBalance } from '../../domain/account.ts';
import type { Card } from '../../domain/card.ts';
import type { CardIssuer } from '../../domain/card-issuer.ts';
import type { Cardholder } from '../../domain/cardholder.ts';
import type { Transaction, TransactionFilter } from '../../domain/transaction.ts';
import type { RowOutcome } from '../../domain/unreadable-row.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Upstream, UpstreamResponse } from '../../upstream/upstream.ts';
import type { ProviderCall } from '../provider.ts';
import { createRowReader, type OnOddity } from '../row-reader.ts';
import { idOf, single, singleOrNull, slice } from './document.ts';
import { fromReadStatus } from './errors.ts';
import { exchange, isSuccess } from './exchange.ts';
import { LinkProof } from './link-proof.ts';
import { toAccount, toBalance, toCard, toCardholder, toCardIssuer } from './map.ts';
import { toTransaction } from './map-transaction.ts';
import type { ListPage, Slice } from './page.ts';
import { filterQuery, pageQuery, type Query } from './query.ts';

export type { ListPage, Slice } from './page.ts';

/**
 * The Connect API's reads (docs/providers/bongloy.md §2), each scoped to the credential's cardholder.
 * Ids are the provider's UUIDs, checked by the caller; null means unknown or another cardholder's.
 *
 * Every method throws GatewayError UNAUTHENTICATED when the token is refused and cannot be renewed, RATE_LIMITED,
 * UPSTREAM_REJECTED, UPSTREAM_TIMEOUT and UPSTREAM_UNAVAILABLE (see `errors.ts`), UnreadableAnswer for a single thing
 * that cannot be read, whatever the credential throws, and UpstreamFailure `aborted` when the caller gave up.
 */
export interface BongloyClient {
  /** The issuer of the cardholder's cards. */
  cardIssuer(call: ProviderCall): Promise<CardIssuer>;
  cardholder(call: ProviderCall): Promise<Cardholder>;
  account(call: ProviderCall, id: string): Promise<Account | null>;
  accounts(call: ProviderCall, page: ListPage): Promise<Slice<Account>>;
  balance(call: ProviderCall, accountId: string): Promise<AccountBalance | null>;
  card(call: ProviderCall, id: string): Promise<Card | null>;
  cards(call: ProviderCall, page: ListPage): Promise<Slice<Card>>;
  transaction(call: ProviderCall, id: string): Promise<Transaction | null>;
  /** A filter that nothing can match (`from` later than `to`) gives no rows, without a request. */
  transactions(call: ProviderCall, page: ListPage, filter?: TransactionFilter): Promise<Slice<Transaction>>;
  /** Whether `hasOlder` of a full page can be believed (see `LinkProof`). */
  linksAreExact(): boolean;
}

const NO_ROWS: Slice<never> = { rows: [], hasOlder: false, hasNewer: false };

export function createBongloyClient(options: {
  readonly upstream: Upstream;
  readonly clock?: Clock;
  readonly onOddity?: OnOddity | undefined;
}): BongloyClient {
  const { upstream, clock = systemClock } = options;
  const rows = createRowReader('BONGLOY', idOf, options.onOddity);
  const links = new LinkProof(clock);

  const ask = <T>(
    call: ProviderCall,
    path: string,
    query: Query,
    read: (response: UpstreamResponse) => T,
  ): Promise<T> => exchange(upstream, call, `/connect/v1${path}`, query, read);

  function bodyOf(response: UpstreamResponse): string {
    if (!isSuccess(response)) throw fromReadStatus(response, clock.now());
    return response.body;
  }

  /** What the provider always has: its absence is a refusal. */
  const get = <T>(
    call: ProviderCall,
    path: string,
    take: (body: string) => T,
    query: Query = {},
  ): Promise<T> => ask(call, path, query, (response) => take(bodyOf(response)));

  /** What may not exist: null when it does not. */
  const find = <T>(call: ProviderCall, path: string, one: (resource: unknown) => T): Promise<T | null> =>
    ask(call, path, {}, (response) => (response.status === 404 ? null : singleOrNull(one)(bodyOf(response))));

  /** A list's page, whose rows fail one by one. */
  const list = async <T extends { readonly id: string }>(
    call: ProviderCall,
    path: string,
    row: (resource: unknown) => RowOutcome<T>,
    page: ListPage,
    conditions: Query = {},
  ): Promise<Slice<T>> => {
    const found = await get(call, path, slice(row, page), { ...conditions, ...pageQuery(page) });
    links.see(page, found);
    return found;
  };

  return {
    linksAreExact: () => links.holds(),
    cardIssuer: (call) => get(call, '/card_issuer', single(rows.only('card_issuer', toCardIssuer))),
    cardholder: (call) => get(call, '/cardholder', single(rows.only('cardholder', toCardholder))),
    account: (call, id) => find(call, `/accounts/${encodeURIComponent(id)}`, rows.only('account', toAccount)),
    accounts: (call, page) => list(call, '/accounts', rows.row('account', toAccount), page),
    balance: (call, accountId) =>
      find(call, `/accounts/${encodeURIComponent(accountId)}/balance`, rows.only('balance', toBalance)),
    card: (call, id) => find(call, `/cards/${encodeURIComponent(id)}`, rows.only('card', toCard)),
    cards: (call, page) => list(call, '/cards', rows.row('card', toCard), page),
    transaction: (call, id) =>
      find(call, `/transactions/${encodeURIComponent(id)}`, rows.only('transaction', toTransaction)),
    transactions: (call, page, filter = {}) => {
      const conditions = filterQuery(filter, clock.now());
      return conditions
        ? list(call, '/transactions', rows.row('transaction', toTransaction), page, conditions)
        : Promise.resolve(NO_ROWS);
    },
  };
}
