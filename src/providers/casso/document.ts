import { type Money, money } from '../../domain/money.ts';
import { integer, integerFrom, isObject, isTold, type Json, text, wrongMember, wrongShape } from '../read.ts';

/* What Casso's documents have in common: ids, amounts in VND, and texts that may be empty or numbers. */

/** A parsed value for a document, whose members are unread. @throws UpstreamFailure wrong-shape. */
export const document = (raw: unknown, what: string): Json =>
  isObject(raw) ? raw : wrongShape(`${what} is not an object`);

/** Ids are integers on the wire and texts with us. */
export function cassoId<T extends object>(from: T, key: Extract<keyof T, string>): string {
  return String(integerFrom(1, Number.MAX_SAFE_INTEGER)(from, key));
}

/** The id of a row that may be unreadable otherwise. */
export const idOf = (raw: unknown): string | null => {
  const id = isObject(raw) ? raw['id'] : null;
  return Number.isSafeInteger(id) && Number(id) > 0 ? String(id) : null;
};

/** An amount or a balance, which may be negative. VND has no minor unit. */
export const dong = <T extends object>(from: T, key: Extract<keyof T, string>): Money =>
  money('CASSO', integer(from, key), 'VND');

/** Accounts name their currency. Transactions do not, as far as is known; one that does is believed. */
export interface Priced {
  readonly currency?: string;
}

/** The unit of an amount in another currency is not documented, and a wrong amount is worse than none. @throws WrongMember. */
export function inDong(row: Priced): void {
  if (isTold(row.currency) && row.currency !== 'VND') wrongMember('currency', 'is not VND');
}

/** A text; a number in its place is taken as its digits (§6.1; `BIN`). `""` means absent everywhere at Casso (§4.2). */
export function words<T extends object>(from: T, key: Extract<keyof T, string>): string {
  return typeof from[key] === 'number' ? String(integer(from, key)) : text(from, key);
}

/** For a text that the row does not need: null for anything else than a text. */
export const said = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
