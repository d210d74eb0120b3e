import { HOUR } from '../../../lib/duration.ts';

/** Casso knows no zone: its times are Vietnam's wall clock, without daylight saving (§7). */
const OFFSET = 7 * HOUR;

/** `2021-04-15T09:30:00` in Vietnam. `ms` is since the Unix epoch. */
export function vietnamTime(ms: number): string {
  return new Date(ms + OFFSET).toISOString().slice(0, 19);
}

/** `2021-04-15` in Vietnam. `ms` is since the Unix epoch. */
export function vietnamDate(ms: number): string {
  return vietnamTime(ms).slice(0, 10);
}

/** A date alone as its midnight; anything else as it is. The results can be compared as texts. */
export function withTime(when: string): string {
  return when.length === 10 ? `${when}T00:00:00` : when;
}
