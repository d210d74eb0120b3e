import type { Rank } from '../provider.ts';

/**
 * How many of a minute's requests must be left over after a request of that rank has left.
 * - `CHANGE` and `ANSWER` may take the last one.
 * - `REFRESH` leaves a quarter to people, and at least one.
 * - `RECONCILIATION` leaves half of them, and at least one.
 * @param perMinute the whole allowance.
 */
export function leftOver(rank: Rank, perMinute: number): number {
  switch (rank) {
    case 'CHANGE':
    case 'ANSWER':
      return 0;
    case 'REFRESH':
      return Math.max(1, Math.floor(perMinute / 4));
    case 'RECONCILIATION':
      return Math.max(1, Math.ceil(perMinute / 2));
  }
}

/** How long a request waits for its turn, milliseconds; one whose turn is further away is refused at once. */
export const patienceOf = (rank: Rank, longest: number): number =>
  rank === 'CHANGE' || rank === 'ANSWER' ? longest : 0;
