import { decodeCursor, encodeCursor } from '../../domain/cursor.ts';
import { badUserInput } from '../../domain/errors.ts';

/** Where a row stood when it was seen. */
export interface Position {
  readonly id: string;
  /** Rows before it. */
  readonly offset: number;
  /** Rows of the list at that moment; null when Casso did not say. */
  readonly total: number | null;
}

/** Id, offset, and total or nothing. */
const FORM = /^([1-9]\d{0,15})\.(\d{1,9})\.(\d{1,9})?$/;

export const encodePosition = (kind: string, { id, offset, total }: Position): string =>
  encodeCursor(kind, `${id}.${offset}.${total ?? ''}`);

/** @throws GatewayError BAD_USER_INPUT when it is not a cursor of this kind. */
export function decodePosition(kind: string, cursor: string, field: string): Position {
  const [, id, offset, total] = FORM.exec(decodeCursor(cursor, kind, field)) ?? [];
  if (id === undefined) throw badUserInput(field, `${field} is not a cursor of this list.`);
  return { id, offset: Number(offset), total: total === undefined ? null : Number(total) };
}
