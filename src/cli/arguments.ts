import { InvalidArgumentError } from 'commander';
import { isScope, SCOPES, type Scope } from '../auth/viewer.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../lib/duration.ts';

/** What options hold: text in, checked value out. All throw InvalidArgumentError saying what would be right. */

const UNITS = new Map([
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
  ['d', DAY],
]);

/** Milliseconds of a text such as 12h. */
export function duration(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNITS.get(unit ?? '');
  if (!count || !unitMs)
    throw new InvalidArgumentError('It must be a number with s, m, h or d, such as 12h.');
  return Number(count) * unitMs;
}

/** Milliseconds since the epoch of an ISO 8601 time, or of how long ago it was, such as 2h. */
export function moment(text: string): number {
  if (/^\d+[smhd]$/.test(text)) return Date.now() - duration(text);
  const time = /^\d{4}-\d\d-\d\d([T ].*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'It must be a time such as 2026-11-27T08:00:00Z, a date, or how long ago: 2h.',
    );
  }
  return time;
}

export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

export function scopes(text: string): Scope[] {
  const words = text.split(' ').filter(Boolean);
  if (words.length > 0 && words.every(isScope)) return words;
  throw new InvalidArgumentError(`It must be one or more of: ${SCOPES.join(' ')}.`);
}
