import { unusable } from './errors.ts';
import { PAGE } from './held-list.ts';
import type { Position } from './position.ts';
import type { FetchPage, OffsetWindow, Slice } from './window.ts';

/** The most pages that are fetched to find one row again. */
export const MAX_SEARCHED = 6;
/** The most that are fetched to find the rows below one that is held, where rows have come above it. */
const MAX_FOLLOWED = 3;

/**
 * What stands below a row, after the list may have grown: what is held, else the row is looked for where it must be by
 * now, then beside it. Null when it is in none of these, after six calls at most, or three when the list has not changed.
 */
export async function locate<T extends { readonly id: string }>(
  window: OffsetWindow<T>,
  fetch: FetchPage<T>,
  position: Position,
): Promise<Slice<T> | null> {
  return window.behind(position.id) ?? (await search(window, fetch, position));
}

/**
 * What stands below the last row of what is held, which is fetched.
 * @throws GatewayError UPSTREAM_UNAVAILABLE when the list changes faster than it can be read.
 */
export async function follow<T extends { readonly id: string }>(
  window: OffsetWindow<T>,
  fetch: FetchPage<T>,
  last: Position,
): Promise<Slice<T>> {
  const next = await pageBelow(window, fetch, last);
  if (next && isFurther(next)) return next;
  // The two pages are of different moments: side by side, rows could be missing between them.
  const found = await search(
    window,
    fetch,
    next ? { ...last, offset: next.offset - 1, total: next.total } : last,
  );
  const again = found && (isFurther(found) ? found : await pageBelow(window, fetch, last));
  if (again && isFurther(again)) return again;
  throw unusable('the list changes faster than it can be read');
}

/** Whether it goes on from there. */
export const isFurther = <T>({ rows, hasMore }: Slice<T>): boolean => rows.length > 0 || !hasMore;

/** Null when the row is no longer held: what was fetched shows other rows in its place. */
async function pageBelow<T extends { readonly id: string }>(
  window: OffsetWindow<T>,
  fetch: FetchPage<T>,
  last: Position,
): Promise<Slice<T> | null> {
  let held = window.behind(last.id);
  // A page says how many rows came above: what was looked for may stand on a later one.
  for (let before = 0, pages = 0; pages < MAX_FOLLOWED; pages += 1) {
    const number = pageAt(held?.offset ?? last.offset + 1);
    if (number <= before) break;
    await window.page(number, fetch);
    held = window.behind(last.id);
    if (held && isFurther(held)) break;
    before = number;
  }
  return held;
}

/** The same among Casso's own pages, whatever is held. */
async function search<T extends { readonly id: string }>(
  window: OffsetWindow<T>,
  fetch: FetchPage<T>,
  position: Position,
): Promise<Slice<T> | null> {
  let { total } = position;
  const tried = new Set<number>();
  for (let searched = 0; searched < MAX_SEARCHED; searched += 1) {
    const number = likelyPages(position, total).find((candidate) => !tried.has(candidate));
    if (number === undefined) return null;
    const page = await window.page(number, fetch);
    if (page.rows.some(({ id }) => id === position.id)) return window.behind(position.id);
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
    Math.min(Math.max(pageAt(place), 1), last),
  );
}

/** The page that a row stands on, with so many rows above it. */
const pageAt = (offset: number): number => Math.floor(offset / PAGE) + 1;
