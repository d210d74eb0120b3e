import type { Position } from './position.ts';
import type { FetchPage, Found, OffsetWindow } from './window.ts';

/** Rows of a page. */
export const PAGE = 100;

/** The most pages that are fetched to find one row again. */
export const MAX_SEARCHED = 6;

/**
 * Finds a row again after the list may have grown: among the kept pages, else where it must be by now, then beside
 * it. Null when it is in none of these, after six calls at most, or three when the list has not changed.
 */
export async function locate<T extends { readonly id: string }>(
  window: OffsetWindow<T>,
  fetch: FetchPage<T>,
  position: Position,
  maxAgeMs: number,
): Promise<Found<T> | null> {
  const kept = window.find(position.id, maxAgeMs);
  if (kept) return kept;
  let { total } = position;
  const tried = new Set<number>();
  for (let searched = 0; searched < MAX_SEARCHED; searched += 1) {
    const number = likelyPages(position, total).find((candidate) => !tried.has(candidate));
    if (number === undefined) return null;
    const page = await window.page(number, 0, fetch);
    const index = page.rows.findIndex(({ id }) => id === position.id);
    if (index !== -1) return { page, number, index };
    // Pages of another moment say nothing about where the row is now.
    if (page.total !== total) tried.clear();
    total = page.total;
    tried.add(number);
  }
  return null;
}

/**
 * Most likely first. Rows that came since all stand above the row, as new ones do: it moved down by their number.
 * Or all stand below, as when a bank account is linked with its old rows: it has not moved. Or it is a bit of both.
 */
function likelyPages({ offset, total }: Position, totalNow: number | null): readonly number[] {
  const grown = total === null || totalNow === null ? 0 : totalNow - total;
  const moved = offset + grown;
  const further = total === null ? [2, 3, 4].map((pages) => offset + pages * PAGE) : [];
  const last = totalNow === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(totalNow / PAGE));
  return [moved, offset, moved - PAGE, offset + PAGE, moved + PAGE, offset - PAGE, ...further].map((place) =>
    Math.min(Math.max(Math.floor(place / PAGE) + 1, 1), last),
  );
}
