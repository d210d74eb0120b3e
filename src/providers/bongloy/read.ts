import { UpstreamFailure } from '../../upstream/errors.ts';

/**
 * Small readers for documents that were just parsed: each checks one member and gives it its type. The key is
 * checked against the wire type at compile time, the value at run time. Any other type than the documented one is a
 * wrong shape, and so is nothing where something must be. Messages name the member and never show what was in it.
 */
export type Json = Readonly<Record<string, unknown>>;

type Key<T> = Extract<keyof T, string>;

/** @throws UpstreamFailure wrong-shape, always. */
export function wrongShape(what: string): never {
  throw new UpstreamFailure('wrong-shape', `Bongloy: ${what}`);
}

/** Missing attributes are as likely as null ones (§2.1). */
const isMissing = (value: unknown): value is undefined | null => value === undefined || value === null;

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

export function text<T extends object>(from: T, key: Key<T>): string {
  const value: unknown = from[key];
  return typeof value === 'string' ? value : wrongShape(`${key} is not a text`);
}

/** A text that is missing, null or empty says nothing: null. */
export function optionalText<T extends object>(from: T, key: Key<T>): string | null {
  return isMissing(from[key]) ? null : text(from, key) || null;
}

/** A safe integer (53 bits): money() takes it as it is. */
export function integer<T extends object>(from: T, key: Key<T>): number {
  const value: unknown = from[key];
  return typeof value === 'number' && Number.isSafeInteger(value)
    ? value
    : wrongShape(`${key} is not an integer`);
}

export function object<T extends object, K extends Key<T>>(from: T, key: K): NonNullable<T[K]> {
  const value: unknown = from[key];
  return isObject(value) ? (value as NonNullable<T[K]>) : wrongShape(`${key} is not an object`);
}

export function optionalObject<T extends object, K extends Key<T>>(
  from: T,
  key: K,
): NonNullable<T[K]> | null {
  return isMissing(from[key]) ? null : object(from, key);
}

export function list<T extends object>(from: T, key: Key<T>): readonly unknown[] {
  const value: unknown = from[key];
  return Array.isArray(value) ? value : wrongShape(`${key} is not a list`);
}

export function optionalList<T extends object>(from: T, key: Key<T>): readonly unknown[] | null {
  return isMissing(from[key]) ? null : list(from, key);
}

/** ISO 8601 with a zone: without one, the server's own zone would decide. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

export function instant<T extends object>(from: T, key: Key<T>): Date {
  const value = text(from, key);
  const instant = new Date(value);
  return INSTANT.test(value) && !Number.isNaN(instant.getTime())
    ? instant
    : wrongShape(`${key} is not a time`);
}

export function optionalInstant<T extends object>(from: T, key: Key<T>): Date | null {
  return optionalText(from, key) === null ? null : instant(from, key);
}

/** The word of ours that the provider writes in lower case, or OTHER for one that it added since. */
export function known<W extends string>(raw: string, words: readonly W[]): W | 'OTHER' {
  return words.find((word) => word.toLowerCase() === raw) ?? 'OTHER';
}
