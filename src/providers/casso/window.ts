import { LRUCache } from 'lru-cache';
import type { RowOutcome } from '../../domain/unreadable-row.ts';
import type { Clock } from '../../lib/clock.ts';

/** One of Casso's pages: 100 rows, newest first. */
export interface OffsetPage<T> {
  /** One that cannot be read stands in its place. */
  readonly rows: readonly RowOutcome<T>[];
  /** All rows of the list at that moment; null when Casso does not say. */
  readonly total: number | null;
  /** There is a page after this one. */
  readonly hasMore: boolean;
}

/** Fetches a page by its 1-based number. */
export type FetchPage<T> = (number: number) => Promise<OffsetPage<T>>;

/** A row's place in a page. */
export interface Found<T> {
  readonly page: OffsetPage<T>;
  /** 1-based. */
  readonly number: number;
  /** Of the row in the page, from 0; -1 stands before the first. */
  readonly index: number;
}

/**
 * The fetched pages of one list: one credential, bank account and span of dates. Rows that arrive at the head push
 * all others down, so pages of different moments must not be put side by side: kept are only pages that show the
 * same total, and one that shows another drops the rest.
 */
export interface OffsetWindow<T> {
  /** The most rows that it comes to hold. */
  readonly maxRows: number;
  /**
   * The kept page when it is younger than `maxAgeMs`, else a new one. Callers who want the same page at the same time
   * share one call, whoever's `fetch` it is; when it fails they try once more with one of their own, as it may have
   * failed only because its caller left.
   * @throws whatever `fetch` throws; failures are not kept.
   */
  page(number: number, maxAgeMs: number, fetch: FetchPage<T>): Promise<OffsetPage<T>>;
  /** The kept page when it is younger than `maxAgeMs`, else null. Sends no request. */
  peek(number: number, maxAgeMs: number): OffsetPage<T> | null;
  /** The row among the kept pages that are younger than `maxAgeMs`. */
  find(id: string, maxAgeMs: number): Found<T> | null;
  /** Something changed: forgets every page, and does not keep those that were asked for before. */
  clear(): void;
}

/** The most that is kept of one list: pages of 100 rows. */
const MAX_PAGES = 20;

export function createWindow<T extends { readonly id: string }>(clock: Clock): OffsetWindow<T> {
  const kept = new LRUCache<number, { readonly page: OffsetPage<T>; readonly at: number }>({
    max: MAX_PAGES,
  });
  const flights = new Map<number, Promise<OffsetPage<T>>>();

  const young = (at: number, maxAgeMs: number): boolean => clock.now() - at < maxAgeMs;

  function peek(number: number, maxAgeMs: number): OffsetPage<T> | null {
    const entry = kept.get(number);
    return entry && young(entry.at, maxAgeMs) ? entry.page : null;
  }

  function keep(number: number, page: OffsetPage<T>, at: number): void {
    const [newest] = kept.values();
    if (newest && newest.page.total !== page.total) kept.clear();
    kept.set(number, { page, at });
  }

  async function start(number: number, fetch: FetchPage<T>): Promise<OffsetPage<T>> {
    const at = clock.now();
    const flight = fetch(number);
    flights.set(number, flight);
    /** False when the window was cleared meanwhile. */
    const land = () => flights.get(number) === flight && flights.delete(number);
    try {
      const page = await flight;
      if (land()) keep(number, page, at);
      return page;
    } catch (error) {
      land();
      throw error;
    }
  }

  return {
    maxRows: MAX_PAGES * 100,

    peek,

    page(number, maxAgeMs, fetch) {
      const page = peek(number, maxAgeMs);
      if (page) return Promise.resolve(page);
      const flight = flights.get(number);
      return flight ? flight.catch(() => flights.get(number) ?? start(number, fetch)) : start(number, fetch);
    },

    find(id, maxAgeMs) {
      for (const [number, { page, at }] of kept.entries()) {
        const index = young(at, maxAgeMs) ? page.rows.findIndex((row) => row.id === id) : -1;
        if (index !== -1) return { page, number, index };
      }
      return null;
    },

    clear() {
      kept.clear();
      flights.clear();
    },
  };
}
