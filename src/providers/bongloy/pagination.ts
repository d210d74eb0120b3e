import {
  connection,
  type Edge,
  type Ends,
  edgesOf,
  type LazyConnection,
  lazyConnection,
  type PageRequest,
} from '../../domain/connection.ts';
import { decodeCursor, encodeCursor } from '../../domain/cursor.ts';
import { badUserInput } from '../../domain/errors.ts';
import { isReadable, type RowOutcome } from '../../domain/unreadable-row.ts';
import { isUuid } from '../../domain/uuid.ts';
import { ABOVE_CALLS, above, lastOf } from './above.ts';
import { BETWEEN_CALLS, between } from './between.ts';
import { unusable } from './errors.ts';
import type { Slice } from './page.ts';
import { idsOf, PAGE, type PagedList, type Place, type Row, readAt, rowAfter } from './paged-list.ts';

export { everyPage, everyRow } from './every-row.ts';
export type { PagedList } from './paged-list.ts';

/**
 * A page of a Bongloy list as a Relay connection (docs/providers/bongloy.md §5), newest first. Right whichever way the
 * provider pages backward (§4, points 4 and 4') and whatever the link of a full last page says (5 and 5').
 *
 * `hasNextPage` is exact with `first`, `hasPreviousPage` with `last`; each is otherwise true when the cursor on its
 * side says so. Upstream calls: forward 1; for `first: 100` another one when `pageInfo` is read, the provider claims more
 * rows, and its claims have not proved exact (see `LinkProof`), as the extra row that would prove it does not fit: the page
 * of the next 100 rows, which a walk asks for anyway. For fewer only where the provider claims more rows behind a page that
 * is shorter than asked for. Backward and between two cursors see `above` and
 * `between`. A page without rows costs one more, to tell the end of the list from an unknown cursor, and so does one of
 * which no row can be read.
 *
 * A row that cannot be read takes its place in the count: a page with one has an edge less, and may have none, but never
 * stops a walk.
 * @throws GatewayError BAD_USER_INPUT naming the argument: before any call when the cursor is not one of this list,
 *   after a call when its row no longer exists; UPSTREAM_UNAVAILABLE when none of a list's rows can be read, nor of the
 *   next hundred.
 */
export async function paginate<T extends Row>(
  list: PagedList<T>,
  request: PageRequest,
): Promise<LazyConnection<T>> {
  const after = request.after === null ? null : position(list.kind, request.after, 'after');
  if ('last' in request) {
    const before = position(list.kind, request.before, 'before');
    const { rows, more } = await lastBefore(list, after, before, request.last);
    const { edges, ends } = partsOf(list.kind, rows);
    return connection(edges, { hasNextPage: true, hasPreviousPage: more }, ends);
  }
  const before = request.before === null ? null : position(list.kind, request.before, 'before');
  const { rows, more } = before
    ? await firstBefore(list, after, before, request.first)
    : await firstAfter(list, after, request.first);
  const { edges, ends } = partsOf(list.kind, rows, before);
  const hasPreviousPage = after !== null;
  return typeof more === 'boolean'
    ? connection(edges, { hasNextPage: more, hasPreviousPage }, ends)
    : lazyConnection(edges, { hasNextPage: more, hasPreviousPage }, ends);
}

/** The most requests that a page may cost, whichever way the undocumented details fall. */
export function pageCalls(request: {
  readonly after: string | null;
  readonly before: string | null;
  readonly first?: number;
  readonly last?: number;
}): number {
  const { after, before, first, last } = request;
  if (last !== undefined) return ABOVE_CALLS + (after === null ? 0 : BETWEEN_CALLS);
  if (before !== null) return BETWEEN_CALLS;
  return 1 + (after === null ? 0 : 1) + (first === PAGE ? 1 : 0);
}

/** The rows of a page, and whether more of the list lie on the far side of it. */
interface Page<T, More = boolean> {
  readonly rows: readonly RowOutcome<T>[];
  readonly more: More;
}

async function firstAfter<T extends Row>(
  list: PagedList<T>,
  after: Place | null,
  count: number,
): Promise<Page<T, boolean | (() => Promise<boolean>)>> {
  const size = Math.min(count + 1, PAGE);
  const slice = after ? await readAt(list, { size, after: after.id }, after) : await list.page({ size });
  const { rows } = slice;
  if (rows.length > 0 && !rows.some(isReadable)) await refuseUnreadable(list, after);
  return { rows: rows.slice(0, count), more: moreThan(list, slice, size, count) };
}

/** Whether a list has more rows than a page of it shows: known, or found out with another call. */
function moreThan<T extends Row>(
  list: PagedList<T>,
  { rows, hasOlder }: Slice<T>,
  size: number,
  count: number,
): boolean | (() => Promise<boolean>) {
  const oldest = idsOf(rows).at(-1);
  if (rows.length > count || !hasOlder || oldest === undefined) return rows.length > count;
  if (rows.length < size) return async () => (await rowAfter(list, oldest)) !== undefined;
  if (list.linksAreExact()) return true;
  // A walk asks for that page next, and finds it kept.
  return async () => (await list.page({ size: PAGE, after: oldest })).rows.length > 0;
}

/**
 * No row of a page can be read. One row may be odd, and so may two; where a whole list is, or a hundred rows in turn,
 * the answer is no usable one, and an empty page would be a lie.
 */
async function refuseUnreadable<T extends Row>(list: PagedList<T>, after: Place | null): Promise<void> {
  const { rows, hasOlder } = await list.page({ size: PAGE, ...(after && { after: after.id }) });
  if (rows.some(isReadable) || (after && !hasOlder)) return;
  throw unusable('no row of the page can be read');
}

async function firstBefore<T extends Row>(
  list: PagedList<T>,
  after: Position | null,
  before: Place,
  count: number,
): Promise<Page<T>> {
  const { rows, whole } = await between(list, after, before, count, after?.limit === before.id);
  return { rows: rows.slice(0, count), more: !whole || rows.length > count };
}

async function lastBefore<T extends Row>(
  list: PagedList<T>,
  after: Place | null,
  before: Place,
  count: number,
): Promise<Page<T>> {
  if (!after) return above(list, before, count);
  const { rows, whole } = await between(list, after, before, count, false);
  return whole ? lastOf(rows, count) : above(list, before, count);
}

/** A client's cursor, read. */
interface Position extends Place {
  /** The row above which this one is known to stand: the `before` of the page that gave the cursor. */
  readonly limit: string | null;
}

/**
 * The edges of the rows that can be read; the pages next to this one go on beside the outermost row, readable or not.
 * A cursor holds the row's id, and behind a dot that of the `before` under which the row was found. Walking on with
 * both, the client spares us to find out again that they are in order.
 */
function partsOf<T extends Row>(
  kind: string,
  rows: readonly RowOutcome<T>[],
  before: Place | null = null,
): { readonly edges: readonly Edge<T>[]; readonly ends: Ends } {
  const limit = before ? `.${before.id}` : '';
  const cursor = (id: string) => encodeCursor(kind, id + limit);
  const edges = edgesOf(rows.filter(isReadable), ({ id }) => cursor(id));
  if (edges.length === rows.length) return { edges, ends: {} };
  const [first, last] = [idsOf(rows)[0], idsOf(rows).at(-1)];
  return { edges, ends: { startCursor: first && cursor(first), endCursor: last && cursor(last) } };
}

function position(kind: string, cursor: string, field: Place['field']): Position {
  const [id = '', limit = null, ...rest] = decodeCursor(cursor, kind, field).split('.');
  if (isUuid(id) && (limit === null || isUuid(limit)) && rest.length === 0) return { id, field, limit };
  throw badUserInput(field, `${field} is not a cursor of this list.`);
}
