import { GatewayError } from '../../domain/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import { HeldList, type OffsetPage, PAGE } from './held-list.ts';
import { HeldRows } from './held-rows.ts';
import type { IsNewer, Stretch } from './stretch.ts';

/** Held rows that stand one below the other. */
export interface Slice<T> extends OffsetPage<T> {
  /** Rows above the first one. */
  readonly offset: number;
  /** When Casso was asked for the oldest of them, milliseconds since the epoch. */
  readonly asOf: number;
}

/**
 * Fetches a page by its 1-based number.
 * @param isRefresh there is an older answer: it is not worth a request that something else may need.
 */
export type FetchPage<T> = (number: number, isRefresh: boolean) => Promise<OffsetPage<T>>;

/**
 * What is held of one list: one credential, bank account and span of dates. Only the head has an age: rows below it do not
 * change, and what arrives stands above them.
 */
export interface OffsetWindow<T> {
  /** The rows from the head on, when the head is younger than `maxAgeMs`; else null. Sends no request. */
  peek(maxAgeMs: number): Slice<T> | null;
  /**
   * The same, at most a page of it. An older head is fetched again; where RATE_LIMITED refuses that, it stands.
   * @throws whatever `fetch` throws.
   */
  head(maxAgeMs: number, fetch: FetchPage<T>): Promise<Slice<T>>;
  /** What is held right below that row, at most a page of it, which may be no row; null when the row is not held. */
  behind(id: string): Slice<T> | null;
  /**
   * A page as Casso has it now, which is held from then on. Callers who want the same page at the same time share one call,
   * whichever of them sends it; when it fails they try once more with one of their own, as it may have failed only because
   * its caller left.
   * @throws whatever `fetch` throws; failures are not kept.
   */
  page(number: number, fetch: FetchPage<T>): Promise<OffsetPage<T>>;
  /** A row that a webhook told; one that is held already stays as it is. */
  add(row: T): void;
  /** Something has changed at the head, and it is not known what. */
  expire(): void;
  /** The ids of all rows that are held, once for each time that they are. */
  ids(): Iterable<string>;
}

export function createWindow<T extends { readonly id: string }>(
  clock: Clock,
  isNewer: IsNewer<T> = () => false,
  heldRows = new HeldRows<T>(),
): OffsetWindow<T> {
  const list = new HeldList(heldRows, isNewer);
  const flights = new Map<number, Promise<OffsetPage<T>>>();
  /** When Casso was asked for the head. */
  let askedAt = 0;
  let isExpired = false;
  let expiries = 0;

  function slice(stretch: Stretch<T>, from: number, count: number): Slice<T> {
    const entries = stretch.entries.slice(from, from + count);
    const isHead = stretch === list.head && from === 0;
    return {
      rows: entries.map(({ cell }) => cell.row),
      offset: stretch.offset + from,
      total: stretch.total,
      hasMore: from + entries.length < stretch.entries.length || !stretch.isEnd,
      asOf: entries.reduce((oldest, { at }) => Math.min(oldest, at), isHead ? askedAt : clock.now()),
    };
  }

  const isYoung = (maxAgeMs: number): boolean =>
    maxAgeMs === Number.POSITIVE_INFINITY ||
    (!isExpired && list.head?.offset === 0 && clock.now() - askedAt < maxAgeMs);

  async function start(number: number, fetch: FetchPage<T>, isRefresh: boolean): Promise<OffsetPage<T>> {
    const at = clock.now();
    const expiriesBefore = expiries;
    const flight = fetch(number, isRefresh).then((page) => {
      list.land(number, page, at);
      if (number === 1) {
        askedAt = at;
        isExpired = expiries !== expiriesBefore;
      }
      return page;
    });
    flights.set(number, flight);
    try {
      return await flight;
    } finally {
      if (flights.get(number) === flight) flights.delete(number);
    }
  }

  function ask(number: number, fetch: FetchPage<T>, isRefresh: boolean): Promise<OffsetPage<T>> {
    const flight = flights.get(number);
    const again = () => flights.get(number) ?? start(number, fetch, isRefresh);
    return flight ? flight.catch(again) : start(number, fetch, isRefresh);
  }

  return {
    peek: (maxAgeMs) =>
      list.head && isYoung(maxAgeMs) ? slice(list.head, 0, Number.POSITIVE_INFINITY) : null,

    async head(maxAgeMs, fetch) {
      if (!list.head || !isYoung(maxAgeMs)) {
        const stands = list.head !== null;
        await ask(1, fetch, stands).catch((error: unknown) => {
          if (!stands || !isRateLimited(error)) throw error;
        });
      }
      const { head } = list;
      if (!head) throw new Error('a page that landed at the head is not held');
      return slice(head, 0, PAGE);
    },

    behind(id) {
      const found = list.find(id);
      return found && slice(found.stretch, found.place + 1, PAGE);
    },

    page: (number, fetch) => ask(number, fetch, false),

    add: (row) => list.add(row, clock.now()),

    expire() {
      isExpired = true;
      expiries += 1;
    },

    *ids() {
      for (const { entries } of list.stretches)
        for (const { cell } of entries) if (cell.row.id !== null) yield cell.row.id;
    },
  };
}

export const isRateLimited = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === 'RATE_LIMITED';
