import { upstreamUnavailable } from '../../domain/errors.ts';
import type { ListPage, Slice } from './page.ts';
import { isLast, PAGE, type Row } from './paged-list.ts';

/** More than any cardholder's cards or accounts; reached only when a list does not end. */
const CAP = 10_000;

/**
 * A whole list, newest first: one call for each 100 rows.
 * @param cap the most rows that are read.
 * @throws GatewayError UPSTREAM_UNAVAILABLE when there are more: part of a list must not pass for the whole.
 */
export async function everyRow<T extends Row>(
  page: (page: ListPage) => Promise<Slice<T>>,
  { cap = CAP } = {},
): Promise<readonly T[]> {
  const all: T[] = [];
  for (
    let slice = await page({ size: PAGE });
    ;
    slice = await page({ size: PAGE, after: all.at(-1)?.id ?? '' })
  ) {
    all.push(...slice.rows);
    if (all.length > cap) {
      throw upstreamUnavailable('BONGLOY', { cause: new Error(`the list is longer than ${cap} rows`) });
    }
    if (isLast(slice)) return all;
  }
}
