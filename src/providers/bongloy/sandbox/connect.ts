import { transactionFilter } from './filters.ts';
import {
  bearer,
  errorDocument,
  jsonApi,
  notFound,
  type Reply,
  type SandboxRequest,
  unauthorized,
} from './message.ts';
import type { NewestFirst, Row } from './newest-first.ts';
import { type PagingRules, paginate } from './paging.ts';
import { listUrl, nested } from './query.ts';
import { type Route, route } from './routes.ts';
import type { SandboxState } from './state.ts';
import type { Tokens } from './tokens.ts';

type Read = (request: SandboxRequest, cardholder: string, id: string) => Reply;

/** The reads of §2, numbers 5 to 13: a cardholder's token, and that cardholder's rows alone. */
export function connectRoutes(state: SandboxState, tokens: Tokens, rules: () => PagingRules): Route[] {
  const { accounts, cards, transactions } = state;
  return [
    read('/accounts', (request, owner) => list(request, accounts, accounts.ownedBy(owner))),
    read('/accounts/:id', single(accounts)),
    read('/accounts/:id/balance', (request, owner, id) =>
      accounts.get(id)?.owner === owner ? document(state.balanceOf(id), request) : notFound(request),
    ),
    read('/card_issuer', (request, owner) => document(state.issuerOf(owner), request)),
    read('/cardholder', (request, owner) => document(state.cardholders.get(owner), request)),
    read('/cards', (request, owner) => list(request, cards, cards.ownedBy(owner))),
    read('/cards/:id', single(cards)),
    read('/transactions', (request, owner) => {
      const filter = transactionFilter(nested(request.query, 'filter'));
      if ('errors' in filter) return errorDocument(400, filter.errors);
      const rows = transactions.ownedBy(owner).filter((row) => filter.keep(row.resource));
      return list(request, transactions, rows);
    }),
    read('/transactions/:id', single(transactions)),
  ];

  function read(path: string, answer: Read): Route {
    return route('GET', `/connect/v1${path}`, (request, id) => {
      const who = tokens.authenticate(bearer(request));
      return 'refused' in who ? unauthorized(who.refused) : answer(request, who.cardholder, id);
    });
  }

  function list<R extends { readonly id: string }>(
    request: SandboxRequest,
    table: NewestFirst<R>,
    rows: readonly Row<R>[],
  ): Reply {
    const members = nested(request.query, 'page');
    const query = { size: members.get('size'), after: members.get('after'), before: members.get('before') };
    const { data, prev, next } = paginate(rows, (id) => table.get(id), query, rules());
    const link = (cursor: 'after' | 'before', id: string | null) =>
      id === null ? null : listUrl(request.path, request.query, cursor, id);
    return jsonApi(200, { data, links: { prev: link('before', prev), next: link('after', next) } });
  }
}

function single<R extends { readonly id: string }>(table: NewestFirst<R>): Read {
  return (request, owner, id) => {
    const row = table.get(id);
    return document(row?.owner === owner ? row.resource : undefined, request);
  };
}

function document(resource: unknown, request: SandboxRequest): Reply {
  return resource === undefined ? notFound(request) : jsonApi(200, { data: resource });
}
