import { type Connection, connection, type Edge, type ForwardRequest } from '../../domain/connection.ts';
import { badUserInput, GatewayError } from '../../domain/errors.ts';
import { isReadable } from '../../domain/unreadable-row.ts';
import { MINUTE, SECOND } from '../../lib/duration.ts';
import { unusable } from './errors.ts';
import { locate, MAX_SEARCHED, PAGE } from './locate.ts';
import { decodePosition, encodePosition, type Position } from './position.ts';
import type { FetchPage, Found, OffsetWindow } from './window.ts';

export { createWindow, type FetchPage, type OffsetPage, type OffsetWindow } from './window.ts';

/** How old the first page may be: who looks at the head wants to see what is new. */
export const HEAD_TTL = 30 * SECOND;
/** How old a page behind a cursor may be: what is new does not come there. */
export const CURSOR_TTL = 5 * MINUTE;

/** The most pages of 100 that are looked through for one page of a filtered list. */
const MAX_SCANNED = 10;

/** The most requests that a page may cost, of a list that does not change while it is read. */
export const pageCalls = (request: { readonly after: boolean; readonly where: boolean }): number =>
  (request.where ? MAX_SCANNED : 1) + (request.after ? MAX_SEARCHED : 0);

export interface OffsetListRequest<T> {
  /** The kind of its cursors: names provider, list, bank account, dates and filter. */
  readonly kind: string;
  readonly window: OffsetWindow<T>;
  /** Fetches 100 rows, sorted newest first. */
  readonly page: FetchPage<T>;
  readonly request: ForwardRequest;
  /** What Casso cannot filter by. */
  readonly where?: ((row: T) => boolean) | undefined;
}

export interface CountedConnection<T> extends Connection<T> {
  /** All rows of the list; null when Casso does not say, and with `where`. A function where it costs a call. */
  readonly totalCount: number | null | (() => Promise<number | null>);
}

/**
 * A page cut out of the window, newest first; cursors stay good while rows arrive at the head. Casso's pages go by
 * offset, so a cursor holds the row's id, and where it stood among how many.
 *
 * `hasNextPage` is exact, unless the page had to end early: with `where`, after ten of Casso's pages; without or with
 * it, when Casso's request budget is spent on the way. Then it is true, and `endCursor` points behind the last row
 * that was looked at, maybe behind fewer edges than asked for, or none.
 * Upstream calls: what of these pages the window does not hold, and see `locate` when the list changed meanwhile.
 * @throws GatewayError BAD_USER_INPUT naming `after`: before any call when it is not a cursor of this list, after some
 *   when its row is not found again; UPSTREAM_UNAVAILABLE when the list changes faster than it can be read.
 */
export async function paginateWindow<T extends { readonly id: string }>({
  kind,
  window,
  page: fetch,
  request: { first, after },
  where,
}: OffsetListRequest<T>): Promise<CountedConnection<T>> {
  const start = after === null ? null : decodePosition(kind, after, 'after');
  /** The last row that was looked at. */
  let last = start;
  let place = last ? await locate(window, fetch, last, CURSOR_TTL) : await head(window, fetch);
  if (!place) throw badUserInput('after', 'after points to a row that is no longer found: start again.');

  const edges: Edge<T>[] = [];
  const answer = (hasNextPage: boolean, end?: Position): CountedConnection<T> => ({
    ...connection(
      edges,
      { hasNextPage, hasPreviousPage: after !== null },
      end && { endCursor: encodePosition(kind, end) },
    ),
    totalCount: where ? null : (place?.page.total ?? null),
  });

  let totalBefore: number | null = null;
  for (let scanned = 1; ; scanned += 1) {
    const { page, number, index }: Found<T> = place;
    const before: Position | null = last;
    for (const [n, node] of page.rows.entries()) {
      if (n <= index || node.id === null) continue;
      const position = { id: node.id, offset: (number - 1) * PAGE + n, total: page.total };
      if (isReadable(node) && (where?.(node) ?? true)) {
        if (edges.length === first) return answer(true);
        edges.push({ cursor: encodePosition(kind, position), node });
      }
      last = position;
    }
    if (!page.hasMore || !last) return answer(false);
    // Rows that arrived meanwhile may push a page's rows to the next one, and then there are more of them.
    const isRepeated = last === before && (page.total === totalBefore || scanned === MAX_SCANNED);
    if (scanned > 1 && isRepeated) throw unusable('a page repeats the one before it');
    totalBefore = page.total;
    if (!where && edges.length === first) return answer(true);
    if (scanned === MAX_SCANNED) return answer(true, last);
    try {
      place = await follow(window, fetch, place, last);
    } catch (error) {
      const isSpent = error instanceof GatewayError && error.code === 'RATE_LIMITED';
      if (isSpent && last !== start) return answer(true, last);
      throw error;
    }
  }
}

/** @throws GatewayError UPSTREAM_UNAVAILABLE when it has rows and none can be read: an empty list would be a lie. */
async function head<T>(window: OffsetWindow<T>, fetch: FetchPage<T>): Promise<Found<T>> {
  const page = await window.page(1, HEAD_TTL, fetch);
  if (page.rows.length > 0 && !page.rows.some(isReadable)) throw unusable('no row of the page can be read');
  return { page, number: 1, index: -1 };
}

/** The page after one that was looked through, at its first row behind `last`. */
async function follow<T extends { readonly id: string }>(
  window: OffsetWindow<T>,
  fetch: FetchPage<T>,
  { page, number }: Found<T>,
  last: Position,
): Promise<Found<T>> {
  const next = await window.page(number + 1, CURSOR_TTL, fetch);
  const index = next.rows.findIndex(({ id }) => id === last.id);
  if (index !== -1 || next.total === page.total) return { page: next, number: number + 1, index };
  // The two pages are of different moments: side by side, rows could be missing between them.
  const found = await locate(window, fetch, last, CURSOR_TTL);
  if (found) return found;
  throw unusable('the list changes faster than it can be read');
}
