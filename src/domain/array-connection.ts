import { type Connection, connection, edgesOf, type PageRequest } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { badUserInput } from './errors.ts';

/**
 * A page cut from a list that is fetched as a whole, by the Relay text's slicing: after, before, then first or last.
 * @param kind the cursors' kind; a cursor holds the row's id.
 * @param fetch asked once the cursors have proved to be of this kind.
 * @throws GatewayError BAD_USER_INPUT when a cursor is not of this list, and what `fetch` throws.
 */
export async function arrayConnection<T extends { readonly id: string }>(
  kind: string,
  request: PageRequest,
  fetch: () => Promise<readonly T[]>,
): Promise<Connection<T>> {
  const after = request.after === null ? null : decodeCursor(request.after, kind, 'after');
  const before = request.before === null ? null : decodeCursor(request.before, kind, 'before');
  const rows = await fetch();
  const from = after === null ? 0 : indexOf(rows, after, 'after') + 1;
  const to = before === null ? rows.length : indexOf(rows, before, 'before');
  const slice = rows.slice(from, Math.max(from, to));
  const page =
    'last' in request ? slice.slice(Math.max(0, slice.length - request.last)) : slice.slice(0, request.first);
  const edges = edgesOf(page, ({ id }) => encodeCursor(kind, id));
  return connection(edges, {
    hasNextPage: 'last' in request ? to < rows.length : page.length < slice.length,
    hasPreviousPage: 'last' in request ? page.length < slice.length : from > 0,
  });
}

function indexOf(rows: readonly { readonly id: string }[], id: string, field: string): number {
  const index = rows.findIndex((row) => row.id === id);
  if (index === -1) throw badUserInput(field, `${field} is not a cursor of this list.`);
  return index;
}
