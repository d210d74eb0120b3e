import type { TransactionFilter } from '../../domain/transaction.ts';
import { DAY, SECOND } from '../../lib/duration.ts';
import type { ListPage } from './page.ts';

/** Keys and values unencoded. */
export type Query = Readonly<Record<string, string>>;

/** The size is always sent: the provider's default of 10 would silently drop the rest (docs/providers/bongloy.md §4). */
export const pageQuery = ({ size, after, before }: ListPage): Query => ({
  'page[size]': String(size),
  ...(after !== undefined && { 'page[after]': after }),
  ...(before !== undefined && { 'page[before]': before }),
});

/**
 * The provider's form of a filter (§2), or null when no transaction can match, as its times leave nothing between
 * them: the provider would refuse that.
 * @param now milliseconds since the epoch.
 */
export function filterQuery(filter: TransactionFilter, now: number): Query | null {
  const { accountId, cardId, status, direction } = filter;
  const dates = dateQuery(filter, now);
  return (
    dates && {
      ...(accountId !== undefined && { 'filter[account]': accountId }),
      ...(cardId !== undefined && { 'filter[card]': cardId }),
      ...(status !== undefined && { 'filter[status]': status.toLowerCase() }),
      ...(direction !== undefined && { 'filter[balance_adjustment_type]': direction.toLowerCase() }),
      ...dates,
    }
  );
}

/**
 * Both bounds or none: one alone is refused. Transaction times are whole seconds, so the bounds are too: the first
 * and the last second that lie inside.
 */
function dateQuery({ from, to }: TransactionFilter, now: number): Query | null {
  if (!from && !to) return {};
  const first = Math.ceil((from?.getTime() ?? 0) / SECOND) * SECOND;
  const last = Math.floor((to?.getTime() ?? Math.max(now, first) + DAY) / SECOND) * SECOND;
  return first > last ? null : { 'filter[from_date]': instant(first), 'filter[to_date]': instant(last) };
}

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('.000Z', 'Z');
