/**
 * A moment as text: in UTC and to the millisecond, of the years 1 to 9999, as `Date` writes it: `2026-11-21T07:30:00.000Z`.
 * What is only passed on needs no `Date`. The texts stand in the order of their times.
 */
export type Instant = string & { readonly [IS_INSTANT]: true };
declare const IS_INSTANT: unique symbol;

const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether a value has the form of an instant. Whether there is such a day was found out when the text was made. */
export const isInstant = (value: unknown): value is Instant => typeof value === 'string' && FORM.test(value);

export const toInstant = (date: Date): Instant => date.toISOString() as Instant;
