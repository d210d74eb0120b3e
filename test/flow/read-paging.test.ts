import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { type CardholderName, listBongloy, logInAs } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
const start = async (): Promise<void> => {
  gateway = await startGateway({ env: { CASSO_API_KEY: '' } });
};
beforeAll(start);
afterAll(() => gateway.stop());

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}
interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly providerId: string } }[];
  readonly nodes: readonly { readonly providerId: string }[];
  readonly pageInfo: PageInfo;
}

const PAGE = `{
  edges { cursor node { providerId } }
  nodes { providerId }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}`;

const idsOf = ({ edges }: Page) => edges.map(({ node }) => node.providerId);

/** A way to ask for pages of one list; every page is checked to be consistent in itself. */
function pages(token: string, list: string, args = '') {
  return async (variables: {
    readonly first?: number;
    readonly after?: string | null;
    readonly last?: number;
    readonly before?: string | null;
  }): Promise<Page> => {
    const { data, errors } = await gateway.ask<Record<string, Page>>(
      `query ($first: Int, $after: String, $last: Int, $before: String) {
        page: ${list}(${args} first: $first, after: $after, last: $last, before: $before) ${PAGE}
      }`,
      variables,
      token,
    );
    expect(errors).toBeUndefined();
    const page = data?.['page'] as Page;
    expect(page.nodes).toEqual(page.edges.map(({ node }) => node));
    expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor ?? null);
    expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null);
    return page;
  };
}

type Ask = ReturnType<typeof pages>;

/** Every page from the newest row on, until the list says that it ends. */
async function forward(ask: Ask, first: number): Promise<Page[]> {
  const all = [await ask({ first })];
  for (let last = all[0]; last?.pageInfo.hasNextPage; last = all.at(-1)) {
    all.push(await ask({ first, after: last.pageInfo.endCursor }));
  }
  return all;
}

/** Every page from just above a cursor up, until the list says that it begins; the newest page first. */
async function backward(ask: Ask, last: number, before: string): Promise<Page[]> {
  const all = [await ask({ last, before })];
  for (let top = all[0]; top?.pageInfo.hasPreviousPage; top = all[0]) {
    all.unshift(await ask({ last, before: top.pageInfo.startCursor }));
  }
  return all;
}

/** The whole list as the provider itself serves it: the model. */
async function everyId(name: CardholderName, path: string): Promise<string[]> {
  const ids: string[] = [];
  for (let more = true; more; ) {
    const after = ids.length > 0 ? `&page[after]=${ids.at(-1)}` : '';
    const { data, links } = await listBongloy(gateway, name, `${path}?page[size]=100${after}`);
    ids.push(...data.map(({ id }) => id));
    more = links.next !== null;
  }
  return ids;
}

const RULES = (['nearest', 'newest'] as const).flatMap((before) =>
  (['exact', 'full'] as const).map((next) => ({ before, next })),
);

describe.each(RULES)('when a backward page is the $before rows and next is $next', (rules) => {
  const TRANSACTIONS = { main: 300, roundTotal: 100 } as const;
  let lists: Record<keyof typeof TRANSACTIONS, { readonly ids: string[]; readonly ask: Ask }>;

  beforeAll(async () => {
    // One that has not seen other rules.
    await gateway.stop();
    await start();
    const list = async (name: keyof typeof TRANSACTIONS) => ({
      ids: await everyId(name, '/transactions'),
      // A session of its own, so that nothing is kept from the other rules.
      ask: pages(await logInAs(gateway, name), 'transactions'),
    });
    lists = { main: await list('main'), roundTotal: await list('roundTotal') };
    gateway.bongloy.control.setPaging(rules);
  });

  test.each([
    ['main', 7],
    ['main', 99],
    ['main', 100],
    ['roundTotal', 10],
    ['roundTotal', 50],
    ['roundTotal', 100],
  ] as const)('%s, pages of %i: every row once and in order, forward and back again', async (name, size) => {
    const { ids, ask } = lists[name];
    expect(ids).toHaveLength(TRANSACTIONS[name]);
    const down = await forward(ask, size);
    expect(down.flatMap(idsOf)).toEqual(ids);
    expect(down).toHaveLength(Math.ceil(ids.length / size));
    expect(down.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual(down.map((_, n) => n > 0));

    const oldest = down.at(-1)?.pageInfo.endCursor ?? '';
    const up = await backward(ask, size, oldest);
    expect(up.flatMap(idsOf)).toEqual(ids.slice(0, -1));
    expect(up).toHaveLength(Math.ceil((ids.length - 1) / size));
    expect(up.every(({ pageInfo }) => pageInfo.hasNextPage)).toBe(true);
  });

  test('a stretch between two cursors, from both of its ends', async () => {
    const { ids, ask } = lists.main;
    const [head, , , fourth] = await forward(ask, 50);
    const after = head?.edges[9]?.cursor ?? '';
    const before = fourth?.edges[9]?.cursor ?? '';
    const between = ids.slice(10, 159);

    const newest = await ask({ first: 20, after, before });
    expect([idsOf(newest), newest.pageInfo.hasNextPage]).toEqual([between.slice(0, 20), true]);
    const oldest = await ask({ last: 20, after, before });
    expect([idsOf(oldest), oldest.pageInfo.hasPreviousPage]).toEqual([between.slice(-20), true]);

    const near = head?.edges[15]?.cursor ?? '';
    const all = await ask({ first: 5, after, before: near });
    expect([idsOf(all), all.pageInfo.hasNextPage]).toEqual([ids.slice(10, 15), false]);
    const above = await ask({ first: 15, before: near });
    expect([idsOf(above), above.pageInfo.hasNextPage]).toEqual([ids.slice(0, 15), false]);
    expect(idsOf(await ask({ first: 5, after: before, before: after }))).toEqual([]);
  });

  test('first: 0 and last: 0 tell whether there is a row', async () => {
    const { ask } = lists.roundTotal;
    const none = await ask({ first: 0 });
    expect([idsOf(none), none.pageInfo.hasNextPage]).toEqual([[], true]);
    const whole = await ask({ first: 100 });
    const end = await ask({ first: 0, after: whole.pageInfo.endCursor });
    expect([idsOf(end), end.pageInfo.hasNextPage]).toEqual([[], false]);
    const top = await ask({ last: 0, before: whole.pageInfo.startCursor });
    expect([idsOf(top), top.pageInfo.hasPreviousPage]).toEqual([[], false]);
    const inside = await ask({ last: 0, before: whole.pageInfo.endCursor });
    expect([idsOf(inside), inside.pageInfo.hasPreviousPage]).toEqual([[], true]);
  });

  test('behind the last row comes an empty page, and no error', async () => {
    const { ask } = lists.roundTotal;
    const whole = await ask({ first: 100 });
    const end = await ask({ first: 10, after: whole.pageInfo.endCursor });
    expect(end.edges).toEqual([]);
    expect(end.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: null,
      endCursor: null,
    });
  });
});

describe('more rows than a default page', () => {
  beforeAll(() => gateway.bongloy.control.setPaging({ before: 'nearest', next: 'exact' }));

  test.each(['accounts', 'cards'])('%s: 12 come as 10 and 2, and in any other size', async (list) => {
    const ids = await everyId('manyAccounts', `/${list}`);
    expect(ids).toHaveLength(12);
    const ask = pages(await logInAs(gateway, 'manyAccounts'), list);
    const first = await ask({});
    expect([idsOf(first), first.pageInfo.hasNextPage]).toEqual([ids.slice(0, 10), true]);
    const rest = await ask({ after: first.pageInfo.endCursor });
    expect([idsOf(rest), rest.pageInfo.hasNextPage]).toEqual([ids.slice(10), false]);
    for (const size of [1, 4, 5, 12]) {
      expect((await forward(ask, size)).flatMap(idsOf)).toEqual(ids);
      const up = await backward(ask, size, rest.pageInfo.endCursor ?? '');
      expect(up.flatMap(idsOf)).toEqual(ids.slice(0, -1));
    }
  });

  test("the cardholder's own lists are the same lists", async () => {
    const { data } = await gateway.ask(
      `{
        accounts(first: 5) ${PAGE} cards(first: 5) ${PAGE}
        cardholder { accounts(first: 5) ${PAGE} cards(first: 5) ${PAGE} }
      }`,
      {},
      await logInAs(gateway, 'manyAccounts'),
    );
    const { cardholder, ...lists } = data ?? {};
    expect(lists['accounts'].edges).toHaveLength(5);
    expect(cardholder).toEqual(lists);
  });

  test('the cards of one account page both ways, although the provider cannot filter cards', async () => {
    const token = await gateway.logIn();
    const { data } = await gateway.ask('{ accounts(first: 3) { nodes { id providerId } } }', {}, token);
    const everyday = data?.accounts.nodes.at(-1);
    const { data: cards } = await listBongloy(gateway, 'main', '/cards?page[size]=100');
    const ids = cards
      .filter((card) => card.relationships['account']?.data.id === everyday.providerId)
      .map(({ id }) => id);
    expect(ids).toHaveLength(8);

    const ask = async (args: string) => {
      const answer = await gateway.ask(
        `query ($id: ID!) { account(id: $id) { cards(${args}) ${PAGE} } }`,
        { id: everyday.id },
        token,
      );
      return answer.data?.account.cards as Page;
    };
    const first = await ask('first: 3');
    expect([idsOf(first), first.pageInfo.hasNextPage]).toEqual([ids.slice(0, 3), true]);
    const rest = await ask(`first: 5, after: "${first.pageInfo.endCursor}"`);
    expect([idsOf(rest), rest.pageInfo.hasNextPage]).toEqual([ids.slice(3), false]);
    const back = await ask(`last: 2, before: "${rest.pageInfo.startCursor}"`);
    expect([idsOf(back), back.pageInfo.hasPreviousPage]).toEqual([ids.slice(1, 3), true]);
  });

  test('the transactions of one account and of one card page like the filtered list', async () => {
    const token = await gateway.logIn();
    for (const [field, type, filter, id] of [
      ['account', 'Account', 'accountId', 'acc00000-0000-4000-8000-000000000002'],
      ['card', 'Card', 'cardId', 'cad00000-0000-4000-8000-000000000003'],
    ] as const) {
      const globalId = encodeGlobalId(type, id);
      const { data: rows } = await listBongloy(
        gateway,
        'main',
        `/transactions?filter[${field}]=${id}&page[size]=100`,
      );
      const ids = rows.map((row) => row.id);
      expect(ids.length).toBeGreaterThan(10);
      const walked = await forward(pages(token, 'transactions', `filter: { ${filter}: "${globalId}" }`), 10);
      expect(walked.flatMap(idsOf)).toEqual(ids);
      const { data } = await gateway.ask(
        `query ($id: ID!) { ${field}(id: $id) { transactions(first: 10) ${PAGE} } }`,
        { id: globalId },
        token,
      );
      expect(idsOf(data?.[field].transactions)).toEqual(ids.slice(0, 10));
    }
  });
});

test('rows that arrive at the head neither repeat nor hide a row of the pages behind it', async () => {
  const token = await gateway.logIn();
  const ask = pages(token, 'transactions');
  const ids = await everyId('main', '/transactions');
  const first = await ask({ first: 10 });
  gateway.bongloy.control.makePurchase();
  await gateway.bongloy.control.webhooksIdle();
  const second = await ask({ first: 10, after: first.pageInfo.endCursor });
  expect([...idsOf(first), ...idsOf(second)]).toEqual(ids.slice(0, 20));
  const newer = await ask({ last: 10, before: first.pageInfo.startCursor });
  expect([newer.edges.length, newer.pageInfo.hasPreviousPage]).toEqual([1, false]);
});
