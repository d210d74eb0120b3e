import { UpstreamFailure } from '../../upstream/errors.ts';

/**
 * Small readers for documents that were just parsed: the wire types are promises, and these check them. Messages
 * name what is wrong and never show what was there.
 */
export type Json = Readonly<Record<string, unknown>>;

/** @throws UpstreamFailure wrong-shape, always. */
export function wrongShape(what: string): never {
  throw new UpstreamFailure('wrong-shape', `Casso: ${what}`);
}

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

/** @throws UpstreamFailure wrong-shape when it is not an object. */
export function object<T extends object>(value: T, what: string): T {
  return isObject(value) ? value : wrongShape(`${what} is not an object`);
}

/** @throws UpstreamFailure wrong-shape when it is not a list. */
export function list<T>(value: readonly T[], what: string): readonly T[] {
  return Array.isArray(value) ? value : wrongShape(`${what} is not a list`);
}

/** A safe integer (53 bits). @throws UpstreamFailure wrong-shape otherwise. */
export function integer(value: number, what: string): number {
  return Number.isSafeInteger(value) ? value : wrongShape(`${what} is not an integer`);
}
