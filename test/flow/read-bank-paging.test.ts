import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { DAY, HOUR, MINUTE } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import type { WireTransaction } from '../../src/providers/casso/wire.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { listCasso, walk } from '../support/walk.ts';
import { movableClock } from './login-support.ts';
import { costOf, idsOf, pages as pagesOf } from './read-bank-support.ts';

const clock = movableClock();
let gateway: Gateway;
/** Of each test, so that nothing is kept from the one before. */
let token: string;

beforeAll(async () => {
  // Without the operator's key nothing is reconciled: nothing but the tests' own queries asks Casso.
  gateway = await startGateway({ env: { CASSO_API_KEY: '' }, clock });
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
});

/** A way to ask for pages by the session of the test. */
const pages = (first: number, filter: object = {}, by = token) => pagesOf(gateway, by, first, filter);

/** Casso's own list of its rows: the model. */
const rowsOf = (business: keyof typeof SANDBOX_BUSINESSES) => listCasso(gateway, business);
const idsOfRows = (rows: readonly WireTransaction[]) => rows.map(({ id }) => String(id));

const TODAY = {};
/** Booked late, deep in the list. */
const LONG_AGO = () => ({ when: new Date(clock.now() - 40 * DAY).toISOString().slice(0, 10) });

/** Money moves, and the webhook has been answered. */
async function transfer(input: object = TODAY): Promise<string> {
  const { id } = gateway.casso.control.makeTransfer({ ...input, viaSync: false });
  await gateway.casso.control.webhooksIdle();
  return String(id);
}

describe('a walk through all bank transactions', () => {
  test.each([7, 20, 50, 99, 100])(
    'in pages of %i: every row once, newest first, and one call for each 100',
    async (first) => {
      const rows = await rowsOf('main');
      expect(rows.length).toBeGreaterThan(400);
      gateway.casso.clearRequests();
      const walked = await walk(pages(first));
      expect(idsOf(walked)).toEqual(idsOfRows(rows));
      expect(walked).toHaveLength(Math.ceil(rows.length / first));
      expect(new Set(walked.map(({ totalCount }) => totalCount))).toEqual(new Set([rows.length]));
      expect(costOf(walked)).toBe(Math.ceil(rows.length / 100));
      expect(gateway.casso.requests).toHaveLength(costOf(walked));
      expect(gateway.casso.requests.every(({ path }) => path.includes('pageSize=100&sort=DESC'))).toBe(true);
    },
  );

  test('the first five pages of 20 are one call, and so is the sixth', async () => {
    const walked = await walk(pages(20), { maxPages: 6 });
    expect(walked.map(({ calls }) => calls)).toEqual([1, 0, 0, 0, 0, 1]);
  });

  test('a page without a size has ten rows; one of no rows says whether there is one, and how many', async () => {
    const { data } = await gateway.ask('{ bankTransactions { nodes { id } } }', {}, token);
    expect(data?.bankTransactions.nodes).toHaveLength(10);
    const none = await pages(0)(null);
    expect(none.edges).toEqual([]);
    expect(none.pageInfo.hasNextPage).toBe(true);
    expect(none.totalCount).toBe((await rowsOf('main')).length);
  });

  test('of a business without transactions is one empty page', async () => {
    const empty = await linkCasso(gateway, SANDBOX_BUSINESSES.empty.apiKey);
    for (const first of [0, 100]) {
      const page = await pages(first, {}, empty)(null);
      expect(page).toMatchObject({ edges: [], totalCount: 0, pageInfo: { hasNextPage: false } });
    }
  });
});

describe('a walk while money moves', () => {
  test.each([7, 50, 100])(
    'in pages of %i: no row is missed or repeated, none is new, and the calls are as few as can be',
    async (first) => {
      const before = idsOfRows(await rowsOf('main'));
      let arrived = 0;
      const walked = await walk(pages(first), {
        between: async () => {
          await transfer();
          arrived += 1;
        },
      });
      expect(idsOf(walked)).toEqual(before);
      // Each page of 100 once: the webhooks bring the rest.
      expect(costOf(walked)).toBe(Math.ceil((before.length + arrived) / 100));
      expect(walked.map(({ totalCount }) => totalCount)).toEqual(walked.map((_page, n) => before.length + n));
      expect(arrived).toBe(walked.length - 1);
    },
  );

  test.each([
    ['their webhooks are lost', TODAY, true],
    ['they are booked late, weeks back in the list', LONG_AGO, false],
    ['both', LONG_AGO, true],
  ])('and %s: no row that was there is missed or repeated', async (_how, kind, isLost) => {
    const before = idsOfRows(await rowsOf('main'));
    const walked = await walk(pages(30), {
      between: async (n) => {
        if (n % 2 === 0) return;
        if (isLost) gateway.casso.control.dropNextWebhook(1);
        await transfer(typeof kind === 'function' ? kind() : kind);
      },
    });
    const seen = idsOf(walked);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => before.includes(id))).toEqual(before);
  });

  test('and more than a hundred come unseen between two pages: the next page is not sewn to what it was before', async () => {
    const before = idsOfRows(await rowsOf('main'));
    const walked = await walk(pages(60), {
      between: (n) => {
        if (n !== 1) return;
        gateway.casso.control.dropNextWebhook(150);
        for (let made = 0; made < 150; made += 1) gateway.casso.control.makeTransfer();
      },
      maxPages: 4,
    });
    expect(idsOf(walked)).toEqual(before.slice(0, 240));
  });

  test('and several pages are asked for at once: each walk sees every row once', async () => {
    const before = idsOfRows(await rowsOf('main'));
    const walks = [20, 33, 100].map((first) => walk(pages(first), { between: () => transfer() }));
    for (const walked of await Promise.all(walks)) {
      const seen = idsOf(walked);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => before.includes(id))).toEqual(before);
    }
  });

  test('a page asked for again an hour and a hundred transfers later goes on with the same row', async () => {
    const [first, second] = await walk(pages(20), { maxPages: 2 });
    for (let n = 0; n < 100; n += 1) gateway.casso.control.makeTransfer();
    await gateway.casso.control.webhooksIdle();
    clock.advance(HOUR);
    const again = await pages(20)(first?.pageInfo.endCursor ?? null);
    expect(idsOf([again])).toEqual(second && idsOf([second]));
    // Where the row was, which tells how many came; and where it is.
    expect(again.calls).toBe(2);
  });

  test('the head shows a transfer as soon as its webhook came, and one whose webhook is lost half a minute later', async () => {
    await pages(1)(null);
    const told = await transfer();
    expect(idsOf([await pages(1)(null)])).toEqual([told]);
    gateway.casso.control.dropNextWebhook(1);
    const untold = await transfer();
    expect(idsOf([await pages(1)(null)])).toEqual([told]);
    clock.advance(MINUTE / 2);
    expect(idsOf([await pages(1)(null)])).toEqual([untold]);
  });
});

interface Node {
  readonly providerId: string;
}

describe('nodes(ids:)', () => {
  const nodes = async (rows: readonly string[]) => {
    const ids = rows.map((id) => encodeGlobalId('BankTransaction', id));
    gateway.casso.clearRequests();
    const { data, errors, upstream } = await gateway.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on BankTransaction { providerId } } }',
      { ids },
      token,
    );
    expect(errors).toBeUndefined();
    expect(upstream?.casso).toBe(gateway.casso.requests.length);
    return {
      found: data?.nodes.map((row: Node | null) => row?.providerId ?? null),
      calls: upstream?.casso,
    };
  };

  test('of 50 among the newest 100 is one call, and none when the list was just shown', async () => {
    const ids = idsOfRows(await rowsOf('main'))
      .slice(0, 100)
      .filter((_id, n) => n % 2 === 1);
    expect(await nodes(ids)).toEqual({ found: ids, calls: 1 });
    expect(await nodes(ids)).toEqual({ found: ids, calls: 0 });
  });

  test('of older ones is one call each beside it', async () => {
    const ids = idsOfRows(await rowsOf('main'));
    const wanted = [0, 99, 100, 350].map((n) => ids[n] ?? '');
    expect(await nodes(wanted)).toEqual({ found: wanted, calls: 3 });
  });
});
