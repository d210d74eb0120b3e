import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LazyConnection, PageInfo, PageRequest } from '../../src/domain/connection.ts';
import { type RowOutcome, UnreadableRow } from '../../src/domain/unreadable-row.ts';
import type { ListPage, Slice } from '../../src/providers/bongloy/page.ts';
import { paginate } from '../../src/providers/bongloy/pagination.ts';
import { anyModel, anySize, ids, ModelList, type Rules, type Stored } from './bongloy-pagination-support.ts';

const anySizes = fc.array(
  anySize.filter((size) => size > 0),
  { minLength: 1, maxLength: 5 },
);

/** Follows a connection page by page, as a client does; the pages in the order in which they came. */
async function walk(
  model: ModelList,
  sizes: readonly number[],
  ask: (size: number, previous: PageInfo | null) => PageRequest,
  hasMore: (info: PageInfo) => boolean,
): Promise<readonly string[][]> {
  const pages: string[][] = [];
  for (let previous: PageInfo | null = null; previous === null || hasMore(previous); ) {
    const size = sizes[pages.length % sizes.length] ?? 1;
    const page: LazyConnection<Stored> = await paginate(model, ask(size, previous));
    pages.push(ids(page));
    previous = await page.pageInfo;
  }
  return pages;
}

const hasNext = (info: PageInfo) => info.hasNextPage;
const hasPrevious = (info: PageInfo) => info.hasPreviousPage;
const matching = (rows: readonly Stored[]) => rows.filter((row) => row.matches).map((row) => row.id);

test('a walk forward visits every row once, in order, whatever the page sizes, while new rows arrive', () =>
  fc.assert(
    fc.asyncProperty(anyModel, anySizes, fc.nat({ max: 3 }), async (model, sizes, arrivals) => {
      const all = matching(model.rows);
      const ask = (first: number, previous: PageInfo | null) => {
        if (previous) model.arrive(arrivals);
        return { first, after: previous?.endCursor ?? null, before: null };
      };
      expect((await walk(model, sizes, ask, hasNext)).flat()).toEqual(all);
    }),
  ));

test('a walk backward visits every row above its start once, in order', () =>
  fc.assert(
    fc.asyncProperty(anyModel, anySizes, async (model, sizes) => {
      const bottom = model.cursor(model.rows.length - 1);
      const ask = (last: number, previous: PageInfo | null) => ({
        last,
        before: previous?.startCursor ?? bottom,
        after: null,
      });
      const pages = await walk(model, sizes, ask, hasPrevious);
      expect([...pages].reverse().flat()).toEqual(matching(model.rows.slice(0, -1)));
    }),
  ));

test('a walk backward also finds the rows that arrive meanwhile', () =>
  fc.assert(
    fc.asyncProperty(anyModel, fc.integer({ min: 1, max: 3 }), async (model, arrivals) => {
      const bottom = model.cursor(model.rows.length - 1);
      let left = 5;
      const ask = (last: number, previous: PageInfo | null) => {
        if (left > 0) model.arrive(arrivals);
        left -= 1;
        return { last, before: previous?.startCursor ?? bottom, after: null };
      };
      const pages = await walk(model, [60], ask, hasPrevious);
      expect([...pages].reverse().flat()).toEqual(matching(model.rows.slice(0, -1)));
    }),
  ));

test('a walk between two cursors visits every row between them once, from either side', () =>
  fc.assert(
    fc.asyncProperty(anyModel, anySizes, fc.nat(), fc.nat(), async (model, sizes, a, b) => {
      const [from, to] = [a % model.rows.length, b % model.rows.length].sort((x, y) => x - y) as [
        number,
        number,
      ];
      const all = matching(model.rows.slice(from + 1, to));
      const [top, bottom] = [model.cursor(from), model.cursor(to)];
      const down = await walk(
        model,
        sizes,
        (first, previous) => ({ first, after: previous?.endCursor ?? top, before: bottom }),
        hasNext,
      );
      const up = await walk(
        model,
        sizes,
        (last, previous) => ({ last, after: top, before: previous?.startCursor ?? bottom }),
        hasPrevious,
      );
      expect(down.flat()).toEqual(all);
      expect([...up].reverse().flat()).toEqual(all);
    }),
  ));

describe('a list with rows that cannot be read', () => {
  /** The same list, as a client reads it. */
  class OddList extends ModelList {
    readonly odd: ReadonlySet<string>;

    constructor(rows: readonly Stored[], rules: Rules, odd: ReadonlySet<string>) {
      super(rows, rules);
      this.odd = odd;
    }

    override async page(page: ListPage): Promise<Slice<Stored>> {
      const slice = await super.page(page);
      const outcome = (row: RowOutcome<Stored>) =>
        row.id !== null && this.odd.has(row.id) ? new UnreadableRow(row.id, 'amount', {}) : row;
      return { ...slice, rows: slice.rows.map(outcome) };
    }
  }

  const anyOddList = fc
    .tuple(anyModel, fc.integer({ min: 2, max: 9 }), fc.nat(8))
    .map(([model, every, first]) => {
      const odd = model.rows.filter((_, n) => n % every === first % every).map(({ id }) => id);
      return new OddList(model.rows, model.rules, new Set(odd));
    });
  const sizes = fc.integer({ min: 1, max: 100 });

  test('is walked forward past them: every other row comes once, in order, and the walk ends', () =>
    fc.assert(
      fc.asyncProperty(anyOddList, sizes, async (list, first) => {
        const expected = list.rows
          .filter(({ id, matches }) => matches && !list.odd.has(id))
          .map(({ id }) => id);
        fc.pre(expected.length > 0);
        const seen: string[] = [];
        let after: string | null = null;
        for (let pages = 0; pages <= list.rows.length + 1; pages += 1) {
          const page: LazyConnection<Stored> = await paginate(list, { first, after, before: null });
          seen.push(...ids(page));
          const { hasNextPage, endCursor }: PageInfo = await page.pageInfo;
          if (!hasNextPage) {
            expect(seen).toEqual(expected);
            return;
          }
          after = endCursor;
        }
        throw new Error('the walk does not end');
      }),
      { numRuns: 60 },
    ));

  test('is walked backward past them as well', () =>
    fc.assert(
      fc.asyncProperty(anyOddList, sizes, async (list, last) => {
        const start = list.rows.length - 1;
        const expected = list.rows
          .slice(0, start)
          .filter(({ id, matches }) => matches && !list.odd.has(id))
          .map(({ id }) => id);
        const seen: string[] = [];
        let before: string | null = list.cursor(start);
        for (let pages = 0; pages <= list.rows.length + 1; pages += 1) {
          const page: LazyConnection<Stored> = await paginate(list, { last, before, after: null });
          seen.unshift(...ids(page));
          const { hasPreviousPage, startCursor }: PageInfo = await page.pageInfo;
          if (!hasPreviousPage) {
            expect(seen).toEqual(expected);
            return;
          }
          before = startCursor ?? before;
        }
        throw new Error('the walk does not end');
      }),
      { numRuns: 60 },
    ));
});
