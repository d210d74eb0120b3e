import type { RowOutcome } from '../../domain/unreadable-row.ts';

/** One page of a list. Cursors are the provider's ids of rows; give at most one of them. */
export interface ListPage {
  /** 1 to 100. */
  readonly size: number;
  /** The page of older rows next to this one. */
  readonly after?: string;
  /** The page of newer rows next to this one. */
  readonly before?: string;
}

/** Rows newest first, in the provider's order. An unknown cursor gives no rows, like the end of the list. */
export interface Slice<T> {
  /** One that cannot be read stands in its place, so that pages are counted and followed as the provider gave them. */
  readonly rows: readonly RowOutcome<T>[];
  /** `links.next` is set. Exact without `before`; with it, true whenever there are rows (§4). */
  readonly hasOlder: boolean;
  /** `links.prev` is set. Exact with `before`; without it, true whenever there are rows (§4). */
  readonly hasNewer: boolean;
}
