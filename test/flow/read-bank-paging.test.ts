import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { MINUTE } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import type { WireTransaction } from '../../src/providers/casso/wire.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { listCasso, walk } from '../support/walk.ts';
import { movableClock } from './login-support.ts';

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

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly providerId: string } }[];
  readonly nodes: readonly { readonly providerId: string }[];
  readonly totalCount: number | null;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** What it cost: requests to Casso. */
  readonly calls: number;
}

const PAGE = `{
  edges { cursor node { providerId } }
  nodes { providerId }
  totalCount
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}`;

/** A way to ask for pages of the list under a filter, by whoever asks; each page is checked to agree with itself. */
function pages(first: number, filter: object = {}, by = token) {
  return async (after: string | null): Promise<Page> => {
    const { data, errors, upstream } = await gateway.ask(
      `query ($first: Int, $after: String, $filter: BankTransactionFilter) {
        bankTransactions(first: $first, after: $after, filter: $filter) ${PAGE}
      }`,
      { first, after, filter },
      by,
    );
    expect(errors).toBeUndefined();
    const page: Page = { ...data?.bankTransactions, calls: upstream?.casso };
    expect(page.nodes).toEqual(page.edges.map(({ node }) => node));
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor ?? null);
    expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null);
    return page;
  };
}

const idsOf = (walked: readonly Page[]) =>
  walked.flatMap(({ edges }) => edges.map(({ node }) => node.providerId));
const costOf = (walked: readonly Page[]) => walked.reduce((sum, { calls }) => sum + calls, 0);
/** Casso's own list of its rows: the model. */
const rowsOf = (business: keyof typeof SANDBOX_BUSINESSES) => listCasso(gateway, business);
const idsOfRows = (rows: readonly WireTransaction[]) => rows.map(({ id }) => String(id));

const TODAY = {};
/** Booked late, deep in the list. */
const LONG_AGO = () => ({ when: new Date(clock.now() - 40 * 24 * 60 * MINUTE).toISOString().slice(0, 10) });

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
      // Each transfer empties the window. Asked for are the page of 100 where the cursor's row was, and all from there to
      // the one with the page's own last row.
      const hundred = (place: number) => Math.floor(place / 100);
      const needed = walked.map((_page, n) => {
        const was = n * first + n - 2;
        const last = Math.min(was + 1 + first, before.length + n - 1);
        return n === 0 ? 1 : hundred(last) - hundred(was) + 1;
      });
      expect(walked.map(({ calls }) => calls)).toEqual(needed);
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
    clock.advance(60 * MINUTE);
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

describe('a filter', () => {
  test.each([
    ['CREDIT', 20],
    ['DEBIT', 20],
    ['DEBIT', 100],
  ] as const)(
    'by direction %s, in pages of %i: exactly those rows, at no further cost',
    async (direction, first) => {
      const rows = await rowsOf('main');
      const wanted = rows.filter(({ amount }) => amount > 0 === (direction === 'CREDIT'));
      const walked = await walk(pages(first, { direction }));
      expect(idsOf(walked)).toEqual(idsOfRows(wanted));
      expect(walked).toHaveLength(Math.ceil(wanted.length / first));
      expect(new Set(walked.map(({ totalCount }) => totalCount))).toEqual(new Set([null]));
      expect(costOf(walked)).toBe(Math.ceil(rows.length / 100));
      // The other direction is cut out of the same window.
      expect(costOf(await walk(pages(50, { direction: direction === 'DEBIT' ? 'CREDIT' : 'DEBIT' })))).toBe(
        0,
      );
    },
  );

  test('by direction that no row meets is an empty page, exactly the end', async () => {
    gateway.casso.control.makeTransfer({ business: 'empty', amount: 5_000, when: '2023-01-01' });
    const by = await linkCasso(gateway, SANDBOX_BUSINESSES.empty.apiKey);
    for (const first of [0, 5]) {
      const page = await pages(first, { direction: 'DEBIT', to: '2023-01-01' }, by)(null);
      expect(page).toMatchObject({ edges: [], totalCount: null, pageInfo: { hasNextPage: false } });
    }
    const { pageInfo } = await pages(0, { direction: 'CREDIT', to: '2023-01-01' }, by)(null);
    expect(pageInfo.hasNextPage).toBe(true);
  });

  test('by days means days in Vietnam, both inclusive, and one alone is enough', async () => {
    const times = [
      '2024-03-10T23:59:59',
      '2024-03-11T00:00:00',
      '2024-03-11',
      '2024-03-11T06:59:59',
      '2024-03-11T23:59:59',
      '2024-03-12T00:00:00',
    ];
    const made = times.map((when) =>
      String(gateway.casso.control.makeTransfer({ business: 'empty', when }).id),
    );
    const by = await linkCasso(gateway, SANDBOX_BUSINESSES.empty.apiKey);
    const found = async (filter: object) => {
      const page = await pages(50, filter, by)(null);
      expect(page.totalCount).toBe(page.edges.length);
      return idsOf([page]);
    };
    const newestFirst = made.toReversed();
    expect(await found({ from: '2024-03-11', to: '2024-03-11' })).toEqual(newestFirst.slice(1, 5));
    expect(await found({ from: '2024-03-10', to: '2024-03-12' })).toEqual(newestFirst);
    expect(await found({ from: '2024-03-12', to: '2024-12-31' })).toEqual(newestFirst.slice(0, 1));
    expect(await found({ from: '2024-01-01', to: '2024-03-10' })).toEqual(newestFirst.slice(5));
    expect((await found({ from: '2024-03-12' })).at(-1)).toBe(newestFirst[0]);
    expect((await found({ to: '2024-03-10' }))[0]).toBe(newestFirst[5]);
    const { data } = await gateway.ask(
      `{ bankTransactions(filter: { from: "2024-03-10", to: "2024-03-11" }) { nodes { occurredAt } } }`,
      {},
      by,
    );
    expect(data?.bankTransactions.nodes.map((row: { occurredAt: string }) => row.occurredAt)).toEqual([
      '2024-03-11T16:59:59.000Z',
      '2024-03-10T23:59:59.000Z',
      '2024-03-10T17:00:00.000Z',
      '2024-03-10T17:00:00.000Z',
      '2024-03-10T16:59:59.000Z',
    ]);
  });

  test("by bank account: the account's rows, as the account's own list has them", async () => {
    const rows = await rowsOf('main');
    for (const { id } of SANDBOX_BUSINESSES.main.accounts) {
      const bankAccountId = encodeGlobalId('BankAccount', String(id));
      const wanted = idsOfRows(rows.filter(({ accountId }) => accountId === id));
      const walked = await walk(pages(40, { bankAccountId }));
      expect(idsOf(walked)).toEqual(wanted);
      expect(new Set(walked.map(({ totalCount }) => totalCount))).toEqual(new Set([wanted.length]));
      expect(costOf(walked)).toBe(Math.ceil(wanted.length / 100));
    }
    const { data, upstream } = await gateway.ask(
      `{ bankAccounts { nodes { providerId bankTransactions(first: 100) { totalCount nodes { providerId } } } } }`,
      {},
      token,
    );
    // The accounts: their lists are in their windows already.
    expect(upstream).toEqual({ bongloy: 0, casso: 1 });
    for (const { providerId, bankTransactions } of (data ?? {}).bankAccounts.nodes) {
      const wanted = idsOfRows(rows.filter(({ accountId }) => String(accountId) === providerId));
      expect(bankTransactions.totalCount).toBe(wanted.length);
      expect(idsOf([{ ...bankTransactions, edges: toEdges(bankTransactions.nodes) }])).toEqual(
        wanted.slice(0, 100),
      );
    }
  });

  test('by everything at once, and a cursor goes on in either list of the account', async () => {
    const bankAccountId = encodeGlobalId('BankAccount', '2102');
    const rows = await rowsOf('main');
    const day = (daysAgo: number) =>
      new Date(clock.now() + 7 * 60 * MINUTE - daysAgo * 24 * 60 * MINUTE).toISOString().slice(0, 10);
    const filter = { bankAccountId, direction: 'CREDIT', from: day(60), to: day(2) };
    const wanted = idsOfRows(
      rows.filter(
        ({ accountId, amount, when }) =>
          accountId === 2102 &&
          amount > 0 &&
          filter.from <= when.slice(0, 10) &&
          when.slice(0, 10) <= filter.to,
      ),
    );
    expect(wanted.length).toBeGreaterThan(10);
    const [first] = await walk(pages(5, filter), { maxPages: 1 });
    expect(idsOf(await walk(pages(5, filter)))).toEqual(wanted);
    const { data, errors } = await gateway.ask(
      `query ($id: ID!, $after: String, $filter: BankTransactionFilter) {
        bankAccount(id: $id) { bankTransactions(first: 5, after: $after, filter: $filter) { nodes { providerId } } }
      }`,
      { id: bankAccountId, after: first?.pageInfo.endCursor, filter: { ...filter, bankAccountId: null } },
      token,
    );
    expect(errors).toBeUndefined();
    expect(data?.bankAccount.bankTransactions.nodes.map((row: Node) => row.providerId)).toEqual(
      wanted.slice(5, 10),
    );
  });

  test("by another business's account finds nothing of it", async () => {
    const { data, errors } = await gateway.ask(
      `query ($id: ID!) { bankTransactions(filter: { bankAccountId: $id }) { nodes { id } } }`,
      { id: encodeGlobalId('BankAccount', '2201') },
      token,
    );
    expect(data).toEqual({ bankTransactions: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
  });
});

interface Node {
  readonly providerId: string;
}
const toEdges = (nodes: readonly Node[]) => nodes.map((node) => ({ cursor: '', node }));

describe('a cursor', () => {
  const refusal = async (after: string, filter: object = {}, by = token) => {
    const { data, errors, upstream } = await gateway.ask(
      `query ($after: String, $filter: BankTransactionFilter) {
        bankTransactions(after: $after, filter: $filter) { nodes { providerId } }
      }`,
      { after, filter },
      by,
    );
    expect(data).toEqual({ bankTransactions: null });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT', field: 'after' }]);
    return upstream?.casso;
  };
  const cursorOf = async (filter: object = {}, by = token) =>
    (await pages(1, filter, by)(null)).edges[0]?.cursor ?? '';

  test('of the same list under another filter is refused before any call', async () => {
    const bankAccountId = encodeGlobalId('BankAccount', '2101');
    const filters = [
      {},
      { direction: 'DEBIT' },
      { from: '2020-01-01' },
      { to: '2100-01-01' },
      { bankAccountId },
    ];
    const cursors = await Promise.all(filters.map((filter) => cursorOf(filter)));
    for (const [n, after] of cursors.entries()) {
      for (const [m, filter] of filters.entries()) {
        if (n === m) await pages(1, filter)(after);
        else expect(await refusal(after, filter)).toBe(0);
      }
    }
  });

  test('of another list is refused before any call', async () => {
    const both = await gateway.logIn();
    const { data } = await gateway.ask(
      `{
        transactions(first: 1) { edges { cursor } }
        bankAccounts(first: 1) { edges { cursor } }
        activity(first: 1) { edges { cursor } }
        eventCursor
      }`,
      {},
      both,
    );
    const { eventCursor, ...lists } = data ?? {};
    const cursors = Object.values(lists).map((list) => list.edges[0].cursor);
    for (const after of [...cursors, eventCursor, '', 'bm9uZQ'])
      expect(await refusal(after, {}, both)).toBe(0);
  });

  test('of a row that is not there is refused after three calls at most', async () => {
    const text = Buffer.from(await cursorOf(), 'base64url').toString();
    const gone = text.replace(/:(\d+)\.(?=\d+\.\d*$)/, ':99999999.');
    expect(gone).not.toBe(text);
    expect(await refusal(Buffer.from(gone).toString('base64url'))).toBeLessThanOrEqual(3);
  });

  test("of another business's row is refused, and shows none of its rows", async () => {
    const second = await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey);
    expect(await refusal(await cursorOf({}, second))).toBeLessThanOrEqual(6);
    // By its own business it is good.
    await pages(1, {}, second)(await cursorOf({}, second));
  });
});

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
