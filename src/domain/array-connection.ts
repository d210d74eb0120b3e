import { type Connection, connection, type PageRequest } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { badUserInput } from './errors.ts';

/**
 * A page cut from a list that is here as a whole, by the Relay text's slicing: after, before, then first or last.
 * @param kind the cursors' kind; a cursor holds the row's id.
 * @throws GatewayError BAD_USER_INPUT when a cursor is not of this list.
 */
export function arrayConnection<T extends { readonly id: string }>(
  kind: string,
  rows: readonly T[],
  request: PageRequest,
): Connection<T> {
  const from = request.after === null ? 0 : indexOf(kind, rows, request.after, 'after') + 1;
  const to = request.before === null ? rows.length : indexOf(kind, rows, request.before, 'before');
  const slice = rows.slice(from, Math.max(from, to));
  const page = 'last' in request ? slice.slice(Math.max(0, slice.length - request.last)) : slice.slice(0, request.first);
  const edges = page.map((node) => ({ cursor: encodeCursor(kind, node.id), node }));
  return connection(edges, {
    hasNextPage: 'last' in request ? to < rows.length : page.length < slice.length,
    hasPreviousPage: 'last' in request ? page.length < slice.length : from > 0,
  });
}

function indexOf(kind: string, rows: readonly { readonly id: string }[], cursor: string, field: string): number {
  const id = decodeCursor(cursor, kind, field);
  const index = rows.findIndex((row) => row.id === id);
  if (index === -1) throw badUserInput(field, `${field} is not a cursor of this list.`);
  return index;
}
