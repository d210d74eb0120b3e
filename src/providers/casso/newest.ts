import { type Connection, connection, type Edge, type ForwardRequest } from '../../domain/connection.ts';
import { isReadable } from '../../domain/unreadable-row.ts';
import { decodePosition, encodePosition } from './position.ts';
import type { OffsetPage } from './window.ts';

export interface AccountListRequest<T> {
  /** The kind of its cursors, as of the account's own list. */
  readonly kind: string;
  /** The first page of the list of all accounts. */
  readonly newest: OffsetPage<T>;
  /** Whether the row is on the account; null when the row does not say. */
  readonly isOnAccount: (row: T) => boolean | null;
  readonly request: ForwardRequest;
  readonly where?: ((row: T) => boolean) | undefined;
}

/**
 * A page of one account's list, cut from the newest page of all accounts, so that many accounts cost one call. Its cursors
 * go on in the account's own list.
 * @returns null when the newest page does not hold enough rows to say what this page is: then the account's own list does.
 */
export function cutFromNewest<T extends { readonly id: string }>({
  kind,
  newest,
  isOnAccount,
  request: { first, after },
  where = () => true,
}: AccountListRequest<T>): Connection<T> | null {
  const readable = newest.rows.filter(isReadable);
  if (readable.some((row) => isOnAccount(row) === null)) return null;
  const rows = readable.filter(isOnAccount);
  const last = after === null ? null : decodePosition(kind, after, 'after');
  const start = last ? rows.findIndex(({ id }) => id === last.id) : -1;
  // An account of which no row is seen may be another business's, which only its own list tells.
  if (rows.length === 0 || (last && start === -1)) return null;

  const total = newest.hasMore ? null : rows.length;
  const found = rows.flatMap((row, offset) => (offset > start && where(row) ? [{ row, offset }] : []));
  if (newest.hasMore && found.length <= first) return null;
  const edges: Edge<T>[] = found.slice(0, first).map(({ row, offset }) => ({
    cursor: encodePosition(kind, { id: row.id, offset, total }),
    node: row,
  }));
  return connection(edges, { hasNextPage: found.length > first, hasPreviousPage: after !== null });
}
