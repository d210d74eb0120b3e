import { badUserInput } from './errors.ts';

/**
 * A cursor is opaque to clients: base64url of `v1:<kind>:<position>`. The kind binds it to one provider and one
 * sort of list, so that a cursor of another list is refused before any upstream call.
 */
const VERSION = 'v1';

export function encodeCursor(kind: string, position: string): string {
  return Buffer.from(`${VERSION}:${kind}:${position}`, 'utf8').toString('base64url');
}

/**
 * @param field the argument that carried the cursor, for the error.
 * @throws GatewayError BAD_USER_INPUT when it is not a cursor of this kind.
 */
export function decodeCursor(cursor: string, kind: string, field: string): string {
  const prefix = `${VERSION}:${kind}:`;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  // Decoding is lenient, so the cursor must also be what we would have written for that text.
  if (!text.startsWith(prefix) || Buffer.from(text, 'utf8').toString('base64url') !== cursor) {
    throw badUserInput(field, `${field} is not a cursor of this list.`);
  }
  return text.slice(prefix.length);
}
