import { expect } from 'vitest';

/** Longer than one query is asked again and again. */
const A_MOMENT = 10 * 60_000;

/**
 * An answer's text, but for what the same query may answer differently from one time to the next: the order of errors
 * that happened at once; how many, and which, of several fields that may not be null failed before what lies around
 * them was given up; and how young a list is that was read again in between (`asOf`), with the places in its cursors.
 */
export function comparable(text: string): string {
  const result = JSON.parse(text) as Result;
  // Nothing of the text is lost in the reading.
  expect(JSON.stringify(result)).toBe(text);
  const { errors, data } = result;
  if (!errors) return timeless(text);
  const told = errors.map((error) => explained(error, data)).toSorted();
  return timeless(text.replace(JSON.stringify(errors), () => told.join()));
}

interface Result {
  readonly errors?: readonly Failure[];
  readonly data?: unknown;
}

interface Failure {
  readonly path?: readonly (string | number)[];
}

/** The error as it stands, or of one in what is missing altogether, where that would stand. */
function explained(error: Failure, data: unknown): string {
  let value = data;
  for (const [depth, key] of (error.path ?? []).entries()) {
    if (value === null) return `an error explains ${error.path?.slice(0, depth).join('.')}`;
    value = (value as Record<string | number, unknown> | undefined)?.[key];
  }
  return JSON.stringify(error);
}

const timeless = (text: string): string =>
  text.replaceAll(/"([^"\\]+)"/g, (quoted, value: string) => {
    if (/^\d{4}-[\d-]+T[\d:.]+Z$/.test(value)) return isNow(value) ? '"a moment ago"' : quoted;
    const cursor = Buffer.from(value, 'base64url').toString();
    if (!cursor.startsWith('v1:') || !cursor.includes('casso')) return quoted;
    // A row's id, where it was in the list, and of how many rows.
    return JSON.stringify(cursor.replaceAll(/(\d+)\.\d+\.\d*/g, '$1'));
  });

const isNow = (time: string): boolean => Math.abs(Date.now() - Date.parse(time)) < A_MOMENT;
