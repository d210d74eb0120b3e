import { isReadable } from '../../domain/unreadable-row.ts';
import type { Cell } from './held-rows.ts';

interface Row {
  readonly id: string;
}

/** A row of a stretch. */
export interface Entry<T> {
  readonly cell: Cell<T>;
  /** When Casso was asked for it, or told it, milliseconds since the epoch. */
  readonly at: number;
  /** It came by a webhook, and no list has shown it yet. */
  readonly isTold: boolean;
}

/** Rows that stand one below the other in Casso's list, with nothing between them. */
export interface Stretch<T extends Row> {
  /** What was seen when the head of the list was asked for last. Other rows may have come above it since. */
  readonly isHead: boolean;
  /** Rows above it. */
  readonly offset: number;
  /** Rows of the whole list; null when Casso does not say. */
  readonly total: number | null;
  readonly entries: readonly Entry<T>[];
  /** Nothing stands below it. */
  readonly isEnd: boolean;
}

/** Whether a row stands above another one in Casso's list. */
export type IsNewer<T> = (row: T, other: T) => boolean;

export const endOf = ({ offset, entries }: Stretch<Row>): number => offset + entries.length;

export const placeOf = ({ entries }: Stretch<Row>, id: string): number =>
  entries.findIndex(({ cell }) => cell.row.id === id);

/** A list that has one row more: the row itself is held only where it is sure to have its neighbours beside it. */
export function insert<T extends Row>(
  stretch: Stretch<T>,
  row: T,
  entry: Entry<T>,
  isNewer: IsNewer<T>,
): Stretch<T> {
  const { entries, isEnd } = stretch;
  const total = stretch.total === null ? null : stretch.total + 1;
  const place = entries.findIndex(({ cell }) => isReadable(cell.row) && isNewer(row, cell.row));
  if (place === 0 && !stretch.isHead) return { ...stretch, offset: stretch.offset + 1, total };
  if (place === -1 && !isEnd) return { ...stretch, total };
  return { ...stretch, total, entries: entries.toSpliced(place === -1 ? entries.length : place, 0, entry) };
}

/**
 * Puts a stretch that was fetched and one that is held together. What was fetched wins. Rows that arrived or went above both
 * change nothing: the rows say where the one stands in the other.
 * @returns null when it cannot be told how they belong together.
 */
export function join<T extends Row>(fetched: Stretch<T>, held: Stretch<T>): Stretch<T> | null {
  const common = commonRow(fetched, held);
  if (!common) return joinEnds(fetched, held);
  /** Where the first fetched row stands in what is held; less than 0 when it stands above. */
  const start = common.held - common.fetched;
  const above = fetched.isHead ? [] : without(held.entries.slice(0, Math.max(start, 0)), fetched);
  const below = without(held.entries.slice(goesOnAt(fetched, held) ?? held.entries.length), fetched);
  /** Rows that webhooks told, and that the page does not count yet. */
  const uncounted = Math.max(above.length - fetched.offset, 0);
  return {
    isHead: fetched.isHead || held.isHead,
    offset: fetched.offset - above.length + uncounted,
    total: fetched.total === null ? null : fetched.total + uncounted,
    entries: [...above, ...fetched.entries, ...below],
    isEnd: below.length > 0 ? held.isEnd : fetched.isEnd,
  };
}

/** A row that was told may stand elsewhere than where it was put, as where a bank gives dates alone: the list knows better. */
export function without<T extends Row>(
  entries: readonly Entry<T>[],
  fetched: Stretch<T>,
): readonly Entry<T>[] {
  const shown = new Set(fetched.entries.map(({ cell }) => cell));
  return entries.filter(({ cell }) => !shown.has(cell));
}

/** Whether as many rows stand below a row that both show: whatever changed, changed above it. */
export function isSameBelow<T extends Row>(fetched: Stretch<T>, held: Stretch<T>): boolean {
  const common = commonRow(fetched, held);
  return common !== null && isAsDeep(fetched, common.fetched, held, common.held);
}

/**
 * A row that both show: the first that a list has shown before. Of rows that were told alone, the last one, where as many rows
 * stand below it: where a told row was put proves nothing.
 */
function commonRow<T extends Row>(
  fetched: Stretch<T>,
  held: Stretch<T>,
): { readonly fetched: number; readonly held: number } | null {
  const places = new Map(held.entries.map(({ cell }, n) => [cell, n]));
  for (const [n, { cell }] of fetched.entries.entries()) {
    const place = places.get(cell);
    if (place !== undefined && !held.entries[place]?.isTold) return { fetched: n, held: place };
  }
  const last = fetched.entries.length - 1;
  const below = goesOnAt(fetched, held);
  return below === null ? null : { fetched: last, held: below - 1 };
}

/** Where the held rows go on behind the last fetched one; null when they do not, or other rows may have come between. */
function goesOnAt<T extends Row>(fetched: Stretch<T>, held: Stretch<T>): number | null {
  const id = fetched.entries.at(-1)?.cell.row.id;
  const place = id ? placeOf(held, id) : -1;
  return place !== -1 && isAsDeep(fetched, fetched.entries.length - 1, held, place) ? place + 1 : null;
}

const isAsDeep = <T extends Row>(
  one: Stretch<T>,
  place: number,
  other: Stretch<T>,
  otherPlace: number,
): boolean =>
  one.total === null || other.total === null
    ? one.total === other.total
    : one.total - one.offset - place === other.total - other.offset - otherPlace;

/** Where one ends where the other begins. */
function joinEnds<T extends Row>(fetched: Stretch<T>, held: Stretch<T>): Stretch<T> | null {
  if ((fetched.total === null) !== (held.total === null)) return null;
  /** Rows above both that the fetched page did not count yet, as webhooks told them. */
  const uncounted = (held.total ?? 0) - (fetched.total ?? 0);
  if (uncounted >= 0 && !fetched.isHead && endOf(held) === fetched.offset + uncounted)
    return { ...held, entries: [...held.entries, ...fetched.entries], isEnd: fetched.isEnd };
  if (uncounted === 0 && !held.isHead && endOf(fetched) === held.offset)
    return { ...fetched, entries: [...fetched.entries, ...held.entries], isEnd: held.isEnd };
  return null;
}
