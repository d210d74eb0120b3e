import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrayConnection } from '../../src/domain/array-connection.ts';
import type { PageRequest } from '../../src/domain/connection.ts';
import { encodeCursor } from '../../src/domain/cursor.ts';

const KIND = 'test.row';
const cursor = (index: number): string => encodeCursor(KIND, `row${index}`);
const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `row${index}` }));
const page = (count: number, request: PageRequest) =>
  arrayConnection(KIND, request, async () => rowsOf(count));

/** The text of Relay Cursor Connections, word by word, over the positions 0 to count - 1. */
function model(count: number, after: number | null, before: number | null, request: PageRequest) {
  const all = Array.from({ length: count }, (_, index) => index);
  const between = all
    .filter((index) => after === null || index > after)
    .filter((index) => before === null || index < before);
  if ('last' in request) {
    return {
      rows: request.last === 0 ? [] : between.slice(-request.last),
      hasPreviousPage: between.length > request.last,
    };
  }
  return { rows: between.slice(0, request.first), hasNextPage: between.length > request.first };
}

describe('a page of a list that is fetched as a whole', () => {
  test('is what the Relay text says, for every mixture of arguments', async () => {
    const scenario = fc.integer({ min: 1, max: 12 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        backwards: fc.boolean(),
        size: fc.integer({ min: 0, max: 14 }),
        after: fc.option(fc.nat(count - 1)),
        before: fc.option(fc.nat(count - 1)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(scenario, async ({ count, backwards, size, after, before }) => {
        const cursors = {
          after: after === null ? null : cursor(after),
          before: before === null ? null : cursor(before),
        };
        const request: PageRequest =
          backwards && cursors.before !== null
            ? { last: size, after: cursors.after, before: cursors.before }
            : { first: size, ...cursors };
        const { rows, ...more } = model(count, after, before, request);
        const { edges, pageInfo } = await page(count, request);
        const shown = edges.map(({ cursor: of, node }) => ({ cursor: of, node }));
        expect(shown).toEqual(rows.map((row) => ({ cursor: cursor(row), node: { id: `row${row}` } })));
        expect(pageInfo).toMatchObject({
          ...more,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        });
      }),
    );
  });

  test('followed to its end shows every row once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.integer({ min: 1, max: 7 }), async (count, first) => {
        const seen: string[] = [];
        for (let after: string | null = null, more = true; more; ) {
          const { edges, pageInfo } = await page(count, { first, after, before: null });
          seen.push(...edges.map(({ node }) => node.id));
          after = pageInfo.endCursor;
          more = pageInfo.hasNextPage;
        }
        expect(seen).toEqual(rowsOf(count).map(({ id }) => id));
      }),
    );
  });

  test('behind a row tells that rows stand before it', async () => {
    const { pageInfo } = await page(5, { first: 2, after: cursor(1), before: null });
    expect(pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
  });

  test('before a row tells that rows follow', async () => {
    const { pageInfo } = await page(5, { last: 2, after: null, before: cursor(2) });
    expect(pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
  });

  test('of an empty list is empty', async () => {
    expect(await page(0, { first: 10, after: null, before: null })).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('is refused after a row that the list does not hold', async () => {
    await expect(page(3, { first: 1, after: cursor(7), before: null })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'after' },
    });
    await expect(page(3, { last: 1, after: null, before: cursor(7) })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'before' },
    });
  });

  test('costs no fetch when the cursor is of another list', async () => {
    let fetched = 0;
    const fetch = async () => {
      fetched += 1;
      return rowsOf(3);
    };
    const foreign = encodeCursor('other.row', 'row1');
    for (const request of [
      { first: 1, after: foreign, before: null },
      { last: 1, after: null, before: foreign },
    ]) {
      await expect(arrayConnection(KIND, request, fetch)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    expect(fetched).toBe(0);
  });

  test('fails as the fetch fails', async () => {
    const failure = new Error('down');
    const request = { first: 1, after: null, before: null };
    await expect(arrayConnection(KIND, request, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});
