import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import {
  SANDBOX_ACCOUNTS,
  SANDBOX_CARDHOLDERS,
  SANDBOX_TRANSACTIONS,
} from '../../src/providers/bongloy/sandbox/index.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, listBongloy, logInAs } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { metricOf } from '../support/gauges.ts';
import { listCasso } from '../support/walk.ts';

let gateway: Gateway;
/** Of each test, so that nothing is kept from the one before. */
let token: string;

beforeAll(async () => {
  // Without the operator's key nothing is reconciled: nothing but the tests' own queries asks Casso.
  gateway = await startGateway({ env: { CASSO_API_KEY: '' } });
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  gateway.bongloy.control.clearFaults();
  token = await gateway.logIn();
  forgetRequests();
});

function forgetRequests(): void {
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
}

const paths = () => ({
  bongloy: gateway.bongloy.requests.map(({ path }) => path.replace('/connect/v1', '')),
  casso: gateway.casso.requests.map(({ path }) => path.replace('/v2', '')),
});

interface Node {
  readonly id: string;
}
const isNumbered = (row: { readonly bankAccount: { readonly accountNumber: string } }) =>
  row.bankAccount.accountNumber !== '';

/** Asks, and sees that the count that is told is the number of requests that the simulators got. */
async function ask(query: string, variables: object = {}, by = token) {
  forgetRequests();
  const answer = await gateway.ask(query, variables, by);
  expect(answer.errors).toBeUndefined();
  expect(answer.upstream).toEqual({ bongloy: paths().bongloy.length, casso: paths().casso.length });
  return { data: answer.data ?? {}, upstream: answer.upstream };
}

const account = (id: string) => encodeGlobalId('Account', id);
const EVERYDAY = account(SANDBOX_ACCOUNTS.everyday);
const CARD = encodeGlobalId('Card', 'cad00000-0000-4000-8000-000000000001');
const TRANSACTION = encodeGlobalId('Transaction', SANDBOX_TRANSACTIONS.foreign);

const STATEMENT = `{
  transactions(first: 20) {
    nodes { card { lastFour } account { id number balance { available { decimal } } } }
  }
}`;

describe('a list never costs a call per row', () => {
  test('20 transactions with cards, accounts and balances: the page, one list each, one balance per account', async () => {
    const { data } = await ask(STATEMENT);
    const accounts = new Set<string>(data.transactions.nodes.map((row: { account: Node }) => row.account.id));
    expect(data.transactions.nodes).toHaveLength(20);
    expect(accounts.size).toBeGreaterThan(1);
    const { bongloy, casso } = paths();
    expect(bongloy.filter((path) => !path.endsWith('/balance')).toSorted()).toEqual([
      '/accounts?page[size]=100',
      '/cards?page[size]=100',
      '/transactions?page[size]=21',
    ]);
    expect(bongloy.filter((path) => path.endsWith('/balance'))).toHaveLength(accounts.size);
    expect(casso).toEqual([]);
  });

  test('and in two waves: behind the page, the lists and the balances are asked for all at once', async () => {
    const late = 500;
    gateway.bongloy.control.setFault({ kind: 'delay', ms: late, match: '/connect/v1/cards', times: 1 });
    gateway.bongloy.control.setFault({ kind: 'delay', ms: late, match: '/connect/v1/accounts', times: 4 });
    await ask(STATEMENT);
    const [page, ...others] = gateway.bongloy.requests;
    expect(page?.path).toBe('/connect/v1/transactions?page[size]=21');
    const begun = others.map(({ at }) => at);
    // All had begun before the first of them was answered.
    expect(Math.max(...begun) - Math.min(...begun)).toBeLessThan(late);
  });

  describe('the lists that rows are sure to need', () => {
    const CARDS_AND_ACCOUNTS = '{ nodes { card { lastFour } } edges { node { account { number } } } }';
    const listed = () => paths().bongloy.map((path) => path.replace(/\?.*/, ''));

    test('are asked for beside the page, so that rows without balances come in one wave', async () => {
      const late = 500;
      gateway.bongloy.control.setFault({
        kind: 'delay',
        ms: late,
        match: '/connect/v1/transactions',
        times: 1,
      });
      await ask(`{ transactions(first: 20) ${CARDS_AND_ACCOUNTS} }`);
      expect(listed()).toEqual(['/transactions', '/cards', '/accounts']);
      const begun = gateway.bongloy.requests.map(({ at }) => at);
      expect(Math.max(...begun) - Math.min(...begun)).toBeLessThan(late);
    });

    test.each([
      ['a page that cannot have rows', `transactions(first: 0) ${CARDS_AND_ACCOUNTS}`, ['/transactions']],
      ['ids alone', 'transactions(first: 5) { nodes { card { id } account { id } } }', ['/transactions']],
      [
        'what a directive leaves out',
        'transactions(first: 5) { nodes { card @skip(if: true) { lastFour } account { id } } }',
        ['/transactions'],
      ],
    ])('are not asked for with %s', async (_what, selection, requests) => {
      await ask(`{ ${selection} }`);
      expect(listed()).toEqual(requests);
    });

    test('are not asked for before a cursor has proved to be one of the list', async () => {
      const { errors } = await gateway.ask(
        `{ transactions(after: "none") ${CARDS_AND_ACCOUNTS} }`,
        {},
        token,
      );
      expect(errors).toHaveLength(1);
      expect(listed()).toEqual([]);
    });

    test('are counted as wasted where the page has no row, and cost no more than the price', async () => {
      const wasted = () => metricOf(gateway, 'mekong_lists_ahead_total{list="cards",outcome="wasted"}');
      const before = await wasted();
      const filter = { from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00:00Z' };
      const query = `query ($filter: TransactionFilter) { transactions(filter: $filter) ${CARDS_AND_ACCOUNTS} }`;
      const { data, upstream, cost } = await gateway.ask(query, { filter }, token);
      expect(data?.transactions.nodes).toEqual([]);
      expect(upstream?.bongloy).toBe(3);
      expect(cost?.calls).toBeGreaterThanOrEqual(3);
      expect((await wasted()) - before).toBe(1);
    });

    test('are not waited for where the page has no row', async () => {
      for (const list of ['cards', 'accounts'])
        gateway.bongloy.control.setFault({ kind: 'hang', match: `/connect/v1/${list}` });
      const filter = { from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00:00Z' };
      const query = `query ($filter: TransactionFilter) { transactions(filter: $filter) ${CARDS_AND_ACCOUNTS} }`;
      const late = () => metricOf(gateway, 'mekong_upstream_calls_total{provider="BONGLOY",outcome="late"}');
      const before = await late();
      const { data } = await gateway.ask(query, { filter }, token);
      expect(data?.transactions.nodes).toEqual([]);
      // No call had to run out of time first.
      expect(await late()).toBe(before);
    });

    test('are asked for once where they fail, and every row says so', async () => {
      gateway.bongloy.control.setFault({ kind: 'status', code: 403, match: '/connect/v1/cards', times: 9 });
      const { data, errors } = await gateway.ask(
        '{ transactions(first: 3) { nodes { card { lastFour } amount { decimal } } } }',
        {},
        token,
      );
      expect(data?.transactions.nodes).toHaveLength(3);
      expect(errors?.length).toBe(data?.transactions.nodes.length);
      expect(listed()).toEqual(['/transactions', '/cards']);
    });
  });

  test('a walk over 300 transactions in pages of 100 costs a call for each page, also for a client that takes its time', async () => {
    async function walk(by: string): Promise<number> {
      let calls = 0;
      let after: string | null = null;
      for (let goesOn = true; goesOn; ) {
        const { data, upstream } = await ask(
          'query ($after: String) { transactions(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
          { after },
          by,
        );
        calls += upstream?.bongloy ?? 0;
        ({ hasNextPage: goesOn, endCursor: after } = data.transactions.pageInfo);
      }
      return calls;
    }
    // The first one finds out that Bongloy's links can be believed.
    await walk(token);
    expect(await walk(await gateway.logIn())).toBe(3);
  });

  test('ids of related things cost nothing', async () => {
    const { upstream } = await ask(`{
      transactions(first: 20) {
        nodes { id card { __typename id providerId } account { id providerId } }
      }
    }`);
    expect(upstream).toEqual({ bongloy: 1, casso: 0 });
  });

  test('what a fragment, @skip or @include leaves out is not paid for', async () => {
    const { upstream } = await ask(
      `query ($no: Boolean!) {
        transactions(first: 20) { nodes { ...Row } }
      }
      fragment Row on Transaction {
        card { id lastFour @include(if: $no) }
        account { ... on Account { id ... @include(if: $no) { number } } }
      }`,
      { no: false },
    );
    expect(upstream).toEqual({ bongloy: 1, casso: 0 });
  });

  test('one account in all rows is looked up alone', async () => {
    const { data, upstream } = await ask(
      `query ($filter: TransactionFilter) {
        transactions(filter: $filter, first: 5) { nodes { account { number } } }
      }`,
      { filter: { accountId: EVERYDAY } },
    );
    expect(data.transactions.nodes).toHaveLength(5);
    expect(upstream).toEqual({ bongloy: 2, casso: 0 });
    expect(paths().bongloy[1]).toBe(`/accounts/${SANDBOX_ACCOUNTS.everyday}`);
  });

  test('the cards of every account cost one list together', async () => {
    const { data } = await ask('{ accounts { nodes { cards(first: 3) { nodes { id account { id } } } } } }');
    expect(data.accounts.nodes.map((row: { cards: { nodes: Node[] } }) => row.cards.nodes.length)).toEqual([
      2, 3, 3,
    ]);
    expect(paths().bongloy).toEqual(['/accounts?page[size]=11', '/cards?page[size]=100']);
  });

  test("the account's cardholder costs nothing for the id, and one call for all names", async () => {
    expect((await ask('{ accounts { nodes { cardholder { id } } } }')).upstream?.bongloy).toBe(1);
    await ask('{ accounts(first: 2) { nodes { cardholder { name } } } }');
    expect(paths().bongloy).toEqual(['/accounts?page[size]=3', '/cardholder']);
  });

  test('50 bank transactions with their accounts cost one page and one list; their ids the page alone', async () => {
    const { data } = await ask(
      '{ bankTransactions(first: 50) { nodes { bankAccount { accountNumber bank { name } } } } }',
    );
    expect(data.bankTransactions.nodes).toHaveLength(50);
    expect(data.bankTransactions.nodes.every(isNumbered)).toBe(true);
    const { casso } = paths();
    expect(casso).toHaveLength(2);
    expect(casso[0]).toMatch(/^\/transactions\?.*pageSize=100/);
    expect(casso[1]).toBe('/accounts');

    const other = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
    await ask('{ bankTransactions(first: 50) { nodes { bankAccount { id } } } }', {}, other);
    expect(paths().casso).toHaveLength(1);
  });
});

describe('the newest rows of every bank account', () => {
  const BOARD = `query ($first: Int) {
    bankAccounts { nodes {
      providerId balance { minorUnits }
      bankTransactions(first: $first) { edges { cursor node { providerId } } pageInfo { hasNextPage endCursor } }
    } }
  }`;
  interface Row {
    readonly providerId: string;
    readonly bankTransactions: {
      readonly edges: readonly { readonly cursor: string; readonly node: { readonly providerId: string } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  }
  const board = async (first: number) => {
    const { data } = await ask(BOARD, { first });
    const nodes: readonly Row[] = data.bankAccounts.nodes;
    expect(nodes).toHaveLength(SANDBOX_BUSINESSES.main.accounts.length);
    return nodes;
  };
  const idsIn = ({ bankTransactions }: Row) => bankTransactions.edges.map(({ node }) => node.providerId);
  const rowsOn = async (account: string) =>
    (await listCasso(gateway, 'main'))
      .filter(({ accountId }) => String(accountId) === account)
      .map(({ id }) => String(id));

  test('cost the list of accounts and one page of transactions, whose cursors go on in the lists of the accounts', async () => {
    const nodes = await board(3);
    expect(paths().casso.map((path) => path.replace(/\?.*/, ''))).toEqual(['/accounts', '/transactions']);
    for (const node of nodes) {
      const wanted = await rowsOn(node.providerId);
      expect(idsIn(node)).toEqual(wanted.slice(0, 3));
      expect(node.bankTransactions.pageInfo.hasNextPage).toBe(wanted.length > 3);
      const { data } = await ask(
        `query ($id: ID!, $after: String) {
          bankAccount(id: $id) { bankTransactions(first: 100, after: $after) { nodes { providerId } } }
        }`,
        {
          id: encodeGlobalId('BankAccount', node.providerId),
          after: node.bankTransactions.pageInfo.endCursor,
        },
      );
      expect(
        data.bankAccount.bankTransactions.nodes.map((row: { providerId: string }) => row.providerId),
      ).toEqual(wanted.slice(3, 103));
    }
  });

  test('are the same where the newest page does not hold enough: the lists of those accounts are asked beside', async () => {
    const newest = (await listCasso(gateway, 'main')).slice(0, 100);
    for (const node of await board(60)) {
      expect(idsIn(node)).toEqual((await rowsOn(node.providerId)).slice(0, 60));
      const held = newest.filter(({ accountId }) => String(accountId) === node.providerId);
      const own = `/accounts/${node.providerId}/transactions`;
      if (held.length <= 60) continue;
      expect(paths().casso.some((path) => path.startsWith(own))).toBe(false);
    }
    expect(paths().casso.some((path) => /^\/accounts\/\d+\/transactions/.test(path))).toBe(true);
  });

  test('and of one account alone cost its own list; how many rows an account has, too', async () => {
    const id = encodeGlobalId('BankAccount', '2101');
    await ask(`{ bankTransactions(first: 3, filter: { bankAccountId: "${id}" }) { nodes { id } } }`);
    expect(paths().casso.map((path) => path.replace(/\?.*/, ''))).toEqual(['/accounts/2101/transactions']);
    const other = await gateway.logIn();
    const { data, upstream } = await ask(
      '{ bankAccounts { nodes { providerId bankTransactions(first: 3) { totalCount } } } }',
      {},
      other,
    );
    for (const { providerId, bankTransactions } of data.bankAccounts.nodes) {
      expect(bankTransactions.totalCount).toBe((await rowsOn(providerId)).length);
    }
    expect(upstream?.casso).toBe(2 + SANDBOX_BUSINESSES.main.accounts.length);
  });
});

describe('a thing by its id costs one call', () => {
  test.each([
    ['account', 'Account', SANDBOX_ACCOUNTS.everyday],
    ['card', 'Card', 'cad00000-0000-4000-8000-000000000001'],
    ['transaction', 'Transaction', SANDBOX_TRANSACTIONS.foreign],
    ['bankAccount', 'BankAccount', '2101'],
  ] as const)('%s, and the same again as node, nodes and another alias', async (field, type, id) => {
    const { data, upstream } = await ask(
      `query ($id: ID!) {
        one: ${field}(id: $id) { id }
        two: ${field}(id: $id) { id providerId }
        node(id: $id) { id }
        nodes(ids: [$id, $id]) { id }
      }`,
      { id: encodeGlobalId(type, id) },
    );
    expect(data.two.providerId).toBe(id);
    expect(data.nodes).toEqual([data.one, data.one]);
    expect((upstream?.bongloy ?? 0) + (upstream?.casso ?? 0)).toBe(1);
  });

  test('cardIssuer and cardholder; a bank transaction that was just shown costs none', async () => {
    const list = await ask('{ bankTransactions(first: 1) { nodes { id } } }');
    const id = list.data.bankTransactions.nodes[0].id;
    const { data, upstream } = await ask(
      `query ($id: ID!) { cardIssuer { id } cardholder { id } bankTransaction(id: $id) { id } node(id: $id) { id } }`,
      { id },
    );
    expect(upstream).toEqual({ bongloy: 2, casso: 0 });
    const ids = [data.cardIssuer.id, data.cardholder.id];
    const again = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    expect(again.data.nodes).toEqual(ids.map((one) => ({ id: one })));
    expect(again.upstream).toEqual({ bongloy: 0, casso: 0 });
  });

  test('it is looked up when only its id is asked for, so that null means that it is not there', async () => {
    expect((await ask(`{ account(id: "${EVERYDAY}") { id } }`)).upstream?.bongloy).toBe(1);
  });
});

describe('nodes(ids:) is batched', () => {
  test('50 accounts and 50 cards cost one list each', async () => {
    const cardholder = SANDBOX_CARDHOLDERS.manyAccounts;
    const ids = Array.from({ length: 50 }, () => {
      const { id } = gateway.bongloy.control.addAccount({ cardholder });
      const card = gateway.bongloy.control.addCard({ accountId: id });
      return [account(id), encodeGlobalId('Card', card.id)];
    }).flat();
    const many = await logInAs(gateway, 'manyAccounts');
    const { data } = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, many);
    expect(data.nodes.map(({ id }: Node) => id)).toEqual(ids);
    expect(paths().bongloy.toSorted()).toEqual(['/accounts?page[size]=100', '/cards?page[size]=100']);
  });

  test('transactions among the newest 100 cost one call together, and older ones one each', async () => {
    const rows: string[] = [];
    for (let after = ''; rows.length < 300; after = `&page[after]=${rows.at(-1)}`) {
      const page = await listBongloy(gateway, 'main', `/transactions?page[size]=100${after}`);
      rows.push(...page.data.map(({ id }) => id));
    }
    const places = [0, 40, 99, 150, 250];
    const ids = places.map((place) => encodeGlobalId('Transaction', rows[place] ?? ''));
    const { data } = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    expect(data.nodes.map(({ id }: Node) => id)).toEqual(ids);
    expect(paths().bongloy.toSorted()).toEqual(
      ['/transactions?page[size]=100', `/transactions/${rows[150]}`, `/transactions/${rows[250]}`].toSorted(),
    );
  });
});

describe('what one credential asks twice at once is asked upstream once', () => {
  const together = async (tokens: readonly string[], query: string) => {
    gateway.bongloy.control.setFault({ kind: 'delay', ms: 300, match: '/connect/v1', times: 20 });
    forgetRequests();
    const answers = await Promise.all(tokens.map((by) => gateway.ask(query, {}, by)));
    for (const { errors, data } of answers) {
      expect(errors).toBeUndefined();
      expect(data).toEqual(answers[0]?.data);
    }
    const told = answers.map(({ upstream }) => upstream?.bongloy ?? 0).reduce((sum, n) => sum + n, 0);
    expect(told).toBe(paths().bongloy.length);
    return paths().bongloy;
  };

  test('three requests of one session at the same time share the page, the lists and the balances', async () => {
    const bongloy = await together([token, token, token], STATEMENT);
    expect(new Set(bongloy).size).toBe(bongloy.length);
    expect(bongloy).toContain('/transactions?page[size]=21');
  });

  test('requests of two sessions share nothing, though they are of the same cardholder', async () => {
    const query = '{ cardholder { id } accounts { nodes { number } } cardIssuer { name } }';
    const bongloy = await together([token, await gateway.logIn()], query);
    expect(bongloy.toSorted()).toEqual(
      ['/accounts?page[size]=11', '/card_issuer', '/cardholder'].flatMap((path) => [path, path]).toSorted(),
    );
  });
});

describe('what was just answered is not asked again', () => {
  test('by the same session, within two seconds', async () => {
    const first = await ask(STATEMENT);
    const again = await ask(STATEMENT);
    expect(again.data).toEqual(first.data);
    expect(again.upstream).toEqual({ bongloy: 0, casso: 0 });
  });

  test('but by another session of the same people it is', async () => {
    await ask('{ accounts { nodes { number } } bankAccounts { nodes { accountNumber } } }');
    const other = await gateway.logIn();
    const { upstream } = await ask(
      '{ accounts { nodes { number } } bankAccounts { nodes { accountNumber } } }',
      {},
      other,
    );
    expect(upstream).toEqual({ bongloy: 1, casso: 1 });
  });

  test('a failure is not kept: the next request asks again', async () => {
    gateway.bongloy.control.setFault({ kind: 'status', code: 500, match: '/connect/v1/accounts' });
    const query = '{ accounts { nodes { number } } }';
    expect((await gateway.ask(query, {}, token)).errors).toHaveLength(1);
    expect((await ask(query)).data.accounts.nodes).toHaveLength(3);
  });

  test("after Bongloy's webhook the balance and the lists are, and the issuer is not", async () => {
    const query = `{
      cardIssuer { name }
      account(id: "${EVERYDAY}") { balance { available { minorUnits } } }
      transactions(first: 1) { nodes { providerId } }
    }`;
    const before = await ask(query);
    expect(before.upstream?.bongloy).toBe(4);
    const purchase = gateway.bongloy.control.makePurchase({ amount: 1_234 });
    await gateway.bongloy.control.webhooksIdle();
    const after = await ask(query);
    expect(paths().bongloy).not.toContain('/card_issuer');
    expect(after.upstream?.bongloy).toBe(3);
    expect(after.data.transactions.nodes).toEqual([{ providerId: purchase.id }]);
    expect(after.data.account.balance.available.minorUnits).toBe(
      before.data.account.balance.available.minorUnits - 1_234,
    );
  });

  test("nor after Casso's webhook: it brings the new row and the new balance", async () => {
    const query = `{
      bankAccounts { nodes { balance { minorUnits } } }
      bankTransactions(first: 1) { nodes { providerId } }
    }`;
    const before = await ask(query);
    expect((await ask(query)).upstream).toEqual({ bongloy: 0, casso: 0 });
    const transfer = gateway.casso.control.makeTransfer({ business: 'main', amount: 55_000 });
    await gateway.casso.control.webhooksIdle();
    const after = await ask(query);
    expect(after.upstream).toEqual({ bongloy: 0, casso: 0 });
    expect(after.data.bankTransactions.nodes).toEqual([{ providerId: String(transfer.id) }]);
    expect(after.data.bankAccounts.nodes[0].balance.minorUnits).toBe(
      before.data.bankAccounts.nodes[0].balance.minorUnits + 55_000,
    );
  });
});

describe("another business's webhook", () => {
  const LIST = '{ bankTransactions(first: 1) { nodes { providerId } } }';
  const transfer = async () => {
    const { id } = gateway.casso.control.makeTransfer({ business: 'main' });
    await gateway.casso.control.webhooksIdle();
    return String(id);
  };

  test('makes nothing old for whose own list is known not to hold its account', async () => {
    const other = await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey);
    await transfer();
    // What looks for its own among the events learns which accounts are its own.
    await ask('{ bankTransactionEvents(first: 1) { nodes { cursor } } }', {}, other);
    await ask(LIST, {}, other);
    await transfer();
    expect((await ask(LIST, {}, other)).upstream).toEqual({ bongloy: 0, casso: 0 });
  });

  test('costs one call where that is not known', async () => {
    const other = await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey);
    await ask(LIST, {}, other);
    await transfer();
    expect((await ask(LIST, {}, other)).upstream).toEqual({ bongloy: 0, casso: 1 });
  });

  test('and the own webhook is shown also where that is known', async () => {
    await transfer();
    await ask('{ bankTransactionEvents(first: 1) { nodes { cursor } } }');
    await ask(LIST);
    const id = await transfer();
    expect((await ask(LIST)).data['bankTransactions'].nodes).toEqual([{ providerId: id }]);
  });
});

test('what is not asked of a provider is not asked at the provider', async () => {
  const { upstream } = await ask('{ __typename viewer { kind linkedProviders } eventCursor }');
  expect(upstream).toEqual({ bongloy: 0, casso: 0 });
  expect((await ask(`{ card(id: "${CARD}") { lastFour } }`)).upstream).toEqual({ bongloy: 1, casso: 0 });
  expect((await ask(`{ transaction(id: "${TRANSACTION}") { id } }`)).upstream?.casso).toBe(0);
});
