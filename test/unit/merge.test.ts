import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Connection, connection } from '../../src/domain/connection.ts';
import { encodeCursor } from '../../src/domain/cursor.ts';
import { badUserInput, upstreamUnavailable } from '../../src/domain/errors.ts';
import { type MergedConnection, mergeNewestFirst, type Source } from '../../src/domain/merge.ts';

interface Movement {
  readonly id: string;
  readonly at: Date;
}

const down = upstreamUnavailable('CASSO');

/** A provider's list, newest first, with cursors that stay good. */
class ModelSource implements Source<string, Movement> {
  readonly name: string;
  rows: readonly Movement[];
  isDown = false;
  calls = 0;
  /** The most rows that it brings at once, as a list that must be searched for its rows. */
  readonly atOnce: number;

  constructor(name: string, times: readonly number[], atOnce = 100) {
    this.name = name;
    this.atOnce = atOnce;
    this.rows = times.map((time, n) => ({ id: `${name}${n}`, at: new Date(time) }));
  }

  arrive(time: number): void {
    this.rows = [{ id: `${this.name} new ${this.rows.length}`, at: new Date(time) }, ...this.rows];
  }

  async page(first: number, after: string | null): Promise<Connection<Movement>> {
    this.calls += 1;
    if (this.isDown) throw down;
    const from = after === null ? 0 : this.rows.findIndex(({ id }) => id === after) + 1;
    if (after !== null && from === 0) throw badUserInput('after', 'after is unknown.');
    const rows = this.rows.slice(from, from + Math.min(first, this.atOnce));
    return connection(
      rows.map((node) => ({ cursor: node.id, node })),
      { hasNextPage: from + rows.length < this.rows.length, hasPreviousPage: after !== null },
    );
  }
}

const ids = (page: Connection<Movement>) => page.edges.map(({ node }) => node.id);
const ask = (sources: readonly ModelSource[], first: number, after: string | null = null) =>
  mergeNewestFirst(sources, first, after, ({ at }) => at);

/** All pages; `before` is called before each. */
async function walk(
  sources: readonly ModelSource[],
  sizes: readonly number[],
  before: (n: number) => void = () => {},
) {
  const seen: Movement[] = [];
  for (let n = 0, after: string | null = null; ; n += 1) {
    before(n);
    const page: MergedConnection<string, Movement> = await ask(sources, sizes[n % sizes.length] ?? 1, after);
    seen.push(...page.edges.map(({ node }) => node));
    if (!page.pageInfo.hasNextPage) return seen;
    after = page.pageInfo.endCursor;
  }
}

// Few different times, so that many are equal.
const anyTimes = fc.array(fc.nat({ max: 30 }), { maxLength: 40 }).map((times) => times.sort((a, b) => b - a));
const anyWholeSources = fc
  .array(anyTimes, { maxLength: 3 })
  .map((lists) => lists.map((times, n) => new ModelSource('ABC'[n] ?? '', times)));
const anySources = fc
  .array(fc.tuple(anyTimes, fc.constantFrom(1, 3, 100)), { maxLength: 3 })
  .map((lists) => lists.map(([times, atOnce], n) => new ModelSource('ABC'[n] ?? '', times, atOnce)));
const anySizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });

/** All rows, newest first; equal times in the order of the sources, and of the rows in each. */
const merged = (sources: readonly ModelSource[]) =>
  sources.flatMap(({ rows }) => rows).sort((a, b) => b.at.getTime() - a.at.getTime());

describe('the merge', () => {
  test('is newest first over all sources, whatever the page sizes', () =>
    fc.assert(
      fc.asyncProperty(anySources, anySizes, async (sources, sizes) => {
        expect(await walk(sources, sizes)).toEqual(merged(sources));
      }),
      { numRuns: 300 },
    ));

  test('holds as many rows as are asked for, and knows whether there are more', () =>
    fc.assert(
      fc.asyncProperty(anyWholeSources, fc.nat({ max: 100 }), async (sources, first) => {
        const all = merged(sources).map(({ id }) => id);
        const page = await ask(sources, first);
        expect(ids(page)).toEqual(all.slice(0, first));
        expect(page.pageInfo).toMatchObject({ hasNextPage: all.length > first, hasPreviousPage: false });
        expect(page.failed).toEqual([]);
      }),
    ));

  test('goes on behind any edge, not only the last', () =>
    fc.assert(
      fc.asyncProperty(anyWholeSources, fc.nat(), async (sources, pick) => {
        const { edges } = await ask(sources, 20);
        const index = edges.length > 0 ? pick % edges.length : -1;
        const rest = await ask(sources, 100, edges[index]?.cursor ?? null);
        const all = merged(sources).map(({ id }) => id);
        expect(ids(rest)).toEqual(all.slice(index + 1, index + 101));
      }),
    ));

  test('keeps the order of a source that is not sorted', async () => {
    const sources = [new ModelSource('A', [5, 9, 1]), new ModelSource('B', [7, 4])];
    expect(ids(await ask(sources, 10))).toEqual(['B0', 'A0', 'A1', 'B1', 'A2']);
  });

  test('asks a source once a page, and no more when it has ended', async () => {
    const [long, short] = [new ModelSource('A', [9, 8, 7, 6, 5, 4]), new ModelSource('B', [10])];
    await walk([long, short], [2]);
    expect([long.calls, short.calls]).toEqual([4, 1]);
  });
});

describe('while rows arrive at the heads', () => {
  test('every row that was there comes once, in order, and no row twice', () =>
    fc.assert(
      fc.asyncProperty(anySources, anySizes, fc.nat({ max: 3 }), async (sources, sizes, arrivals) => {
        const all = merged(sources);
        const seen = await walk(sources, sizes, (n) => {
          const count = n === 0 ? 0 : arrivals;
          for (let k = 0; k < count; k += 1) sources[k % sources.length]?.arrive(1000 + n);
        });
        expect(seen.filter((row) => all.includes(row))).toEqual(all);
        expect(new Set(seen).size).toBe(seen.length);
      }),
      { numRuns: 300 },
    ));
});

describe('a source that fails', () => {
  test('loses none of its rows over a walk, at whatever pages it fails, and keeps its order', () =>
    fc.assert(
      fc.asyncProperty(
        anySources,
        anySizes,
        fc.array(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), { maxLength: 8 }),
        async (sources, sizes, outages) => {
          const seen = await walk(sources, sizes, (n) => {
            for (const [k, source] of sources.entries()) source.isDown = outages[n]?.[k] ?? false;
          });
          for (const { name, rows } of sources)
            expect(seen.filter(({ id }) => id.startsWith(name))).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    ));

  test('is named, and leaves the page to the others', async () => {
    const [well, ill] = [new ModelSource('A', [2, 1]), new ModelSource('B', [3])];
    ill.isDown = true;
    const page = await ask([well, ill], 10);
    expect(ids(page)).toEqual(['A0', 'A1']);
    expect(page.failed).toEqual([{ name: 'B', error: down }]);
    expect(page.pageInfo.hasNextPage).toBe(true);
    ill.isDown = false;
    expect(ids(await ask([well, ill], 10, page.pageInfo.endCursor))).toEqual(['B0']);
  });

  test('leaves a place to go on from when no other has rows', async () => {
    const ill = new ModelSource('A', [1]);
    ill.isDown = true;
    const { edges, pageInfo } = await ask([ill], 10);
    expect(edges).toEqual([]);
    expect(pageInfo).toMatchObject({ hasNextPage: true, startCursor: null });
    ill.isDown = false;
    expect(ids(await ask([ill], 10, pageInfo.endCursor))).toEqual(['A0']);
  });

  test('through a fault of ours is not passed over', async () => {
    const broken = new ModelSource('A', []);
    broken.page = () => Promise.reject(new TypeError('a fault'));
    await expect(ask([broken], 10)).rejects.toThrow(TypeError);
  });
});

describe('a cursor', () => {
  test('keeps the place of a provider that is unlinked, until it is linked again', async () => {
    const [a, b] = [new ModelSource('A', [9, 7, 5]), new ModelSource('B', [8, 6, 4])];
    const both = await ask([a, b], 2);
    const alone = await ask([a], 1, both.pageInfo.endCursor);
    expect(ids(alone)).toEqual(['A1']);
    expect(ids(await ask([a, b], 10, alone.pageInfo.endCursor))).toEqual(['B1', 'A2', 'B2']);
  });

  test('that is not of this list is refused before any source is asked', () => {
    const positions = fc.oneof(
      fc.string().filter((text) => !text.startsWith('{')),
      fc.constantFrom('[]', 'null', '3', '{"A":1}', '{"A":true}', '{"A":{}}'),
    );
    return fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          positions.map((text) => encodeCursor('activity', text)),
        ),
        async (cursor) => {
          const source = new ModelSource('A', [1]);
          await expect(ask([source], 1, cursor)).rejects.toMatchObject({
            code: 'BAD_USER_INPUT',
            details: { field: 'after' },
          });
          expect(source.calls).toBe(0);
        },
      ),
    );
  });

  test('of which a source does not know its part is refused', async () => {
    const cursor = encodeCursor('activity', '{"A":"unknown"}');
    await expect(ask([new ModelSource('A', [1])], 1, cursor)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });
});
