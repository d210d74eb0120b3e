import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnreadableAnswer } from '../../src/domain/errors.ts';
import { UnreadableRow } from '../../src/domain/unreadable-row.ts';
import { findAll as find, onePage } from '../../src/loaders/find-all.ts';
import type { ListPage, Slice } from '../../src/providers/bongloy/client.ts';
import { everyPage } from '../../src/providers/bongloy/pagination.ts';

interface Row {
  readonly id: string;
}

/** A provider's list, newest first, that gives `size` rows a page at most, and counts what it is asked. */
function provider(ids: readonly string[], { unlisted = [] as readonly string[], size = 100 } = {}) {
  const calls = { single: [] as string[], page: [] as (string | undefined)[] };
  return {
    calls,
    single: async (id: string): Promise<Row | null> => {
      calls.single.push(id);
      return ids.includes(id) || unlisted.includes(id) ? { id } : null;
    },
    page: async ({ after }: ListPage): Promise<Slice<Row>> => {
      calls.page.push(after);
      const from = after === undefined ? 0 : ids.indexOf(after) + 1;
      const rows = ids.slice(from, from + size).map((id) => ({ id }));
      return { rows, hasOlder: from + size < ids.length, hasNewer: rows.length > 0 };
    },
  };
}

type FetchPage = (page: ListPage) => Promise<Slice<Row>>;
type Single = (id: string) => Promise<Row | null>;

const findAll = (ids: readonly string[], single: Single, page: FetchPage) =>
  find('BONGLOY', ids, single, everyPage(page));
const findNewest = (ids: readonly string[], single: Single, page: FetchPage) =>
  find(
    'BONGLOY',
    ids,
    single,
    onePage(() => page({ size: 100 })),
  );

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `row${index}`);
const idsOf = (rows: readonly (Row | null | Error)[]) =>
  rows.map((row) => (row instanceof Error ? row.message : (row?.id ?? null)));

describe('looking rows up by their ids', () => {
  test('asks for a single one by itself', async () => {
    const { single, page, calls } = provider(many(500));
    expect(idsOf(await findAll(['row444'], single, page))).toEqual(['row444']);
    expect(calls).toEqual({ single: ['row444'], page: [] });
  });

  test('costs nothing for none', async () => {
    const { single, page, calls } = provider(many(5));
    expect(await findAll([], single, page)).toEqual([]);
    expect(calls).toEqual({ single: [], page: [] });
  });

  test('asks for one page when that holds several', async () => {
    const { single, page, calls } = provider(many(500));
    expect(idsOf(await findAll(['row7', 'row99'], single, page))).toEqual(['row7', 'row99']);
    expect(calls).toEqual({ single: [], page: [undefined] });
  });

  test('reads on until the last is found, and no further', async () => {
    const { single, page, calls } = provider(many(500));
    expect(idsOf(await findAll(['row7', 'row150'], single, page))).toEqual(['row7', 'row150']);
    expect(calls).toEqual({ single: [], page: [undefined, 'row99'] });
  });

  test('knows from a complete list that the others do not exist', async () => {
    const { single, page, calls } = provider(many(120));
    expect(idsOf(await findAll(['row7', 'nobody'], single, page))).toEqual(['row7', null]);
    expect(calls).toEqual({ single: [], page: [undefined, 'row99'] });
  });

  test('looks up one by one what stands behind the last page that may be read', async () => {
    const { single, page, calls } = provider(many(500), { unlisted: ['hidden'] });
    const found = await findNewest(['row7', 'row300', 'hidden', 'nobody'], single, page);
    expect(idsOf(found)).toEqual(['row7', 'row300', 'hidden', null]);
    expect(calls).toEqual({ single: ['row300', 'hidden', 'nobody'], page: [undefined] });
  });

  test('fails for the one whose look-up failed, not for the others', async () => {
    const { page } = provider(many(500));
    const single = async (id: string): Promise<Row> => {
      if (id === 'row300') throw new Error('down');
      return { id };
    };
    expect(idsOf(await findNewest(['row7', 'row300', 'row400'], single, page))).toEqual([
      'row7',
      'down',
      'row400',
    ]);
  });

  test('fails as a whole when a page fails', async () => {
    const { single } = provider([]);
    await expect(findAll(['a', 'b'], single, () => Promise.reject(new Error('down')))).rejects.toThrow(
      'down',
    );
  });

  test('ends on an empty page, whatever that says of older rows', async () => {
    const { single } = provider([]);
    const empty = async () => ({ rows: [], hasOlder: true, hasNewer: false });
    expect(await findAll(['a', 'b'], single, empty)).toEqual([null, null]);
  });

  test('fails for the one that cannot be read, not for the others', async () => {
    const { single } = provider([]);
    const rows = [{ id: 'a' }, new UnreadableRow('b', 'amount', {}), new UnreadableRow(null, 'id', {})];
    const page = async () => ({ rows, hasOlder: false, hasNewer: false });
    expect(await findAll(['a', 'b', 'c'], single, page)).toEqual([
      { id: 'a' },
      expect.any(UnreadableAnswer),
      null,
    ]);
  });

  test.each([
    ['the same page', async () => 'a'],
    ['two pages in turn', async (after: string | undefined) => (after === 'a' ? 'b' : 'a')],
  ])('refuses a list that answers %s for ever, after a few pages', async (_what, next) => {
    let asked = 0;
    const page = async ({ after }: ListPage): Promise<Slice<Row>> => {
      asked += 1;
      return { rows: [{ id: await next(after) }], hasOlder: true, hasNewer: true };
    };
    const { single } = provider([]);
    await expect(findAll(['x', 'y'], single, page)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(asked).toBeLessThanOrEqual(3);
  });

  test('answers in the order of the ids, for any list and any page size', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(30),
        fc.integer({ min: 1, max: 9 }),
        fc.uniqueArray(fc.nat(40), { maxLength: 12 }),
        fc.boolean(),
        async (count, size, wanted, whole) => {
          const { single, page, calls } = provider(many(count), { size });
          const ids = wanted.map((index) => `row${index}`);
          const found = await (whole ? findAll : findNewest)(ids, single, page);
          expect(idsOf(found)).toEqual(wanted.map((index) => (index < count ? `row${index}` : null)));
          expect(calls.page.length).toBeLessThanOrEqual(whole ? Math.floor(count / size) + 1 : 1);
        },
      ),
    ));
});
