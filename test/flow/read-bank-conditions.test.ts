import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { listCasso, walk } from '../support/walk.ts';
import { costOf, idsOf, pages as pagesOf } from './read-bank-support.ts';

/** As banks write them: no two spell the order in the same way. */
const ROWS = [
  { amount: 50_000, description: 'THANHTOAN  DH-12.34' },
  { amount: 50_000, description: 'Nguyễn Văn Đức thanh toán đơn hàng 12/34' },
  { amount: -50_000, description: 'HOAN TIEN DH 1234' },
  { amount: 49_999, description: 'MBVCB.327.đh1234.CT tu 0441' },
  { amount: 3_000_000_000, description: 'NGUYEN VAN DUC thanh toan luong' },
  { amount: 50_001, description: '' },
  { amount: 7, description: 'Thanh toán ĐH 12'.normalize('NFD') },
] as const;

let gateway: Gateway;
let token: string;
/** Of the rows above, in their order. */
let ids: string[];
beforeAll(async () => {
  // Without the operator's key nothing is reconciled: nothing but the tests' own queries asks Casso.
  gateway = await startGateway({ env: { CASSO_API_KEY: '' } });
  ids = ROWS.map((row) => String(gateway.casso.control.makeTransfer({ business: 'empty', ...row }).id));
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.empty.apiKey);
});
afterAll(() => gateway.stop());

const pages = (first: number, filter: object = {}, by = token) => pagesOf(gateway, by, first, filter);
const newestFirst = (...rows: readonly number[]) => rows.map((n) => ids[n]).toReversed();

describe('a list of bank transactions narrowed', () => {
  test.each<[string, object, readonly number[]]>([
    ['by a code that the bank took apart', { text: 'dh1234' }, [0, 2, 3]],
    ['by the same code, spelled as a person types it', { text: ' ĐH 12/34 ' }, [0, 2, 3]],
    ['by a text with accents', { text: 'Nguyễn Văn Đức' }, [1, 4]],
    ['by the same text in decomposed letters', { text: 'Nguyễn Văn Đức'.normalize('NFD') }, [1, 4]],
    ['by digits, which are kept', { text: '12' }, [0, 1, 2, 3, 6]],
    ['by a text that no row has', { text: 'dh12345' }, []],
    ['by least amount, inclusive, whichever way', { minimumAmount: 50_000 }, [0, 1, 2, 4, 5]],
    ['by greatest amount, inclusive, whichever way', { maximumAmount: 50_000 }, [0, 1, 2, 3, 6]],
    ['by an exact amount', { minimumAmount: 50_000, maximumAmount: 50_000 }, [0, 1, 2]],
    ['by an amount beyond 32 bits', { minimumAmount: 3_000_000_000 }, [4]],
    ['by amount zero at least, which every row has', { minimumAmount: 0 }, [0, 1, 2, 3, 4, 5, 6]],
    ['by amount zero at most, which no row has', { maximumAmount: 0 }, []],
    [
      'by all at once',
      { text: 'dh1234', minimumAmount: 50_000, maximumAmount: 50_000, direction: 'CREDIT' },
      [0],
    ],
    [
      'by nothing, as every condition is null',
      { text: null, minimumAmount: null, maximumAmount: null },
      [0, 1, 2, 3, 4, 5, 6],
    ],
  ])('%s: exactly those rows, page by page', async (_what, filter, wanted) => {
    for (const first of [2, 50]) {
      const walked = await walk(pages(first, filter));
      expect(idsOf(walked)).toEqual(newestFirst(...wanted));
      expect(walked).toHaveLength(Math.max(1, Math.ceil(wanted.length / first)));
    }
  });

  test('is not counted, as Casso does not count it', async () => {
    for (const filter of [{ text: 'dh' }, { minimumAmount: 0 }, { maximumAmount: 9 }]) {
      expect((await pages(1, filter)(null)).totalCount).toBeNull();
    }
    expect((await pages(1)(null)).totalCount).toBe(ROWS.length);
  });

  test('below an account is the same list, and its cursors go on there', async () => {
    const number = SANDBOX_BUSINESSES.empty.accounts[0].id;
    const bankAccountId = encodeGlobalId('BankAccount', String(number));
    const query = `query ($id: ID!, $after: String, $filter: BankTransactionFilter) {
      bankAccount(id: $id) { bankTransactions(first: 1, after: $after, filter: $filter) {
        totalCount nodes { providerId } pageInfo { endCursor }
      } }
    }`;
    const filter = { text: 'thanh toán', minimumAmount: 50_000 };
    const below = async (after: string | null) => {
      const { data, errors } = await gateway.ask(query, { id: bankAccountId, after, filter }, token);
      expect(errors).toBeUndefined();
      return data?.bankAccount.bankTransactions;
    };
    const first = await below(null);
    expect(first).toMatchObject({ totalCount: null, nodes: [{ providerId: ids[4] }] });
    expect((await below(first.pageInfo.endCursor)).nodes).toEqual([{ providerId: ids[1] }]);
    const root = await pages(1, { ...filter, bankAccountId })(first.pageInfo.endCursor);
    expect(idsOf([root])).toEqual([ids[1]]);
  });

  test('is cut from what was fetched already: a filter more costs no request', async () => {
    const by = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
    const rows = await listCasso(gateway, 'main');
    const asked = (filter: object) => walk(pages(50, filter, by));
    expect(costOf(await asked({}))).toBe(Math.ceil(rows.length / 100));
    const large = await asked({ minimumAmount: 1_000_000 });
    expect(idsOf(large)).toEqual(
      rows.filter(({ amount }) => Math.abs(amount) >= 1_000_000).map(({ id }) => String(id)),
    );
    const [word = ''] = rows.flatMap(({ description }) => /\p{L}{4,}/u.exec(description ?? '')?.[0] ?? []);
    const named = await asked({ text: word });
    expect(idsOf(named).length).toBeGreaterThan(0);
    expect(costOf([...large, ...named])).toBe(0);
  });
});

describe('a cursor of a narrowed list', () => {
  const filters = [
    {},
    { text: 'dh' },
    { text: 'thanh' },
    { minimumAmount: 1 },
    { maximumAmount: 9_000_000 },
    { text: 'dh', maximumAmount: 9_000_000 },
  ];
  const cursorOf = async (filter: object) => (await pages(1, filter)(null)).edges[0]?.cursor ?? '';

  test('is refused under any other filter, before any call', async () => {
    const cursors = await Promise.all(filters.map(cursorOf));
    for (const [n, after] of cursors.entries()) {
      for (const [m, filter] of filters.entries()) {
        if (n === m) {
          await pages(1, filter)(after);
          continue;
        }
        const { errors, upstream } = await gateway.ask(
          'query ($after: String, $f: BankTransactionFilter) { bankTransactions(after: $after, filter: $f) { nodes { id } } }',
          { after, f: filter },
          token,
        );
        expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
        expect(upstream?.casso).toBe(0);
      }
    }
  });

  test('goes on however the same text is spelled, and is as short for the longest text', async () => {
    const after = await cursorOf({ text: 'DH' });
    const spelled = await pages(5, { text: ' đ.h ' })(after);
    expect(idsOf([spelled])).toEqual(newestFirst(0, 2, 3));
    // This one letter becomes eighteen when it is folded.
    const description = 'ﷺ'.repeat(200);
    const made = [1, 2].map(() =>
      String(gateway.casso.control.makeTransfer({ business: 'empty', amount: 1, description }).id),
    );
    const by = await linkCasso(gateway, SANDBOX_BUSINESSES.empty.apiKey);
    const walked = await walk(pages(1, { text: description }, by));
    expect(idsOf(walked)).toEqual(made.toReversed());
  });
});

test('a search through a long history looks at ten pages of Casso at most, is priced so, and goes on from there', async () => {
  const own = await startGateway({ env: { CASSO_API_KEY: '' } });
  try {
    const made = own.casso.control.makeTransfer({
      business: 'empty',
      description: 'DH-1',
      when: '2020-01-01',
    });
    for (let n = 0; n < 1_050; n += 1)
      own.casso.control.makeTransfer({ business: 'empty', description: 'khac' });
    const by = await linkCasso(own, SANDBOX_BUSINESSES.empty.apiKey);
    const query = `query ($after: String) {
      bankTransactions(first: 5, after: $after, filter: { text: "dh1" }) {
        nodes { providerId } pageInfo { hasNextPage endCursor }
      }
    }`;
    const first = await own.ask(query, {}, by);
    expect(first.data?.bankTransactions).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true } });
    expect(first).toMatchObject({ upstream: { casso: 10 }, cost: { calls: 10 } });
    const { endCursor } = first.data?.bankTransactions.pageInfo ?? {};
    const next = await own.ask(query, { after: endCursor }, by);
    expect(next.data?.bankTransactions).toMatchObject({
      nodes: [{ providerId: String(made.id) }],
      pageInfo: { hasNextPage: false },
    });
    expect(next.upstream?.casso).toBeLessThanOrEqual(next.cost?.calls ?? 0);
  } finally {
    await own.stop();
  }
});
