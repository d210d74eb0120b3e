import { type Connection, connection, type Edge, type ForwardRequest } from '../../domain/connection.ts';
import { badUserInput } from '../../domain/errors.ts';
import { isReadable } from '../../domain/unreadable-row.ts';
import { SECOND } from '../../lib/duration.ts';
import { unusable } from './errors.ts';
import { follow, isFurther, locate, MAX_SEARCHED } from './locate.ts';
import { decodePosition, encodePosition, type Position } from './position.ts';
import { type FetchPage, isRateLimited, type OffsetWindow, type Slice } from './window.ts';

export type { OffsetPage } from './held-list.ts';
export { createWindow, type FetchPage, type OffsetWindow, type Slice } from './window.ts';

/** How old the first page may be: who looks at the head wants to see what is new. Behind a cursor nothing new comes. */
export const HEAD_TTL = 30 * SECOND;

/** The most pages of 100 that are fetched for one page of a filtered list; what is held is looked through first. */
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
  /** How old the first page may be, in milliseconds; `HEAD_TTL` without. */
  readonly headAge?: number;
  /** What Casso cannot filter by. */
  readonly where?: ((row: T) => boolean) | undefined;
}

export interface CountedConnection<T> extends Connection<T> {
  /** All rows of the list; null when Casso does not say, and with `where`. A function where it costs a call. */
  readonly totalCount: number | null | (() => Promise<number | null>);
  /** When Casso was asked for the oldest part of it; what its webhooks brought since is in it. */
  readonly asOf: Date;
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
  headAge = HEAD_TTL,
}: OffsetListRequest<T>): Promise<CountedConnection<T>> {
  const start = after === null ? null : decodePosition(kind, after, 'after');
  /** The last row that was looked at. */
  let last = start;
  let slice = start ? await locate(window, fetch, start) : readable(await window.head(headAge, fetch));
  if (!slice) throw badUserInput('after', 'after points to a row that is no longer found: start again.');

  let { asOf } = slice;
  const edges: Edge<T>[] = [];
  const answer = (hasNextPage: boolean, end?: Position): CountedConnection<T> => ({
    ...connection(
      edges,
      { hasNextPage, hasPreviousPage: after !== null },
      end && { endCursor: encodePosition(kind, end) },
    ),
    totalCount: where ? null : (slice?.total ?? null),
    asOf: new Date(asOf),
  });

  for (let fetched = 1; ; ) {
    const { rows, offset, total, hasMore }: Slice<T> = slice;
    const before: Position | null = last;
    asOf = Math.min(asOf, slice.asOf);
    for (const [n, node] of rows.entries()) {
      if (node.id === null) continue;
      const position = { id: node.id, offset: offset + n, total };
      if (isReadable(node) && (where?.(node) ?? true)) {
        if (edges.length === first) return answer(true);
        edges.push({ cursor: encodePosition(kind, position), node });
      }
      last = position;
    }
    if (!hasMore || !last) return answer(false);
    if (!where && edges.length === first) return answer(true);
    if (rows.length > 0 && last === before) throw unusable('the rows of a page cannot be told apart');
    const held = window.behind(last.id);
    if (held && isFurther(held)) {
      slice = held;
      continue;
    }
    if (fetched === MAX_SCANNED) return answer(true, last);
    fetched += 1;
    try {
      slice = await follow(window, fetch, last);
    } catch (error) {
      if (isRateLimited(error) && last !== start) return answer(true, last);
      throw error;
    }
  }
}

/** @throws GatewayError UPSTREAM_UNAVAILABLE when it has rows and none can be read: an empty list would be a lie. */
function readable<T>(head: Slice<T>): Slice<T> {
  if (head.rows.length > 0 && !head.rows.some(isReadable)) throw unusable('no row of the page can be read');
  return head;
}
