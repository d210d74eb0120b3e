import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { DAY, HOUR } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import type { WireTransaction } from '../../src/providers/casso/wire.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { listCasso, walk } from '../support/walk.ts';
import { costOf, idsOf, pages as pagesOf } from './read-bank-support.ts';

let gateway: Gateway;
/** Of each test, so that nothing is kept from the one before. */
let token: string;

beforeAll(async () => {
  // Without the operator's key nothing is reconciled: nothing but the tests' own queries asks Casso.
  gateway = await startGateway({ env: { CASSO_API_KEY: '' } });
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
});

interface Node {
  readonly providerId: string;
}

/** A way to ask for pages by the session of the test. */
const pages = (first: number, filter: object = {}, by = token) => pagesOf(gateway, by, first, filter);

/** Casso's own list of its rows: the model. */
const rowsOf = (business: keyof typeof SANDBOX_BUSINESSES) => listCasso(gateway, business);
const idsOfRows = (rows: readonly WireTransaction[]) => rows.map(({ id }) => String(id));

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
      expect(bankTransactions.nodes.map((row: Node) => row.providerId)).toEqual(wanted.slice(0, 100));
    }
  });

  test('by everything at once, and a cursor goes on in either list of the account', async () => {
    const bankAccountId = encodeGlobalId('BankAccount', '2102');
    const rows = await rowsOf('main');
    const day = (daysAgo: number) =>
      new Date(Date.now() + 7 * HOUR - daysAgo * DAY).toISOString().slice(0, 10);
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
