import { badUserInput } from '../../domain/errors.ts';
import type { RowOutcome } from '../../domain/unreadable-row.ts';
import { idsOf, isLast, PAGE, type PagedList, type Place, type Row, readAt, rowAfter } from './paged-list.ts';

/** The most that is read downwards, in pages of 100, from a provider whose backward pages are the newest rows. */
const MAX_PAGES = 50;
/** The most requests of `above`: its page, the rows below two, and that walk. */
export const ABOVE_CALLS = MAX_PAGES + 3;

export interface Above<T> {
  /** Newest first. */
  readonly rows: readonly RowOutcome<T>[];
  /** There are rows above them. */
  readonly more: boolean;
}

/**
 * The `count` rows next above a place. Asks for 100 rows whatever the count: when fewer come, they are all there are,
 * and it does not matter whether backward pages are the nearest rows (docs/providers/bongloy.md §4, point 4) or the
 * newest (4'). A full page is checked: the row below it must be the place itself. Upstream calls: 1, or 2 when there
 * are 100 rows or more, and one more when the place no longer matches the filter or the count is 100; under 4' one
 * for each 100 rows above the place besides.
 * @throws GatewayError BAD_USER_INPUT when the place's row does not exist, or lies too deep (under 4').
 */
export async function above<T extends Row>(
  list: PagedList<T>,
  place: Place,
  count: number,
): Promise<Above<T>> {
  const { rows, hasNewer } = await readAt(list, { size: PAGE, before: place.id }, place);
  const ids = idsOf(rows);
  const [newest, oldest] = [ids[0], ids.at(-1)];
  if (rows.length < PAGE || !newest || !oldest || count === 0) return lastOf(rows, count);

  const below = await rowAfter(list, oldest);
  if (below && below.id !== place.id) {
    const placeBelow = await rowAfter(list, place.id);
    if (placeBelow?.id !== below.id) return walkDown(list, rows, [place.id, placeBelow?.id], count);
  }
  const more = count < PAGE || (hasNewer && (await list.page({ size: 1, before: newest })).rows.length > 0);
  return { rows: lastOf(rows, count).rows, more };
}

export function lastOf<T>(rows: readonly RowOutcome<T>[], count: number): Above<T> {
  return { rows: rows.slice(Math.max(0, rows.length - count)), more: rows.length > count };
}

/** From the newest rows down to one of the `ends`, keeping as many of the last ones as are needed. */
async function walkDown<T extends Row>(
  list: PagedList<T>,
  newest: readonly RowOutcome<T>[],
  ends: readonly (string | null | undefined)[],
  count: number,
): Promise<Above<T>> {
  let kept = newest;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const slice = await list.page({ size: PAGE, after: idsOf(kept).at(-1) ?? '' });
    const end = slice.rows.findIndex(({ id }) => id !== null && ends.includes(id));
    kept = [...kept, ...slice.rows.slice(0, end === -1 ? PAGE : end)].slice(-(PAGE + 1));
    if (end !== -1 || isLast(slice)) return lastOf(kept, count);
  }
  throw badUserInput(
    'before',
    'before lies too deep to be read backward from: walk forward with after instead.',
  );
}
