import { z } from 'zod';
import { DAY } from '../../../lib/duration.ts';
import type { WirePage, WireTransaction } from '../wire.ts';
import type { StoredTransaction } from './business.ts';
import { listRow } from './rows.ts';
import { vietnamDate } from './time.ts';

const count = z
  .string()
  .regex(/^[1-9]\d{0,8}$/u)
  .transform(Number);

/** Anything else in the query is ignored: its effect is not known (§4). */
const pageQuery = z.object({
  fromDate: z.iso.date().optional(),
  toDate: z.iso.date().optional(),
  page: count.default(1),
  pageSize: count.default(10),
  sort: z.enum(['ASC', 'DESC']).default('ASC'),
});

/**
 * One page of the rows, which come oldest first, with the documented defaults: the last seven days, the first ten
 * rows, oldest first (§4.2). Undefined for a query that makes no sense. `now` is in milliseconds since the epoch.
 */
export function pageOf(
  rows: readonly StoredTransaction[],
  query: URLSearchParams,
  now: number,
): WirePage<WireTransaction> | undefined {
  const parsed = pageQuery.safeParse(Object.fromEntries(query));
  if (!parsed.success) return undefined;
  const {
    page,
    pageSize,
    sort,
    fromDate = vietnamDate(now - 7 * DAY),
    toDate = vietnamDate(now),
  } = parsed.data;

  const within = rows.filter(({ row }) => {
    const date = row.when.slice(0, 10);
    return fromDate <= date && date <= toDate;
  });
  const sorted = sort === 'ASC' ? within : within.toReversed();
  const totalPages = Math.ceil(sorted.length / pageSize);
  return {
    page,
    pageSize,
    nextPage: page < totalPages ? page + 1 : null,
    prevPage: page > 1 ? page - 1 : null,
    totalPages,
    totalRecords: sorted.length,
    records: sorted.slice((page - 1) * pageSize, page * pageSize).map(listRow),
  };
}
