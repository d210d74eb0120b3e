import type { Rank } from '../provider.ts';

/**
 * What each rank may take of the requests that Casso allows in a minute. Who is earlier in the order goes first, and what
 * no person asked for leaves some to people. A person who was refused knows when to come back: until a moment after that
 * one request is left for them by every later rank, and the same goes for a refresh before reconciliation.
 *
 * - `CHANGE` may take the last request of a minute.
 * - `ANSWER` too, but leaves one to a change that was refused.
 * - `REFRESH` leaves a quarter of them to people, and at least one.
 * - `RECONCILIATION` leaves half of them, and at least one. When it has had none for a quarter of an hour it is `OVERDUE`: it then
 *   leaves one, goes before refreshes, and waits for a minute. Where Casso allows three or fewer, the very first round after the
 *   first start gets none. A list that is looked at all the time delays it,
 *   and does not end it. Only people do who ask for all requests but one, or more, in every minute.
 *
 * Where Casso allows one request a minute, the last two may take it while no person who was refused is expected back.
 */
export const ORDER = ['CHANGE', 'ANSWER', 'OVERDUE', 'REFRESH', 'RECONCILIATION'] as const;
export type Precedence = (typeof ORDER)[number];

/** What a person asks for waits a little; for the others there is another time. */
export const isForPeople = (precedence: Precedence): boolean =>
  precedence === 'CHANGE' || precedence === 'ANSWER';

const LEFT_TO_PEOPLE: Readonly<Record<Precedence, (perMinute: number) => number>> = {
  CHANGE: () => 0,
  ANSWER: () => 0,
  OVERDUE: () => 1,
  REFRESH: (perMinute) => Math.max(1, Math.floor(perMinute / 4)),
  RECONCILIATION: (perMinute) => Math.max(1, Math.ceil(perMinute / 2)),
};

/** How many of a minute's requests must be left to people after one of this precedence has left. */
export const leftToPeople = (precedence: Precedence, perMinute: number): number =>
  Math.min(LEFT_TO_PEOPLE[precedence](perMinute), perMinute - 1);

/** Negative when `a` goes first. */
export const inOrder = (a: Precedence, b: Precedence): number => ORDER.indexOf(a) - ORDER.indexOf(b);

export const precedenceOf = (rank: Rank, isOverdue: boolean): Precedence =>
  rank === 'RECONCILIATION' && isOverdue ? 'OVERDUE' : rank;
