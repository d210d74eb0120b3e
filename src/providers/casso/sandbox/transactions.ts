import type { Clock } from '../../../lib/clock.ts';
import type { Business, StoredTransaction } from './business.ts';
import { badRequest, type Reply, type SandboxRequest, success } from './message.ts';
import { pageOf } from './page.ts';
import { type Route, route } from './routes.ts';
import { detailRow } from './rows.ts';
import { idOf, type UnknownReply, unknownReply } from './unknown.ts';

/** #2, #3 and #6 of §4. */
export function transactionRoutes(clock: Clock, unknown: UnknownReply): Route<Business>[] {
  return [
    route('GET', '/v2/transactions', (request, { transactions }) => page(request, transactions)),
    route('GET', '/v2/transactions/:id', (_request, { transactions }, id) => {
      const found = transactions.find(({ row }) => row.id === idOf(id));
      return found ? success(detailRow(found)) : unknownReply(unknown);
    }),
    route('GET', '/v2/accounts/:id/transactions', (request, { accounts, transactions }, id) => {
      const account = accounts.get(idOf(id));
      if (!account) return unknownReply(unknown);
      return page(
        request,
        transactions.filter(({ row }) => row.accountId === account.id),
      );
    }),
  ];

  function page({ query }: SandboxRequest, rows: readonly StoredTransaction[]): Reply {
    const found = pageOf(rows, query, clock.now());
    return found ? success(found) : badRequest('Invalid parameter');
  }
}
