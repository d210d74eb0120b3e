import { type Instant, toInstant } from '../domain/instant.ts';
import { isHeaderText } from '../lib/header-text.ts';
import { UpstreamFailure } from '../upstream/errors.ts';

/*
 * Small readers for documents that were just parsed: each checks one member and gives it its type. The key is checked
 * against the wire type at compile time, the value at run time. Messages name the member and never show what was in it.
 */
export type Json = Readonly<Record<string, unknown>>;

type Key<T> = Extract<keyof T, string>;

/** Gets the name of a member that is only shown and cannot be read: it becomes null, and the row is good. */
export type OnOdd = (member: string) => void;

/** One member of a document is missing, or is not what the provider documents. */
export class WrongMember extends UpstreamFailure {
  /** Its name on the wire: a constant of ours. */
  readonly member: string;

  constructor(member: string, problem: string) {
    super('wrong-shape', `${member} ${problem}`);
    this.member = member;
  }
}

/** @throws UpstreamFailure wrong-shape, always: for what is wrong with a document as a whole. */
export function wrongShape(what: string): never {
  throw new UpstreamFailure('wrong-shape', what);
}

/** @throws WrongMember, always. */
export function wrongMember(member: string, problem: string): never {
  throw new WrongMember(member, problem);
}

/** Missing members are as likely as null ones, and an empty text says nothing either. */
export const isTold = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A body as a JSON object; null when it is empty, HTML, cut off, or another JSON value. Needs no content type. */
export function jsonObject(body: string): Json | null {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** What is only shown: null when it is missing, and null, with a word to `odd`, when it cannot be read. */
export function shown<T extends object, V>(
  from: T,
  key: Key<T>,
  read: (from: T, key: Key<T>) => V,
  odd: OnOdd,
): V | null {
  if (!isTold(from[key])) return null;
  try {
    return read(from, key);
  } catch (error) {
    if (!(error instanceof WrongMember)) throw error;
    odd(error.member);
    return null;
  }
}

/** The same for an object, which keeps the type that the wire gives it. */
export function shownObject<T extends object, K extends Key<T>>(
  from: T,
  key: K,
  odd: OnOdd,
): NonNullable<T[K]> | null {
  const value: unknown = from[key];
  if (!isTold(value)) return null;
  if (isObject(value)) return value as NonNullable<T[K]>;
  odd(key);
  return null;
}

/** A text that says something. */
export function text<T extends object>(from: T, key: Key<T>): string {
  const value: unknown = from[key];
  return typeof value === 'string' && value !== '' ? value : wrongMember(key, 'is not a text');
}

/** An access token: each call sends it in a header. */
export function headerToken<T extends object>(from: T, key: Key<T>): string {
  const value = text(from, key);
  return isHeaderText(value) ? value : wrongMember(key, 'holds what no header can');
}

/** An integer within bounds, both inclusive. */
export function integerFrom(least: number, greatest: number) {
  return <T extends object>(from: T, key: Key<T>): number => {
    const value: unknown = from[key];
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest
      ? value
      : wrongMember(key, 'is not an integer, or out of bounds');
  };
}

/** A safe integer (53 bits): money() takes it as it is. */
export const integer = integerFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

/** A currency as ISO 4217 code in upper case, as the schema's CurrencyCode. */
export function currency<T extends object>(from: T, key: Key<T>): string {
  const value = text(from, key);
  return /^[A-Z]{3}$/.test(value) ? value : wrongMember(key, 'is not a currency code');
}

export function object<T extends object, K extends Key<T>>(from: T, key: K): NonNullable<T[K]> {
  const value: unknown = from[key];
  return isObject(value) ? (value as NonNullable<T[K]>) : wrongMember(key, 'is not an object');
}

export function list<T extends object>(from: T, key: Key<T>): readonly unknown[] {
  const value: unknown = from[key];
  return Array.isArray(value) ? value : wrongMember(key, 'is not a list');
}

/** An absolute URL that a browser may open. */
export function url<T extends object>(from: T, key: Key<T>): string {
  const value = text(from, key);
  return /^https?:\/\//i.test(value) && URL.canParse(value) ? value : wrongMember(key, 'is not a URL');
}

/** A day of the calendar: yyyy-mm-dd. */
export function day<T extends object>(from: T, key: Key<T>): string {
  const value = text(from, key);
  return DAY.test(value) && isDay(value) ? value : wrongMember(key, 'is not a date');
}

const DATE = String.raw`(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const DAY = new RegExp(`^${DATE}$`);
const MINUTES = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
/** What nearly every time is, and Date.parse takes. */
const PLAIN = new RegExp(`^${DATE}T${MINUTES}:[0-5]\\d(?:\\.\\d{3})?(?:Z|[+-](?:0\\d|1[0-4]):[0-5]\\d)$`);
const INSTANT = new RegExp(
  `^(${DATE})[T ](${MINUTES})(?:(:[0-5]\\d)(?:\\.(\\d{1,9}))?)? ?(Z|[+-](?:0\\d|1[0-4]):?[0-5]\\d)?$`,
  'i',
);

/** What Bongloy writes: in UTC, so that nothing has to be computed. */
const UTC = new RegExp(`^${DATE}T${MINUTES}:[0-5]\\d(?:\\.\\d{3})?Z$`);
const isUtc = (value: string): boolean => UTC.test(value) && isDay(value);

/** A time with a zone, as `parseInstant` reads it: without one, the server's own zone would decide. */
export function instant<T extends object>(from: T, key: Key<T>): Instant {
  const value = text(from, key);
  if (isUtc(value)) return (value.includes('.') ? value : `${value.slice(0, -1)}.000Z`) as Instant;
  return toInstant(parseInstant(value, null) ?? wrongMember(key, 'is not a time'));
}

/** That it can be read, without making the text. */
export function checkInstant<T extends object>(from: T, key: Key<T>): void {
  const value: unknown = from[key];
  if (typeof value !== 'string' || !isUtc(value)) instant(from, key);
}

const EARLIEST = Date.parse('0001-01-01T00:00:00.000Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * A time as ISO 8601, such as `2026-10-10T14:35:12.000+07:00`; a blank may stand for the T, and seconds or their fraction
 * may be left out. The day must be one of the calendar, and the time one of the years 1 to 9999.
 * @param zone of a text that names none, such as `+07:00`; null: such a text is no time.
 */
export function parseInstant(value: string, zone: string | null): Date | null {
  const iso = PLAIN.test(value) ? value : inPlainForm(value, zone);
  if (iso === null || !isDay(iso)) return null;
  const time = Date.parse(iso);
  return time >= EARLIEST && time <= LATEST ? new Date(time) : null;
}

function inPlainForm(value: string, zone: string | null): string | null {
  const [, date, minutes, seconds = ':00', fraction = '', own] = INSTANT.exec(value) ?? [];
  const offset = own ?? zone;
  if (date === undefined || offset === null) return null;
  // `+0700` is `+07:00`.
  const withColon = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase();
  return `${date}T${minutes}${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${withColon}`;
}

/** Date rolls 30 February over into March; no clock shows that. @param iso begins with what `DAY` allows. */
function isDay(iso: string): boolean {
  const day = Number(iso.slice(8, 10));
  return day <= 28 || new Date(`${iso.slice(0, 10)}T00:00:00.000Z`).getUTCDate() === day;
}
