import { badUserInput, GatewayError } from '../../domain/errors.ts';
import type { RowOutcome } from '../../domain/unreadable-row.ts';
import type { ListPage, Slice } from './page.ts';

/** A row of a list; `id` is the provider's UUID. */
export interface Row {
  readonly id: string;
}

/** The ids of rows, without those that cannot be read. */
export const idsOf = (rows: readonly RowOutcome<Row>[]): readonly string[] =>
  rows.flatMap(({ id }) => id ?? []);

/** One of the provider's lists, under one filter, as one credential sees it. */
export interface PagedList<T extends Row> {
  /** The kind of its cursors: names provider, list, and a digest of the filter. */
  readonly kind: string;
  page(page: ListPage): Promise<Slice<T>>;
  /** Whether the credential's owner has a row with this id, whether or not it matches the filter. */
  exists(id: string): Promise<boolean>;
  /** Whether `hasOlder` of a full page can be believed: false leaves open that a full last page claims more (5'). */
  linksAreExact(): boolean;
}

/** Where a client's cursor points, and the argument that carried it. */
export interface Place {
  readonly id: string;
  readonly field: 'after' | 'before';
}

/** The largest page, in rows. */
export const PAGE = 100;

/**
 * Reads next to a client's cursor. The provider answers an unknown one like the end of the list, with no rows; a
 * stricter server might refuse it (docs/providers/bongloy.md §4, point 3). Only in these cases the row is looked up.
 * @throws GatewayError BAD_USER_INPUT naming the argument when there is no such row.
 */
export async function readAt<T extends Row>(
  list: PagedList<T>,
  page: ListPage,
  { id, field }: Place,
): Promise<Slice<T>> {
  const slice = await list.page(page).catch((error: unknown) => {
    if (error instanceof GatewayError && error.code === 'UPSTREAM_REJECTED') return error;
    throw error;
  });
  const refused = slice instanceof GatewayError;
  if ((refused || slice.rows.length === 0) && !(await list.exists(id))) {
    throw badUserInput(field, `${field} points to a row that does not exist.`);
  }
  if (refused) throw slice;
  return slice;
}

/** The row next to one that was just read, on its older side. */
export async function rowAfter<T extends Row>(
  list: PagedList<T>,
  id: string,
): Promise<RowOutcome<T> | undefined> {
  const { rows } = await list.page({ size: 1, after: id });
  return rows[0];
}

/** Whether the list surely ends with this page of 100. False is no promise: a full last page may claim more (5'). */
export const isLast = ({ rows, hasOlder }: Slice<unknown>): boolean => rows.length < PAGE || !hasOlder;
