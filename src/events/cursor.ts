import { decodeCursor, encodeCursor } from '../domain/cursor.ts';
import { badUserInput, GatewayError } from '../domain/errors.ts';
import { CursorExpired, type EventLog } from './log.ts';

const KIND = 'event';

/** The cursor of a position in the log; reading after it goes on behind that position. */
export const encodeEventCursor = (log: Pick<EventLog, 'epochAt'>, position: number): string =>
  encodeCursor(KIND, `${log.epochAt(position)}:${position}`);

/**
 * The position behind a cursor, checked against the log as it is now.
 * @param field the argument that carried the cursor, for the error.
 * @throws GatewayError BAD_USER_INPUT when it is no event cursor; CURSOR_EXPIRED when it is of another log or of
 *   a history that was lost, or events after it are gone, or it lies beyond the end.
 */
export async function decodeEventCursor(
  cursor: string,
  log: Pick<EventLog, 'epochAt' | 'positionOf' | 'end' | 'trimmedTo' | 'read'>,
  field: string,
): Promise<number> {
  const [, epoch, digits] = /^([^:]+):(0|[1-9]\d{0,15})$/.exec(decodeCursor(cursor, KIND, field)) ?? [];
  if (digits === undefined) throw badUserInput(field, `${field} is not a cursor of the event log.`);
  const position = log.positionOf(epoch ?? '', Number(digits));
  const [trimmedTo, end] = await Promise.all([log.trimmedTo(), log.end()]);
  if (position !== null && trimmedTo <= position) {
    if (position <= end || (await isKnown(log, position))) return position;
  }
  throw cursorExpired(log, trimmedTo);
}

/** A store that was cut off from the rest may not have heard of it; reading makes sure. */
const isKnown = (log: Pick<EventLog, 'read'>, position: number): Promise<boolean> =>
  log.read(position, 1).then(
    () => true,
    (error: unknown) => {
      if (error instanceof CursorExpired) return false;
      throw error;
    },
  );

/** @param trimmedTo of the log now, or of the `CursorExpired` that it threw: from there everything kept can be read. */
export const cursorExpired = (log: Pick<EventLog, 'epochAt'>, trimmedTo: number): GatewayError =>
  new GatewayError('CURSOR_EXPIRED', 'The event log no longer holds that position. Reload, then go on.', {
    earliestCursor: encodeEventCursor(log, trimmedTo),
  });
