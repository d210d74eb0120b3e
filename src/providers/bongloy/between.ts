import type { RowOutcome } from '../../domain/unreadable-row.ts';
import type { Slice } from './page.ts';
import { idsOf, isLast, PAGE, type PagedList, type Place, type Row, readAt, rowAfter } from './paged-list.ts';

/**
 * How far the order of two cursors is looked for, in pages of 100 from each. The provider cannot compare two rows.
 * Two that lie further apart are taken to be in order: nobody who walks a list passes its end by hundreds of rows.
 */
const ORDER_PAGES = 5;
/** The most requests of `between`: two pages, the two walks, the row behind the last, and whether a cursor's row exists. */
export const BETWEEN_CALLS = 2 + 2 * (ORDER_PAGES - 1) + 2;

export interface Between<T> {
  /** From the newest on, at most 100. */
  readonly rows: readonly RowOutcome<T>[];
  /** These are all. When false, there are more than `count`. */
  readonly whole: boolean;
}

/**
 * What lies after one place (the top of the list when null) and before another: nothing, when they are the wrong
 * way round. Upstream calls: 1 when `before` lies within 100 rows, else 2, and 8 more at most unless `inOrder`; for a
 * count of 100 one more to see whether there is another row.
 * @param inOrder it is known that `after` does not lie past `before`.
 * @throws GatewayError BAD_USER_INPUT naming the argument whose row does not exist.
 */
export async function between<T extends Row>(
  list: PagedList<T>,
  after: Place | null,
  before: Place,
  count: number,
  inOrder: boolean,
): Promise<Between<T>> {
  const from = after
    ? await readAt(list, { size: PAGE, after: after.id }, after)
    : await list.page({ size: PAGE });
  const near = cut(from.rows, [before.id]);
  if (near) return { rows: near, whole: true };

  const below = await readAt(list, { size: PAGE, after: before.id }, before);
  // A row that no longer matches the filter is not met, but the one below it is.
  const ends = [before.id, ...idsOf(below.rows.slice(0, 1))];
  const met = cut(from.rows, ends);
  if (met) return { rows: met, whole: true };
  if (after && !inOrder && !(await standsAbove(list, from, below, ends))) return { rows: [], whole: true };

  const oldest = idsOf(from.rows).at(-1);
  if (from.rows.length < PAGE || !oldest) return { rows: from.rows, whole: true };
  if (count < PAGE) return { rows: from.rows, whole: false };
  const next = await rowAfter(list, oldest);
  return { rows: from.rows, whole: !next || isOneOf(ends, next) };
}

/** The rows before the first of the `ends`; undefined when none of them is met. */
function cut<T extends Row>(
  rows: readonly RowOutcome<T>[],
  ends: readonly string[],
): readonly RowOutcome<T>[] | undefined {
  const end = rows.findIndex((row) => isOneOf(ends, row));
  return end === -1 ? undefined : rows.slice(0, end);
}

const isOneOf = (ids: readonly string[], { id }: RowOutcome<Row>): boolean => id !== null && ids.includes(id);

/**
 * Whether the rows of one page stand above those of another that holds none of them: walks down from both, until
 * one walk comes to where the other began, or to the end of the list.
 * @param ends the ids at which the walk from `from` has come to where `below` began.
 */
async function standsAbove<T extends Row>(
  list: PagedList<T>,
  from: Slice<T>,
  below: Slice<T>,
  ends: readonly string[],
): Promise<boolean> {
  const start = idsOf(from.rows.slice(0, 1));
  let [upper, lower] = [from, below];
  for (let pages = 1; ; pages += 1) {
    if (cut(lower.rows, start)) return false;
    if (isLast(lower)) return true;
    if (isLast(upper)) return false;
    if (pages === ORDER_PAGES) return true;
    [upper, lower] = await Promise.all([pageBelow(list, upper), pageBelow(list, lower)]);
    if (cut(upper.rows, ends)) return true;
  }
}

function pageBelow<T extends Row>(list: PagedList<T>, { rows }: Slice<T>): Promise<Slice<T>> {
  const oldest = idsOf(rows).at(-1);
  return list.page({ size: PAGE, ...(oldest && { after: oldest }) });
}
