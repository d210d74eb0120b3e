import { type Connection, connection, type Edge, type ForwardRequest } from '../../domain/connection.ts';
import { isReadable } from '../../domain/unreadable-row.ts';
import { decodePosition, encodePosition } from './position.ts';
import type { Slice } from './window.ts';

export interface AccountListRequest<T> {
  /** The kind of its cursors, as of the account's own list. */
  readonly kind: string;
  /** What is held of the list of all accounts, from its head on. */
  readonly newest: Slice<T>;
  readonly bankAccountId: string;
  readonly request: ForwardRequest;
  readonly where?: ((row: T) => boolean) | undefined;
  /** A page of fewer rows than asked for is better than none: `hasNextPage` is then true. */
  readonly mayEndEarly?: boolean;
}

/**
 * A page of one account's list, cut from the newest rows of all accounts, so that many accounts cost one call. Its cursors
 * go on in the account's own list.
 * @returns null when they do not hold enough rows to say what this page is: then the account's own list does.
 */
export function cutFromNewest<T extends { readonly id: string; readonly bankAccountId: string | null }>({
  kind,
  newest,
  bankAccountId,
  request: { first, after },
  where = () => true,
  mayEndEarly = false,
}: AccountListRequest<T>): Connection<T> | null {
  const readable = newest.rows.filter(isReadable);
  // A row that does not say its account may be on this one.
  if (readable.some((row) => row.bankAccountId === null)) return null;
  const rows = readable.filter((row) => row.bankAccountId === bankAccountId);
  const last = after === null ? null : decodePosition(kind, after, 'after');
  const start = last ? rows.findIndex(({ id }) => id === last.id) : -1;
  // An account of which no row is seen may be another business's, which only its own list tells.
  if (rows.length === 0 || (last && start === -1)) return null;

  const total = newest.hasMore ? null : rows.length;
  const found = rows.flatMap((row, offset) => (offset > start && where(row) ? [{ row, offset }] : []));
  const endsEarly = newest.hasMore && found.length <= first;
  if (endsEarly && !(mayEndEarly && found.length > 0)) return null;
  const edges: Edge<T>[] = found.slice(0, first).map(({ row, offset }) => ({
    cursor: encodePosition(kind, { id: row.id, offset, total }),
    node: row,
  }));
  return connection(edges, {
    hasNextPage: found.length > first || endsEarly,
    hasPreviousPage: after !== null,
  });
}
