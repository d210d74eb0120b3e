import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/domain/cursor.ts';
import { rateLimited } from '../../src/domain/errors.ts';
import { MINUTE, SECOND } from '../../src/lib/duration.ts';
import {
  anyPause,
  anySizes,
  anyWorld,
  ids,
  KIND,
  type Line,
  ModelBank,
  World,
} from './casso-pagination-support.ts';

const isDebit = ({ direction }: Line) => direction === 'DEBIT';

describe('a page', () => {
  test('is the list from the cursor on, with an exact hasNextPage and the total', () =>
    fc.assert(
      fc.asyncProperty(anyWorld, fc.nat({ max: 100 }), fc.nat({ max: 100 }), async (world, size, first) => {
        const before = await world.ask(size);
        const page = await world.ask(first, before.pageInfo.endCursor);
        const rest = world.matching().slice(before.edges.length);
        expect(ids(page)).toEqual(rest.slice(0, first));
        expect(page.pageInfo.hasNextPage).toBe(rest.length > first);
        expect(page.pageInfo.hasPreviousPage).toBe(before.pageInfo.endCursor !== null);
        expect(page.totalCount).toBe(world.where ? null : world.bank.lines.length);
      }),
      { numRuns: 500 },
    ));

  test('of a list that is not counted is cut from what came', async () => {
    const world = new World(new ModelBank(60));
    world.bank.counts = false;
    const page = await world.ask(20, (await world.ask(20)).pageInfo.endCursor);
    expect(ids(page)).toEqual(world.matching().slice(20, 40));
    expect(page.totalCount).toBeNull();
    expect(await world.walk([7])).toEqual(world.matching());
  });

  test('without edges says whether there is a row', async () => {
    const none = { edges: [], pageInfo: { startCursor: null, endCursor: null } };
    expect(await new World(new ModelBank(1)).ask(0)).toMatchObject({
      ...none,
      pageInfo: { hasNextPage: true },
    });
    expect(await new World(new ModelBank(0)).ask(0)).toMatchObject({
      ...none,
      pageInfo: { hasNextPage: false },
    });
  });
});

describe('a walk', () => {
  test('visits every row once, in order, whatever arrives at the head, and however old the pages get', () =>
    fc.assert(
      fc.asyncProperty(
        anyWorld,
        anySizes,
        fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 4 }),
        fc.array(anyPause, { minLength: 1, maxLength: 4 }),
        async (world, sizes, arrivals, pauses) => {
          world.bank.meanwhile = (bank) => {
            if (bank.calls.length > 0) bank.arrive(arrivals[bank.calls.length % arrivals.length] ?? 0);
          };
          const all = world.matching();
          const seen = await world.walk(sizes, (n) => world.clock.advance(pauses[n % pauses.length] ?? 0));
          expect(seen).toEqual(all);
        },
      ),
      { numRuns: 500 },
    ));

  test('misses and repeats no row when rows are booked late, deep in the list', () =>
    fc.assert(
      fc.asyncProperty(
        anyWorld,
        anySizes,
        fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat()), { minLength: 1, maxLength: 4 }),
        fc.array(anyPause, { minLength: 1, maxLength: 4 }),
        async (world, sizes, late, pauses) => {
          const all = world.matching();
          const seen = await world.walk(sizes, (n) => {
            world.clock.advance(pauses[n % pauses.length] ?? 0);
            // Now and then: rows that come faster than pages are read keep a walk from ending.
            const [count, at] = n < 20 ? (late[n % late.length] ?? [0, 0]) : [0, 0];
            world.bank.arrive(count, at % (world.bank.lines.length + 1));
          });
          expect(seen.filter((id) => all.includes(id))).toEqual(all);
          expect(new Set(seen).size).toBe(seen.length);
        },
      ),
      { numRuns: 500 },
    ));

  test('costs at most two calls a page without arrivals, and one for each 100 rows while the window is young', () =>
    fc.assert(
      fc.asyncProperty(anyWorld, anySizes, anyPause, async (world, sizes, pause) => {
        let clients = 1;
        await world.walk(sizes, () => {
          world.clock.advance(pause);
          clients += 1;
        });
        const pages = Math.max(1, Math.ceil(world.bank.lines.length / 100));
        const { length } = world.bank.calls;
        if (pause === 0) expect(length).toBe(pages);
        expect(length).toBeLessThanOrEqual(2 * clients + pages);
      }),
    ));

  test('of five pages of 20 is one call', async () => {
    const world = new World(new ModelBank(250));
    let page = await world.ask(20);
    for (let n = 1; n < 5; n += 1) page = await world.ask(20, page.pageInfo.endCursor);
    expect(ids(page)).toEqual(world.matching().slice(80, 100));
    expect(page.pageInfo.hasNextPage).toBe(true);
    expect(world.bank.calls).toEqual([1]);
  });
});

describe('a seam between two of the pages', () => {
  test('is not stitched when a row went away meanwhile: the row that moved up is not missed', async () => {
    const world = new World(new ModelBank(150));
    const first = await world.ask(90);
    const [, gone] = world.matching();
    world.bank.remove(gone ?? '');
    const expected = world.matching().slice(89);
    expect(ids(await world.ask(100, first.pageInfo.endCursor))).toEqual(expected);
    expect(world.bank.calls).toEqual([1, 2, 1]);
  });

  test('costs no call more when rows arrived: what moved down is on the next page', async () => {
    const world = new World(new ModelBank(150));
    const first = await world.ask(90);
    const expected = world.matching().slice(90);
    world.bank.arrive(30);
    expect(ids(await world.ask(100, first.pageInfo.endCursor))).toEqual(expected);
    expect(world.bank.calls).toEqual([1, 2]);
  });

  test('gives no row twice when the list is not counted', async () => {
    const world = new World(new ModelBank(150));
    world.bank.counts = false;
    const first = await world.ask(90);
    const expected = world.matching().slice(90);
    world.bank.arrive(30);
    expect(ids(await world.ask(100, first.pageInfo.endCursor))).toEqual(expected);
  });
});

describe('a cursor', () => {
  test('of a row that is held costs no call, whatever arrives and however old it gets', async () => {
    const world = new World(new ModelBank(400));
    const { pageInfo } = await world.ask(40);
    const expected = world.matching().slice(40, 50);
    world.bank.arrive(1000);
    world.clock.advance(5 * MINUTE);
    world.window.expire();
    expect(ids(await world.ask(10, pageInfo.endCursor))).toEqual(expected);
    expect(world.bank.calls).toEqual([1]);
  });

  /** Pages through a window that holds nothing, as after a restart. */
  async function elsewhere(bank: ModelBank, first: number, after: string | null) {
    const world = new World(bank);
    bank.calls = [];
    return { page: await world.ask(first, after), calls: bank.calls };
  }

  test('is found again with one call more when 1,000 rows arrived while nothing was held', async () => {
    const world = new World(new ModelBank(400));
    const { pageInfo } = await world.ask(40);
    const expected = world.matching().slice(40, 50);
    world.bank.arrive(1000);
    const { page, calls } = await elsewhere(world.bank, 10, pageInfo.endCursor);
    expect(ids(page)).toEqual(expected);
    expect(calls).toEqual([1, 11]);
  });

  test('is found again in its place when 1,000 old rows came below it', async () => {
    const world = new World(new ModelBank(400));
    const { pageInfo } = await world.ask(40);
    const expected = world.matching().slice(40, 50);
    world.bank.arrive(1000, 300);
    const { page } = await elsewhere(world.bank, 10, pageInfo.endCursor);
    expect(ids(page)).toEqual(expected);
  });

  test('is found when the list goes on changing while it is looked for', async () => {
    const world = new World(new ModelBank(400));
    const { pageInfo } = await world.ask(98);
    const expected = world.matching().slice(98, 100);
    world.bank.arrive(10);
    // The row stands on the first page again by the time that the second is read.
    world.bank.meanwhile = (bank) => {
      if (bank.calls.length === 1) for (const { id } of bank.lines.slice(0, 10)) bank.remove(id);
    };
    const { page, calls } = await elsewhere(world.bank, 2, pageInfo.endCursor);
    expect(ids(page)).toEqual(expected);
    expect(calls).toEqual([1, 2, 1]);
  });

  test('that another process gave is found behind pages that this one kept before the row came', async () => {
    const bank = new ModelBank(50);
    const [here, there] = [new World(bank), new World(bank)];
    await here.ask(10);
    bank.arrive(3);
    const { pageInfo } = await there.ask(1);
    expect(ids(await here.ask(2, pageInfo.endCursor))).toEqual(here.matching().slice(1, 3));
  });

  test('of a row that is gone is refused after three calls, or six when the list changed', async () => {
    const unknown = { code: 'BAD_USER_INPUT', details: { field: 'after' } };
    const world = new World(new ModelBank(1000));
    const at = (total: number) => encodeCursor(KIND, `5000.450.${total}`);
    await expect(world.ask(10, at(1000))).rejects.toMatchObject(unknown);
    expect(world.bank.calls).toEqual([5, 4, 6]);
    world.bank.calls = [];
    await expect(world.ask(10, at(700))).rejects.toMatchObject(unknown);
    expect(world.bank.calls).toHaveLength(6);
  });

  test('of another list, or of no list, is refused before any call', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.constantFrom('1.2.3', '1.2.').map((text) => encodeCursor('casso.transaction.another', text)),
          fc
            .constantFrom('1', '1.2', '01.2.3', '1.-2.3', '1.2.3.4', 'x.2.3')
            .map((text) => encodeCursor(KIND, text)),
        ),
        async (cursor) => {
          const world = new World(new ModelBank(10));
          await expect(world.ask(5, cursor)).rejects.toMatchObject({
            code: 'BAD_USER_INPUT',
            details: { field: 'after' },
          });
          expect(world.bank.calls).toEqual([]);
        },
      ),
    ));
});

describe('a filter that Casso does not have', () => {
  const rare = (n: number) => (n === 1500 ? 'DEBIT' : 'CREDIT');

  test('looks through ten pages at most, and tells where to go on, also without a row', async () => {
    const world = new World(new ModelBank(1600, rare), isDebit);
    const first = await world.ask(10);
    expect(first).toMatchObject({
      edges: [],
      totalCount: null,
      pageInfo: { hasNextPage: true, startCursor: null },
    });
    expect(world.bank.calls).toHaveLength(10);
    const second = await world.ask(10, first.pageInfo.endCursor);
    expect(ids(second)).toEqual(world.matching());
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(world.bank.calls).toHaveLength(16);
  });

  test('goes on behind the last row that was looked at, not behind the last edge', async () => {
    const world = new World(new ModelBank(1600, (n) => (n < 5 ? 'DEBIT' : rare(n))), isDebit);
    const { pageInfo } = await world.ask(5);
    expect(pageInfo.hasNextPage).toBe(true);
    world.bank.calls = [];
    await world.ask(5, pageInfo.endCursor);
    expect(world.bank.calls).toEqual([11, 12, 13, 14, 15, 16]);
  });
});

describe("Casso's request budget", () => {
  const world = (allowed: number) => {
    const made = new World(new ModelBank(450, (n) => (n % 90 === 0 ? 'DEBIT' : 'CREDIT')), isDebit);
    made.bank.meanwhile = ({ calls }) => {
      if (calls.length >= allowed) throw rateLimited(MINUTE, 'CASSO');
    };
    return made;
  };

  test('when it is spent on the way, ends the page early; the walk goes on from there', async () => {
    const spent = world(2);
    const first = await spent.ask(10);
    expect(ids(first)).toEqual(spent.matching().slice(0, 3));
    expect(first.pageInfo.hasNextPage).toBe(true);
    spent.bank.meanwhile = () => {};
    expect(ids(await spent.ask(10, first.pageInfo.endCursor))).toEqual(spent.matching().slice(3));
    expect(spent.bank.calls).toEqual([1, 2, 3, 4, 5]);
  });

  test('when it is spent before any row was looked at, is told', async () => {
    const limited = { code: 'RATE_LIMITED' };
    await expect(world(0).ask(10)).rejects.toMatchObject(limited);
    const spent = world(2);
    const { pageInfo } = await spent.ask(10);
    await expect(spent.ask(10, pageInfo.endCursor)).rejects.toMatchObject(limited);
  });
});

describe('what is new', () => {
  test('shows at the head after 30 seconds, and at once when it is known that something changed', async () => {
    const world = new World(new ModelBank(5));
    await world.ask(1);
    world.bank.arrive(1);
    world.clock.advance(29 * SECOND);
    expect((await world.ask(1)).totalCount).toBe(5);
    world.clock.advance(SECOND);
    expect((await world.ask(1)).totalCount).toBe(6);
    world.bank.arrive(1);
    world.window.expire();
    expect((await world.ask(1)).totalCount).toBe(7);
  });

  test('is asked for again where it is known that rows are missing at the head', async () => {
    const world = new World(new ModelBank(150));
    const { pageInfo } = await world.ask(90);
    world.bank.arrive(3);
    await world.ask(90, pageInfo.endCursor);
    expect(ids(await world.ask(5))).toEqual(world.matching().slice(0, 5));
    expect(world.bank.calls).toEqual([1, 2, 1]);
  });
});

function newest({ bank }: World): Line {
  const [line] = bank.lines;
  if (!line) throw new Error('the bank is empty');
  return line;
}

describe('rows that webhooks tell', () => {
  test('stand where the list has them, whatever was fetched before and after, and each is shown once', () =>
    fc.assert(
      fc.asyncProperty(
        anyWorld,
        anySizes,
        fc.array(
          fc.record({
            arrive: fc.nat({ max: 5 }),
            at: fc.oneof(fc.constant(0), fc.nat({ max: 250 })),
            told: fc.boolean(),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        fc.array(anyPause, { minLength: 1, maxLength: 4 }),
        async (world, sizes, arrivals, pauses) => {
          const all = world.matching();
          const seen = await world.walk(sizes, (n) => {
            world.clock.advance(pauses[n % pauses.length] ?? 0);
            if (n > 20) return;
            const { arrive, at, told } = arrivals[n % arrivals.length] ?? { arrive: 0, at: 0, told: true };
            const place = at % (world.bank.lines.length + 1);
            world.bank.arrive(arrive, place);
            if (told)
              for (const line of world.bank.lines.slice(place, place + arrive)) world.window.add(line);
          });
          expect(seen.filter((id) => all.includes(id))).toEqual(all);
          expect(new Set(seen).size).toBe(seen.length);
          world.clock.advance(2 * MINUTE);
          expect(ids(await world.ask(100))).toEqual(world.matching().slice(0, 100));
        },
      ),
      { numRuns: 500 },
    ));

  test('are at the head, in the count and in every filter at once, without a call', () =>
    fc.assert(
      fc.asyncProperty(anyWorld, fc.integer({ min: 1, max: 30 }), async (world, arrived) => {
        await world.ask(1);
        for (let n = 0; n < arrived; n += 1) {
          world.bank.arrive(1);
          world.window.add(newest(world));
        }
        world.bank.calls = [];
        const page = await world.ask(5);
        const calls = world.bank.calls.length;
        expect(ids(page)).toEqual(world.matching().slice(0, 5));
        if (!world.where)
          expect({ calls, total: page.totalCount }).toEqual({ calls: 0, total: world.bank.lines.length });
      }),
    ));

  test('stay for a minute although the list does not show them yet, and go when it never does', async () => {
    const world = new World(new ModelBank(150));
    await world.ask(1);
    world.window.add({ id: '151', direction: 'DEBIT', time: 151 });
    world.clock.advance(31 * SECOND);
    expect(await world.ask(1)).toMatchObject({ edges: [{ node: { id: '151' } }], totalCount: 151 });
    world.clock.advance(31 * SECOND);
    expect(await world.ask(1)).toMatchObject({ edges: [{ node: { id: '150' } }], totalCount: 150 });
    expect(world.bank.calls).toEqual([1, 1, 1]);
  });

  test('are corrected by the next page that shows them', async () => {
    const world = new World(new ModelBank(5));
    await world.ask(1);
    world.bank.arrive(1);
    world.window.add({ ...newest(world), direction: 'CREDIT' });
    world.clock.advance(31 * SECOND);
    expect(await world.ask(1)).toMatchObject({
      edges: [{ node: { id: '6', direction: 'DEBIT' } }],
      totalCount: 6,
    });
  });
});

describe('a page that Casso does not allow to be asked for again', () => {
  test('stands as it is, and says when it was asked for', async () => {
    const world = new World(new ModelBank(150));
    const asked = world.clock.now();
    const page = await world.ask(5);
    world.clock.advance(5 * MINUTE);
    world.bank.meanwhile = () => {
      throw rateLimited(MINUTE, 'CASSO');
    };
    const again = await world.ask(5);
    expect(ids(again)).toEqual(ids(page));
    expect(again.asOf).toEqual(new Date(asked));
  });
});
