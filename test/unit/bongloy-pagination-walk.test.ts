import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LazyConnection, PageInfo, PageRequest } from '../../src/domain/connection.ts';
import { paginate } from '../../src/providers/bongloy/pagination.ts';
import { anyModel, anySize, ids, type ModelList, type Stored } from './bongloy-pagination-support.ts';

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
