import { decodeCursor, encodeCursor } from '../domain/cursor.ts';
import { badUserInput, GatewayError } from '../domain/errors.ts';
import { PROVIDERS, type Provider } from '../domain/provider.ts';
import { CursorExpired, type EventLog } from './log.ts';

const KIND = 'event';

/**
 * How far a stream has come, provider by provider. They are equal but for a stream that goes on with one provider while
 * another one is down: that one's events are still to come.
 */
export type Place = Readonly<Record<Provider, number>>;

/** The same position for every provider. */
export const placeAt = (position: number): Place => ({ BONGLOY: position, CASSO: position });

type Epochs = Pick<EventLog, 'epochAt'>;
type Checked = Pick<EventLog, 'epochAt' | 'positionOf' | 'end' | 'trimmedTo' | 'read'>;

const named = (log: Epochs, position: number): string => `${log.epochAt(position)}:${position}`;

/** The cursor of a position in the log; reading after it goes on behind that position. */
export const encodeEventCursor = (log: Epochs, position: number): string =>
  encodeCursor(KIND, named(log, position));

/** The cursor of a place: of the position that every provider has come to, and of what is ahead of it. */
export function encodeEventPlace(log: Epochs, place: Place): string {
  const lowest = Math.min(...Object.values(place));
  const ahead = PROVIDERS.filter((provider) => place[provider] > lowest);
  const parts = ahead.map((provider) => `|${provider}:${named(log, place[provider])}`);
  return encodeCursor(KIND, named(log, lowest) + parts.join(''));
}

/**
 * The position behind a cursor, checked against the log as it is now.
 * @param field the argument that carried the cursor, for the error.
 * @throws GatewayError BAD_USER_INPUT when it is no event cursor; CURSOR_EXPIRED when it is of another log or of
 *   a history that was lost, or events after it are gone, or it lies beyond the end.
 */
export const decodeEventCursor = async (cursor: string, log: Checked, field: string): Promise<number> =>
  positionOf(partsOf(cursor, field).lowest, log);

/**
 * The place behind a cursor, for a stream of these providers: the others' positions are not looked at.
 * @throws GatewayError as `decodeEventCursor`.
 */
export async function decodeEventPlace(
  cursor: string,
  log: Checked,
  field: string,
  providers: readonly Provider[],
): Promise<Place> {
  const { lowest, ahead } = partsOf(cursor, field);
  const names = new Map(providers.map((provider) => [provider, ahead.get(provider) ?? lowest]));
  const positions = new Map<Name, number>();
  for (const name of new Set(names.values())) positions.set(name, await positionOf(name, log));
  const of = (provider: Provider): number => positions.get(names.get(provider) ?? lowest) ?? 0;
  return { BONGLOY: of('BONGLOY'), CASSO: of('CASSO') };
}

/** What names a position for ever. */
interface Name {
  readonly epoch: string;
  readonly position: number;
}

const NAME = '([^:|]+):(0|[1-9]\\d{0,15})';
const CURSOR = new RegExp(`^${NAME}((?:\\|(?:${PROVIDERS.join('|')}):${NAME})*)$`);
const AHEAD = new RegExp(`\\|(${PROVIDERS.join('|')}):${NAME}`, 'g');

function partsOf(cursor: string, field: string) {
  const [, epoch, digits, rest = ''] = CURSOR.exec(decodeCursor(cursor, KIND, field)) ?? [];
  if (epoch === undefined) throw badUserInput(field, `${field} is not a cursor of the event log.`);
  const ahead = new Map<string, Name>();
  for (const [, provider = '', at = '', position] of rest.matchAll(AHEAD)) {
    ahead.set(provider, { epoch: at, position: Number(position) });
  }
  return { lowest: { epoch, position: Number(digits) }, ahead };
}

async function positionOf(name: Name, log: Checked): Promise<number> {
  const position = log.positionOf(name.epoch, name.position);
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
export const cursorExpired = (log: Epochs, trimmedTo: number): GatewayError =>
  new GatewayError('CURSOR_EXPIRED', 'The event log no longer holds that position. Reload, then go on.', {
    earliestCursor: encodeEventCursor(log, trimmedTo),
  });
