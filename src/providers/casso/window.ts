import { LRUCache } from 'lru-cache';
import { GatewayError } from '../../domain/errors.ts';
import { isReadable, type RowOutcome } from '../../domain/unreadable-row.ts';
import type { Clock } from '../../lib/clock.ts';
import { MINUTE, SECOND } from '../../lib/duration.ts';

/** One of Casso's pages: 100 rows, newest first. */
export interface OffsetPage<T> {
  /** One that cannot be read stands in its place. */
  readonly rows: readonly RowOutcome<T>[];
  /** All rows of the list at that moment; null when Casso does not say. */
  readonly total: number | null;
  /** There is a page after this one. */
  readonly hasMore: boolean;
}

/** A page as the window holds it. */
export interface HeldPage<T> extends OffsetPage<T> {
  /** When Casso was asked for the oldest part of it, milliseconds since the epoch. */
  readonly asOf: number;
  /** Whatever its age: the list is known to have changed since. */
  readonly isOld: boolean;
  /** Its last rows are not held; `hasMore` is then true. */
  readonly isPartial: boolean;
}

/**
 * Fetches a page by its 1-based number.
 * @param isRefresh there is an older answer: it is not worth a request that something else may need.
 */
export type FetchPage<T> = (number: number, isRefresh: boolean) => Promise<OffsetPage<T>>;

/** A row's place in a page. */
export interface Found<T> {
  readonly page: HeldPage<T>;
  /** 1-based. */
  readonly number: number;
  /** Of the row in the page, from 0; -1 stands before the first. */
  readonly index: number;
}

/**
 * What is held of one list: one credential, bank account and span of dates. Rows that arrive at the head push all others
 * down, so pages of different moments must not be put side by side. The rows from the head on are therefore one run: a row
 * that a webhook brings is added to it, and a page that is fetched is joined to it where both show the same row, or the
 * same total. Pages further down are kept as long as they show one total.
 */
export interface OffsetWindow<T> {
  /** The most rows that it comes to hold. */
  readonly maxRows: number;
  /**
   * The held page when it is younger than `maxAgeMs`, else a new one. Where a new one is refused by RATE_LIMITED, the held
   * one stands, unless `maxAgeMs` is 0. Callers who want the same page at the same time share one call, whoever's `fetch`
   * it is; when it fails they try once more with one of their own, as it may have failed only because its caller left.
   * @param isWhole a page of which the last rows are missing is fetched.
   * @throws whatever `fetch` throws; failures are not kept.
   */
  page(number: number, maxAgeMs: number, fetch: FetchPage<T>, isWhole?: boolean): Promise<HeldPage<T>>;
  /** The held page when it is younger than `maxAgeMs`, else null. Sends no request. */
  peek(number: number, maxAgeMs: number): HeldPage<T> | null;
  /** The row among the held pages that are younger than `maxAgeMs`. */
  find(id: string, maxAgeMs: number): Found<T> | null;
  /** A row that Casso told by itself; one that is held already stays as it is. */
  add(row: T): void;
  /** The list has changed, nobody knows how: what is held is old. */
  expire(): void;
}

/** Rows of a page. */
export const PAGE = 100;
/** The most rows from the head on, and the most pages further down. */
const MAX_RUN = 1_000;
const MAX_DEEP = 5;
/** A row that was told stays for so long although a page does not show it: lists may lag behind webhooks. */
const LIST_LAG = MINUTE;

interface Entry<T> {
  readonly row: RowOutcome<T>;
  /** When Casso was asked for it, or told it. */
  readonly at: number;
  readonly isOld: boolean;
  readonly isTold: boolean;
}

interface Run<T> {
  /** When Casso was asked for its head. */
  readonly at: number;
  readonly entries: readonly Entry<T>[];
  readonly total: number | null;
  /** It reaches the end of the list. */
  readonly isComplete: boolean;
}

/** @param isNewer whether a row stands above another one in Casso's list. */
export function createWindow<T extends { readonly id: string }>(
  clock: Clock,
  isNewer: (row: T, other: T) => boolean = () => false,
): OffsetWindow<T> {
  let run: Run<T> | null = null;
  const deep = new LRUCache<number, HeldPage<T>>({ max: MAX_DEEP });
  const flights = new Map<number, Promise<HeldPage<T>>>();
  /** No refresh before. */
  let restUntil = 0;

  const isYoung = ({ asOf, isOld }: HeldPage<T>, maxAgeMs: number): boolean =>
    maxAgeMs === Number.POSITIVE_INFINITY || (!isOld && clock.now() - asOf < maxAgeMs);

  function held(number: number): HeldPage<T> | null {
    const start = (number - 1) * PAGE;
    if (!run || (start >= run.entries.length && start > 0)) return deep.get(number) ?? null;
    const { entries, total, isComplete } = run;
    const page = entries.slice(start, start + PAGE);
    const isEnd = start + page.length >= entries.length;
    return {
      rows: page.map(({ row }) => row),
      total,
      hasMore: !(isEnd && isComplete),
      isPartial: isEnd && !isComplete && page.length < PAGE,
      asOf: Math.min(...page.map(({ at }) => at), number === 1 ? run.at : Number.POSITIVE_INFINITY),
      isOld: page.some(({ isOld }) => isOld),
    };
  }

  function peek(number: number, maxAgeMs: number): HeldPage<T> | null {
    const page = held(number);
    return page && isYoung(page, maxAgeMs) ? page : null;
  }

  /** Puts the row where it belongs. False: below everything that is there. */
  function place(entries: Entry<T>[], entry: Entry<T> & { readonly row: T }): boolean {
    const index = entries.findIndex(({ row }) => isReadable(row) && isNewer(entry.row, row));
    if (index !== -1) entries.splice(index, 0, entry);
    return index !== -1;
  }

  function dropDeepUnless(total: number | null): void {
    const [other] = deep.values();
    if (other && other.total !== total) deep.clear();
  }

  function setRun(
    entries: readonly Entry<T>[],
    total: number | null,
    isComplete: boolean,
    at = run?.at ?? clock.now(),
  ): void {
    dropDeepUnless(total);
    run = {
      at,
      entries: entries.slice(0, MAX_RUN),
      total,
      isComplete: isComplete && entries.length <= MAX_RUN,
    };
  }

  /** The first page takes the place of what was there; below it what was there goes on where the totals agree. */
  function joinHead({ rows, total, hasMore }: OffsetPage<T>, at: number): void {
    const entries = asEntries(rows, at);
    const ids = new Set(rows.map(({ id }) => id));
    const before = run;
    let added = 0;
    for (const entry of before?.entries ?? []) {
      const { row, isTold } = entry;
      if (!isTold || !isReadable(row) || entry.at < at - LIST_LAG || ids.has(row.id)) continue;
      if (place(entries, { ...entry, row })) added += 1;
      else if (!hasMore) added += entries.push(entry) > 0 ? 1 : 0;
    }
    const count = total === null ? null : total + added;
    if (before && hasMore && count !== null && before.total !== null) {
      const last = entries.length - 1;
      const place = before.entries.findIndex(
        ({ row }) => row.id !== null && row.id === entries[last]?.row.id,
      );
      if (place !== -1 && count - before.total === last - place) {
        return setRun([...entries, ...before.entries.slice(place + 1)], count, before.isComplete, at);
      }
    }
    setRun(entries, count, !hasMore, at);
  }

  /** False when it cannot be told how the page and the run belong together. */
  function joinBelow(number: number, { rows, total, hasMore }: OffsetPage<T>, at: number): boolean {
    if (!run || rows.length === 0) return false;
    const fetched = asEntries(rows, at);
    const { entries } = run;
    const offset = (number - 1) * PAGE;
    const first = fetched.findIndex(({ row }) => row.id !== null);
    const met = entries.findIndex(({ row }) => row.id !== null && row.id === fetched[first]?.row.id);
    /** Where its first row stands in the run. */
    let start = met - first;
    if (met === -1 || start < 0) {
      const isAdjacent =
        total === null || run.total === null
          ? total === run.total && entries.length === offset
          : entries.length - offset === run.total - total;
      if (!isAdjacent) return false;
      start = entries.length;
    }
    const count = total === null ? null : total - (offset - start);
    const above = entries.slice(0, start);
    const end = start + fetched.length;
    const goesOn = entries[end - 1]?.row.id === fetched.at(-1)?.row.id && entries.length > end;
    setRun(
      // Where the totals do not agree, there are rows above that are not held.
      [...(run.total === count ? above : above.map(old)), ...fetched, ...(goesOn ? entries.slice(end) : [])],
      count,
      goesOn ? run.isComplete : !hasMore,
    );
    return true;
  }

  function land(number: number, page: OffsetPage<T>, at: number): HeldPage<T> {
    const fetched = { ...page, asOf: at, isOld: false, isPartial: false };
    if (number === 1) joinHead(page, at);
    else if (!joinBelow(number, page, at)) {
      dropDeepUnless(page.total);
      if (run && run.total !== page.total) run = { ...run, entries: run.entries.map(old) };
      deep.set(number, fetched);
    }
    return number === 1 ? (held(1) ?? fetched) : fetched;
  }

  async function start(number: number, fetch: FetchPage<T>, isRefresh: boolean): Promise<HeldPage<T>> {
    const at = clock.now();
    const flight = fetch(number, isRefresh).then((page) => land(number, page, at));
    flights.set(number, flight);
    try {
      return await flight;
    } finally {
      if (flights.get(number) === flight) flights.delete(number);
    }
  }

  function ask(number: number, fetch: FetchPage<T>, isRefresh: boolean): Promise<HeldPage<T>> {
    const flight = flights.get(number);
    const again = () => flights.get(number) ?? start(number, fetch, isRefresh);
    return flight ? flight.catch(again) : start(number, fetch, isRefresh);
  }

  return {
    maxRows: MAX_RUN + MAX_DEEP * PAGE,

    peek,

    async page(number, maxAgeMs, fetch, isWhole = false) {
      const page = held(number);
      const isEnough = page !== null && !(isWhole && page.isPartial);
      if (isEnough && isYoung(page, maxAgeMs)) return page;
      if (!isEnough || maxAgeMs === 0) return ask(number, fetch, false);
      if (clock.now() < restUntil) return page;
      try {
        return await ask(number, fetch, true);
      } catch (error) {
        if (!(error instanceof GatewayError && error.code === 'RATE_LIMITED')) throw error;
        restUntil = clock.now() + (error.details.retryAfterSeconds ?? 0) * SECOND;
        return held(number) ?? page;
      }
    },

    find(id, maxAgeMs) {
      const at = run?.entries.findIndex(({ row }) => row.id === id) ?? -1;
      if (at !== -1) {
        const number = Math.floor(at / PAGE) + 1;
        const page = peek(number, maxAgeMs);
        return page && { page, number, index: at % PAGE };
      }
      for (const [number, page] of deep.entries()) {
        const index = isYoung(page, maxAgeMs) ? page.rows.findIndex((row) => row.id === id) : -1;
        if (index !== -1) return { page, number, index };
      }
      return null;
    },

    add(row) {
      deep.clear();
      if (!run || run.entries.some((entry) => entry.row.id === row.id)) return;
      const entries = [...run.entries];
      const entry = { row, at: clock.now(), isOld: false, isTold: true };
      if (!place(entries, entry) && run.isComplete) entries.push(entry);
      setRun(entries, run.total === null ? null : run.total + 1, run.isComplete);
    },

    expire() {
      deep.clear();
      if (run) run = { ...run, entries: run.entries.map(old) };
    },
  };
}

const asEntries = <T>(rows: readonly RowOutcome<T>[], at: number): Entry<T>[] =>
  rows.map((row) => ({ row, at, isOld: false, isTold: false }));

const old = <T>(entry: Entry<T>): Entry<T> => ({ ...entry, isOld: true });
