import { isReadable, type RowOutcome } from '../../domain/unreadable-row.ts';
import { MINUTE } from '../../lib/duration.ts';
import type { HeldRows } from './held-rows.ts';
import { endOf, type IsNewer, insert, isSameBelow, join, placeOf, type Stretch, without } from './stretch.ts';

/** One of Casso's pages: 100 rows, newest first. */
export interface OffsetPage<T> {
  /** One that cannot be read stands in its place. */
  readonly rows: readonly RowOutcome<T>[];
  /** All rows of the list at that moment; null when Casso does not say. */
  readonly total: number | null;
  /** There is a page after this one. */
  readonly hasMore: boolean;
}

/** Rows of one of Casso's pages. */
export const PAGE = 100;
/** The most rows of one stretch, and the most stretches below the head. */
const MAX_ROWS = 10_000;
const MAX_DEEP = 10;
/** A row that was told stays for so long although a page does not show it: lists may lag behind webhooks. */
const LIST_LAG = MINUTE;

/**
 * What is held of one of Casso's lists, in its order: the rows from the head on, and stretches further down. Casso's pages go
 * by offset and rows arrive above them, so pages of different moments are put together only where the rows, or the number of
 * rows below, prove how (see `join`).
 */
export class HeldList<T extends { readonly id: string }> {
  readonly #rows: HeldRows<T>;
  readonly #isNewer: IsNewer<T>;
  #head: Stretch<T> | null = null;
  /** Those that landed last come first. */
  #deep: readonly Stretch<T>[] = [];

  constructor(rows: HeldRows<T>, isNewer: IsNewer<T>) {
    this.#rows = rows;
    this.#isNewer = isNewer;
  }

  get head(): Stretch<T> | null {
    return this.#head;
  }

  get stretches(): readonly Stretch<T>[] {
    return this.#head ? [this.#head, ...this.#deep] : this.#deep;
  }

  /** The stretch that holds the row, and where. */
  find(id: string): { readonly stretch: Stretch<T>; readonly place: number } | null {
    for (const stretch of this.stretches) {
      const place = placeOf(stretch, id);
      if (place !== -1) return { stretch, place };
    }
    return null;
  }

  /** A row that a webhook told. One that is held already stays as it is. */
  add(row: T, at: number): void {
    if (this.find(row.id)) return;
    const entry = { cell: this.#rows.told(row), at, isTold: true };
    const grown = (stretch: Stretch<T>) => insert(stretch, row, entry, this.#isNewer);
    this.#keep(this.#head && grown(this.#head), this.#deep.map(grown));
  }

  /** @param number of the page, 1-based. @param at when it was asked for, milliseconds since the epoch. */
  land(number: number, { rows, total, hasMore }: OffsetPage<T>, at: number): void {
    const fetched: Stretch<T> = {
      isHead: number === 1,
      offset: (number - 1) * PAGE,
      total,
      entries: rows.map((row) => ({ cell: this.#rows.fetched(row), at, isTold: false })),
      isEnd: !hasMore,
    };
    if (number === 1) this.#landHead(fetched, at);
    else this.#landBelow(fetched, at);
  }

  #landHead(fetched: Stretch<T>, at: number): void {
    const before = this.#head;
    const joined = before ? this.#withTold(join(fetched, before) ?? fetched, before, at) : fetched;
    const moved = before && isSameBelow(fetched, before) ? (joined.total ?? 0) - (before.total ?? 0) : null;
    // What stands further down has moved with the rows that both heads show, or is of another moment.
    const deep = this.#deep.flatMap((stretch) => {
      if (moved === null || stretch.total !== before?.total)
        return stretch.total === joined.total ? [stretch] : [];
      return [{ ...stretch, offset: stretch.offset + moved, total: joined.total }];
    });
    this.#absorb(joined, deep);
  }

  #landBelow(fetched: Stretch<T>, at: number): void {
    for (const held of this.stretches) {
      const joined = join(fetched, held);
      if (!joined) continue;
      const others = this.stretches.filter((other) => other !== held);
      return this.#absorb(this.#withTold(joined, held, at), others);
    }
    if (fetched.entries.length === 0) return;
    const same = this.stretches.filter(({ isHead, total }) => isHead || total === fetched.total);
    this.#absorb(fetched, same);
  }

  /** Joins to it whatever it meets now. */
  #absorb(landed: Stretch<T>, others: readonly Stretch<T>[]): void {
    for (const other of others) {
      const joined = join(landed, other);
      const rest = others.filter((one) => one !== other);
      if (joined) return this.#absorb(joined, rest);
    }
    const apart = others.map((other) => ({ ...other, entries: without(other.entries, landed) }));
    const all = [landed, ...apart.filter(({ isHead, entries }) => isHead || entries.length > 0)];
    const head = all.find(({ isHead }) => isHead) ?? null;
    this.#keep(
      head,
      all.filter((stretch) => stretch !== head),
    );
  }

  /** Told rows that the fetched page, which was asked for just before or after, does not show yet. */
  #withTold(joined: Stretch<T>, before: Stretch<T>, at: number): Stretch<T> {
    const shown = new Set(joined.entries.map(({ cell }) => cell));
    let all = joined;
    for (const entry of before.entries) {
      const { row } = entry.cell;
      if (!entry.isTold || entry.at < at - LIST_LAG || shown.has(entry.cell) || !isReadable(row)) continue;
      const grown = insert(all, row, entry, this.#isNewer);
      if (grown.entries.length > all.entries.length) all = grown;
    }
    return all;
  }

  /** Of what is too long the middle goes: the head is asked for most, and the end by a client that walks down. */
  #keep(head: Stretch<T> | null, deep: readonly Stretch<T>[]): void {
    const half = MAX_ROWS / 2;
    const ends = [...(head ? [head] : []), ...deep].flatMap((stretch) => {
      const { entries } = stretch;
      if (entries.length <= MAX_ROWS) return [stretch];
      const lower = {
        ...stretch,
        isHead: false,
        offset: endOf(stretch) - half,
        entries: entries.slice(-half),
      };
      return stretch === head
        ? [{ ...stretch, entries: entries.slice(0, half), isEnd: false }, lower]
        : [lower];
    });
    this.#head = head && (ends[0] ?? null);
    this.#deep = ends.slice(head ? 1 : 0, MAX_DEEP + 1);
  }
}
