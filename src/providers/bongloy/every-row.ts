import { isReadable } from '../../domain/unreadable-row.ts';
import { unusable } from './errors.ts';
import type { ListPage, Slice } from './page.ts';
import { idsOf, PAGE, type Row } from './paged-list.ts';

type FetchSlice<T> = (page: ListPage) => Promise<Slice<T>>;

/** More than any cardholder's cards or accounts; reached only when a list does not end. */
const CAP = 10_000;

/**
 * The pages of a whole list, newest first: one call for each 100 rows, as they are taken.
 * @param cap the most rows that are read, in as many pages of 100 as hold them.
 * @throws GatewayError UPSTREAM_UNAVAILABLE when there are more rows or pages, or when a page claims that others follow and
 *   brings no row that those before it had not brought: part of a list must not pass for the whole.
 */
export async function* everyPage<T extends Row>(
  page: FetchSlice<T>,
  { cap = CAP } = {},
): AsyncGenerator<Slice<T>, void, undefined> {
  const seen = new Set<string>();
  // A full last page may be followed by an empty one.
  const mostPages = Math.ceil(cap / PAGE) + 1;
  let pages = 0;
  let goesOn = true;
  for (let position: ListPage = { size: PAGE }; goesOn; ) {
    const slice = await page(position);
    const ids = idsOf(slice.rows);
    const known = seen.size;
    for (const id of ids) seen.add(id);
    pages += 1;
    goesOn = slice.hasOlder && slice.rows.length > 0;
    if (seen.size > cap || (goesOn && (seen.size === known || pages === mostPages)))
      throw unusable('the list does not end');
    yield slice;
    position = { size: PAGE, after: ids.at(-1) ?? '' };
  }
}

/**
 * The rows of a whole list that can be read, newest first.
 * @throws GatewayError UPSTREAM_UNAVAILABLE as `everyPage`, and when there are rows and none can be read.
 */
export async function everyRow<T extends Row>(
  page: FetchSlice<T>,
  options?: { readonly cap?: number },
): Promise<readonly T[]> {
  const rows = new Map<string, T>();
  let told = 0;
  for await (const slice of everyPage(page, options)) {
    told += slice.rows.length;
    for (const row of slice.rows) if (isReadable(row)) rows.set(row.id, row);
  }
  if (told > 0 && rows.size === 0) throw unusable('no row of the list can be read');
  return [...rows.values()];
}
