import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LazyConnection, PageInfo, PageRequest } from '../../src/domain/connection.ts';
import { encodeCursor } from '../../src/domain/cursor.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { HOUR } from '../../src/lib/duration.ts';
import { LinkProof } from '../../src/providers/bongloy/link-proof.ts';
import { everyRow, paginate } from '../../src/providers/bongloy/pagination.ts';
import {
  type Asked,
  anyAsked,
  anyModel,
  ids,
  KIND,
  ModelList,
  type Rules,
  type Stored,
  uuid,
  VENDOR,
} from './bongloy-pagination-support.ts';

/** What the Relay text says: cursors first, then `first` or `last`. */
function relaySlice({ model, request, after, before }: Asked) {
  const between = model.rows.filter(
    (row, index) => row.matches && index > (after ?? -1) && index < (before ?? model.rows.length),
  );
  return 'last' in request
    ? {
        rows: between.slice(Math.max(0, between.length - request.last)),
        more: between.length > request.last,
      }
    : { rows: between.slice(0, request.first), more: between.length > request.first };
}

/** The most pages that may be read for one request, as the planners promise. */
function bound({ model, request, after, before }: Asked): number {
  const count = 'last' in request ? request.last : request.first;
  const extra = count === 100 ? 1 : 0;
  if (before === null) return 1 + extra;
  const backward = 'last' in request;
  const newest = model.rules.before !== 'nearest';
  const upward = backward ? 3 + extra + (newest ? Math.ceil(model.rows.length / 100) : 0) : 0;
  return (after === null && backward ? 0 : 2 + extra + (after === null ? 0 : 8)) + upward;
}

const rows = (length: number) => Array.from({ length }, (_, n) => ({ id: uuid(n), matches: true }));

/** Asks a list of so many rows, its cursors given as places in the list; what came, and what it cost. */
async function ask(
  length: number,
  args: { readonly after?: number; readonly before?: number } & ({ first: number } | { last: number }),
  rules: Partial<Rules> = {},
) {
  const model = new ModelList(rows(length), { ...VENDOR, ...rules });
  const cursor = (index: number | undefined) => (index === undefined ? null : model.cursor(index));
  const request = { ...args, after: cursor(args.after), before: cursor(args.before) } as PageRequest;
  const page = await paginate(model, request);
  const pageInfo = await page.pageInfo;
  return { rows: page.edges.length, ...pageInfo, pages: model.pages, lookUps: model.lookUps };
}

describe('every list, arguments, and reading of the provider', () => {
  test('give the rows of the Relay text, in the order of the list', () =>
    fc.assert(
      fc.asyncProperty(anyAsked, async (asked) => {
        const page = await paginate(asked.model, asked.request);
        expect(ids(page)).toEqual(relaySlice(asked).rows.map((row) => row.id));
      }),
      { numRuns: 1500 },
    ));

  test('give an exact hasNextPage with first, and an exact hasPreviousPage with last', () =>
    fc.assert(
      fc.asyncProperty(anyAsked, async (asked) => {
        const page = await paginate(asked.model, asked.request);
        const { more } = relaySlice(asked);
        expect(await page.pageInfo).toMatchObject(
          'last' in asked.request
            ? { hasPreviousPage: more, hasNextPage: true }
            : { hasPreviousPage: asked.after !== null, hasNextPage: more },
        );
      }),
      { numRuns: 1500 },
    ));

  test('cost a bounded number of calls, and a look-up only for a page without rows', () =>
    fc.assert(
      fc.asyncProperty(anyAsked, async (asked) => {
        const page = await paginate(asked.model, asked.request);
        expect(asked.model.pages).toBeLessThanOrEqual(bound(asked));
        const mayBeUnknown = page.edges.length === 0 || asked.before !== null;
        expect(asked.model.lookUps).toBeLessThanOrEqual(mayBeUnknown ? 2 : 0);
      }),
      { numRuns: 1500 },
    ));

  test('name an argument whose row does not exist', () =>
    fc.assert(
      fc.asyncProperty(anyAsked, fc.constantFrom('after', 'before'), async ({ model, request }, field) => {
        const asked = { ...request, [field]: encodeCursor(KIND, uuid(999_999)) };
        await expect(paginate(model, asked)).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
          details: { field },
        });
      }),
    ));

  test('refuse what is no cursor of the list, before any call', () => {
    const foreign = fc.oneof(
      fc.string(),
      fc.uuid().map((id) => encodeCursor('bongloy.card', id)),
      fc.uuid().map((id) => encodeCursor('bongloy.transaction.another1', id)),
      fc.string().map((text) => encodeCursor(KIND, `${text}!`)),
      fc.uuid().map((id) => encodeCursor(KIND, `${id}.${id}.${id}`)),
      fc.uuid().map((id) => encodeCursor(KIND, `${id}.`)),
    );
    return fc.assert(
      fc.asyncProperty(
        anyAsked,
        fc.constantFrom('after', 'before'),
        foreign,
        async ({ model, request }, field, cursor) => {
          await expect(paginate(model, { ...request, [field]: cursor })).rejects.toMatchObject({
            code: 'BAD_USER_INPUT',
            details: { field },
          });
          expect([model.pages, model.lookUps]).toEqual([0, 0]);
        },
      ),
    );
  });
});

describe('what a page costs', () => {
  test('the first page is one call', async () => {
    expect(await ask(50, { first: 10 })).toMatchObject({ hasNextPage: true, pages: 1 });
  });

  test('first: 0 is one call, and tells whether there is a row', async () => {
    const none = { rows: 0, pages: 1, startCursor: null, endCursor: null };
    expect(await ask(1, { first: 0 })).toMatchObject({ ...none, hasNextPage: true });
    expect(await ask(0, { first: 0 })).toMatchObject({ ...none, hasNextPage: false });
  });

  test('first: 100 asks again only when the provider claims more rows', async () => {
    expect(await ask(99, { first: 100 })).toMatchObject({ hasNextPage: false, pages: 1 });
    expect(await ask(100, { first: 100 })).toMatchObject({ hasNextPage: false, pages: 1 });
    expect(await ask(100, { first: 100 }, { next: 'full' })).toMatchObject({ hasNextPage: false, pages: 2 });
    expect(await ask(101, { first: 100 })).toMatchObject({ hasNextPage: true, pages: 2 });
  });

  describe('a walk in pages of 100', () => {
    const asked = (after: string | null) => ({ first: 100, after, before: null });
    async function walk(model: ModelList): Promise<number> {
      const before = model.pages;
      let after: string | null = null;
      for (let goesOn = true; goesOn; ) {
        const { hasNextPage, endCursor }: PageInfo = await (await paginate(model, asked(after))).pageInfo;
        [goesOn, after] = [hasNextPage, endCursor];
      }
      return model.pages - before;
    }

    test('costs a call for each page once a full page without a link has proved what links say', async () => {
      const model = new ModelList(rows(300));
      expect(await walk(model)).toBe(5);
      expect(await walk(model)).toBe(3);
    });

    test.each([
      ['3 calls where the link proves the end', 'exact', 3],
      ['4 where a page without rows has to', 'full', 4],
    ] as const)('costs %s, as long as answers are kept', async (_cost, next, calls) => {
      const model = new ModelList(rows(300), { ...VENDOR, next });
      const page = model.page.bind(model);
      const kept = new Map<string, ReturnType<typeof page>>();
      model.page = (asked) => {
        const key = JSON.stringify(asked);
        const answer = kept.get(key) ?? page(asked);
        kept.set(key, answer);
        return answer;
      };
      expect(await walk(model)).toBe(calls);
    });

    test('what links say has to be proved again after an hour', () => {
      let now = 0;
      const links = new LinkProof({ ...systemClock, now: () => now });
      links.see({ size: 2 }, { rows: rows(1), hasOlder: false, hasNewer: true });
      links.see({ size: 2, before: uuid(9) }, { rows: rows(2), hasOlder: false, hasNewer: true });
      expect(links.holds()).toBe(false);
      links.see({ size: 2 }, { rows: rows(2), hasOlder: false, hasNewer: true });
      now = HOUR - 1;
      expect(links.holds()).toBe(true);
      now = HOUR;
      expect(links.holds()).toBe(false);
    });

    test('asks again behind each page of a provider whose full pages all have a link', async () => {
      const model = new ModelList(rows(300), { ...VENDOR, next: 'full' });
      expect(await walk(model)).toBe(6);
      expect(await walk(model)).toBe(6);
    });
  });

  test('first: 100 is one call when nobody wants to know whether there are more', async () => {
    const model = new ModelList(rows(101));
    await paginate(model, { first: 100, after: null, before: null });
    expect(model.pages).toBe(1);
  });

  test('a page backward is one call while fewer than 100 rows are newer, and two when there are more', async () => {
    for (const before of ['nearest', 'newest'] as const) {
      expect(await ask(300, { last: 10, before: 99 }, { before })).toMatchObject({ rows: 10, pages: 1 });
    }
    expect(await ask(300, { last: 10, before: 200 })).toMatchObject({
      rows: 10,
      hasPreviousPage: true,
      pages: 2,
    });
  });

  test('last: 100 asks again only when the provider claims more rows', async () => {
    const prevSet = { before: 'newest, prev set' } as const;
    expect(await ask(300, { last: 100, before: 100 })).toMatchObject({ hasPreviousPage: false, pages: 2 });
    expect(await ask(300, { last: 100, before: 100 }, prevSet)).toMatchObject({
      hasPreviousPage: false,
      pages: 3,
    });
    expect(await ask(300, { last: 100, before: 101 })).toMatchObject({ hasPreviousPage: true, pages: 3 });
  });

  test('a page backward from a row that left the filter costs one call more', async () => {
    const model = new ModelList(rows(300).map((row, n) => (n === 200 ? { ...row, matches: false } : row)));
    const page = await paginate(model, { last: 10, before: model.cursor(200), after: null });
    expect(ids(page)).toEqual(model.rows.slice(190, 200).map((row) => row.id));
    expect(model.pages).toBe(3);
  });

  test('the end of the list costs one look-up more, to tell it from an unknown cursor', async () => {
    expect(await ask(5, { first: 10, after: 4 })).toMatchObject({
      rows: 0,
      hasNextPage: false,
      hasPreviousPage: true,
      pages: 1,
      lookUps: 1,
    });
  });

  test('rows between two cursors cost one call while they are within 100 rows of each other', async () => {
    expect(await ask(300, { first: 5, after: 10, before: 90 })).toMatchObject({
      rows: 5,
      hasNextPage: true,
      pages: 1,
    });
  });

  test('a walk down to a row that is thousands away finds out once that it goes the right way', async () => {
    const model = new ModelList(rows(3000));
    const before = model.cursor(2800);
    const first = await paginate(model, { first: 100, after: model.cursor(9), before });
    expect(model.pages).toBeLessThanOrEqual(11);
    model.pages = 0;
    const { endCursor } = await first.pageInfo;
    const second = await paginate(model, { first: 50, after: endCursor, before });
    expect(model.pages).toBe(2);
    expect(ids(second)).toEqual(model.rows.slice(110, 160).map((row) => row.id));
  });
});

test('a failure of the provider is passed on as it is, when the cursor is not to blame', async () => {
  const failure = new Error('connection reset');
  const model = new ModelList(rows(1));
  model.page = () => Promise.reject(failure);
  await expect(paginate(model, { first: 1, after: model.cursor(0), before: null })).rejects.toBe(failure);
  expect(model.lookUps).toBe(0);
});

describe('a provider whose largest page is smaller than its documents say', () => {
  test('is walked to the end of the list, in pages of any size', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 100 }),
        async (length, largestPage, first) => {
          const model = Object.assign(new ModelList(rows(length)), { largestPage });
          const walked: string[] = [];
          for (let after: string | null = null, goesOn = true; goesOn; ) {
            const page: LazyConnection<Stored> = await paginate(model, { first, after, before: null });
            walked.push(...ids(page));
            ({ endCursor: after, hasNextPage: goesOn } = await page.pageInfo);
          }
          expect(walked).toEqual(model.rows.map(({ id }) => id));
        },
      ),
      { numRuns: 200 },
    ));
});

describe('everyRow', () => {
  test('gives the whole list, in one call for each 100 rows', () =>
    fc.assert(
      fc.asyncProperty(anyModel, async (model) => {
        const all = model.rows.filter((row) => row.matches);
        expect(await everyRow((page) => model.page(page))).toEqual(all);
        expect(model.pages).toBeLessThanOrEqual(Math.floor(all.length / 100) + 1);
      }),
    ));

  test('refuses to pass a part for the whole', async () => {
    const model = new ModelList(rows(201));
    await expect(everyRow((page) => model.page(page), { cap: 200 })).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    });
    expect(await everyRow((page) => model.page(page), { cap: 201 })).toHaveLength(201);
  });

  test('ends a list of which each page brings one new row, after as many pages as the cap would fill', async () => {
    const model = Object.assign(new ModelList(rows(500)), { largestPage: 1 });
    await expect(everyRow((page) => model.page(page), { cap: 300 })).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    });
    expect(model.pages).toBeLessThanOrEqual(4);
  });
});
