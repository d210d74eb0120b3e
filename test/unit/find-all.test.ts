import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findAll } from '../../src/loaders/find-all.ts';

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
    page: async ({ after }: { readonly size: number; readonly after?: string }) => {
      calls.page.push(after);
      const from = after === undefined ? 0 : ids.indexOf(after) + 1;
      const rows = ids.slice(from, from + size).map((id) => ({ id }));
      return { rows, hasOlder: from + size < ids.length };
    },
  };
}

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
    const found = await findAll(['row7', 'row300', 'hidden', 'nobody'], single, page, 1);
    expect(idsOf(found)).toEqual(['row7', 'row300', 'hidden', null]);
    expect(calls).toEqual({ single: ['row300', 'hidden', 'nobody'], page: [undefined] });
  });

  test('fails for the one whose look-up failed, not for the others', async () => {
    const { page } = provider(many(500));
    const single = async (id: string): Promise<Row> => {
      if (id === 'row300') throw new Error('down');
      return { id };
    };
    expect(idsOf(await findAll(['row7', 'row300', 'row400'], single, page, 1))).toEqual([
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
    expect(await findAll(['a', 'b'], single, async () => ({ rows: [], hasOlder: true }))).toEqual([
      null,
      null,
    ]);
  });

  test('answers in the order of the ids, for any list and any page size', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(30),
        fc.integer({ min: 1, max: 9 }),
        fc.uniqueArray(fc.nat(40), { maxLength: 12 }),
        fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
        async (count, size, wanted, maxPages) => {
          const { single, page, calls } = provider(many(count), { size });
          const ids = wanted.map((index) => `row${index}`);
          const found = await findAll(ids, single, page, maxPages);
          expect(idsOf(found)).toEqual(wanted.map((index) => (index < count ? `row${index}` : null)));
          expect(calls.page.length).toBeLessThanOrEqual(maxPages ?? Math.floor(count / size) + 1);
        },
      ),
    ));
});
