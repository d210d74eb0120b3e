import { expect } from 'vitest';

/**
 * An answer's text, but for what the same query may answer differently from one time to the next: the order of errors
 * that happened at once; and how many, and which, of several fields that may not be null failed before what lies around
 * them was given up.
 */
export function comparable(text: string): string {
  const result = JSON.parse(text) as Result;
  // Nothing of the text is lost in the reading.
  expect(JSON.stringify(result)).toBe(text);
  const { errors, data } = result;
  if (!errors) return text;
  const told = errors.map((error) => explained(error, data)).toSorted();
  return text.replace(JSON.stringify(errors), () => told.join());
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
