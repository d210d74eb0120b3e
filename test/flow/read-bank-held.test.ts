import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { MINUTE } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import { CHECKSUM_KEY, cassoV2Row, postCassoV2, startNews } from '../support/news.ts';
import { movableClock } from './login-support.ts';

const clock = movableClock();
let gateway: Gateway;
let token: string;

/** Without the operator's key nothing is reconciled: nothing but the tests' own queries asks Casso. */
async function start(env: Record<string, string> = {}) {
  gateway = await startNews({ clock, env: { CASSO_API_KEY: '', ...env } });
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
  // The login was one of the requests that Casso allows.
  clock.advance(2 * MINUTE);
  gateway.casso.clearRequests();
}
afterEach(() => gateway.stop());

async function ask(query: string, variables: object = {}, by = token) {
  const { data, errors } = await gateway.ask(query, variables, by);
  expect(errors).toBeUndefined();
  return data ?? {};
}

async function transfer(input: object = {}): Promise<string> {
  const { id } = gateway.casso.control.makeTransfer(input);
  await gateway.casso.control.webhooksIdle();
  return String(id);
}

interface Node {
  readonly providerId: string;
}
const idsOf = (nodes: readonly Node[]) => nodes.map(({ providerId }) => providerId);

const PAGE = `query ($first: Int, $after: String, $filter: BankTransactionFilter) {
  bankTransactions(first: $first, after: $after, filter: $filter) {
    asOf totalCount nodes { providerId } pageInfo { endCursor }
  }
}`;
const statuses = () => gateway.casso.requests.map(({ status }) => status);

describe('where Casso allows two requests a minute, and money moves with every question', () => {
  beforeEach(async () => {
    await start({ CASSO_REQUESTS_PER_MINUTE: '2' });
    gateway.casso.control.setRequestsPerMinute(2);
  });

  test('the newest page and the page after it are answered, with the transfer just told on top', async () => {
    const began = clock.now();
    const before = (await ask(PAGE, { first: 20 })).bankTransactions;
    for (let n = 1; n <= 30; n += 1) {
      const told = await transfer();
      const { bankTransactions: newest } = await ask(PAGE, { first: 20 });
      expect(newest.nodes[0].providerId).toBe(told);
      expect(newest.totalCount).toBe(before.totalCount + n);
      const after = (await ask(PAGE, { first: 20, after: newest.pageInfo.endCursor })).bankTransactions;
      const shown = idsOf([...newest.nodes, ...after.nodes]);
      expect(new Set(shown).size).toBe(40);
      if (n <= 20) expect(shown.slice(n, 20 + n)).toEqual(idsOf(before.nodes));
      clock.advance(MINUTE / 20);
    }
    // The page, whose rows say whose accounts they are on, and its head again when a minute allowed it.
    const minutes = Math.floor((clock.now() - began) / MINUTE);
    expect(statuses()).toEqual(Array(1 + minutes).fill(200));
  });

  test('the board, both directions, activity and the row by its id are cut from the same rows', async () => {
    const board = `query ($id: ID!) {
      bankAccounts { nodes { providerId balance { minorUnits } bankTransactions(first: 3) { nodes { providerId } } } }
      activity(first: 10) { nodes { ... on BankTransaction { providerId } } }
      incoming: bankTransactions(first: 3, filter: { direction: CREDIT }) { nodes { providerId } }
      outgoing: bankTransactions(first: 3, filter: { direction: DEBIT }) { nodes { providerId } }
      bankTransaction(id: $id) { providerId }
    }`;
    await ask(
      '{ bankAccounts { nodes { balance { minorUnits } bankTransactions(first: 3) { nodes { providerId } } } } }',
    );
    expect(statuses()).toEqual([200, 200]);
    for (const amount of [25_000, -5_000, 7_000]) {
      const row = gateway.casso.control.makeTransfer({ amount });
      await gateway.casso.control.webhooksIdle();
      const told = String(row.id);
      const id = encodeGlobalId('BankTransaction', told);
      const data = await ask(board, { id });
      const account = data.bankAccounts.nodes.find((node: Node) => node.providerId === String(row.accountId));
      expect(account.balance.minorUnits).toBe(row.cusumBalance);
      expect(account.bankTransactions.nodes[0].providerId).toBe(told);
      expect(data.activity.nodes[0].providerId).toBe(told);
      expect((amount > 0 ? data.incoming : data.outgoing).nodes[0].providerId).toBe(told);
      expect(data.bankTransaction.providerId).toBe(told);
    }
    expect(statuses()).toEqual([200, 200]);
  });

  test('a page that is older than it should be says so, and is no error', async () => {
    const { bankTransactions: young } = await ask(PAGE, { first: 5 });
    await ask('{ bankAccounts { nodes { id } } }');
    clock.advance(MINUTE);
    gateway.casso.control.dropNextWebhook(1);
    await transfer();
    const { bankTransactions: old } = await ask(PAGE, { first: 5 });
    expect(old).toEqual(young);
    expect(clock.now() - new Date(old.asOf).getTime()).toBeGreaterThanOrEqual(MINUTE);
    expect(statuses()).toEqual([200, 200]);
  });
});

test('where webhooks come in another order than their rows, the balance is that of the newest row', async () => {
  await start();
  const query = '{ bankAccounts { nodes { providerId balance { minorUnits } } } }';
  await ask(query);
  const { control } = gateway.casso;
  control.dropNextWebhook(2);
  const rows = [control.makeTransfer({ amount: 5_000 }), control.makeTransfer({ amount: 7_000 })];
  for (const { id, amount, when, cusumBalance } of rows.toReversed()) {
    const bank = { bankName: 'Vietcombank', bankAbbreviation: 'VCB' };
    const row = { amount, transactionDateTime: when, runningBalance: cusumBalance, ...bank };
    expect((await postCassoV2(gateway, cassoV2Row(id, row))).status).toBe(200);
  }
  const { nodes } = (await ask(query)).bankAccounts;
  const account = nodes.find(({ providerId }: Node) => providerId === String(rows[0]?.accountId));
  expect(account.balance.minorUnits).toBe(rows[1]?.cusumBalance);
});

test('a row that came by webhook and by list is the same in every field', async () => {
  const row = `{
    id providerId provider reference amount { minorUnits currency } direction runningBalance { minorUnits currency }
    occurredAt description counterparty { accountNumber name bankId bankName } virtualAccount { number name }
    bankAccount { id accountNumber bank { code name bin } }
  }`;
  await start();
  await ask(`{ bankAccounts { nodes { id } } bankTransactions(first: 1) { nodes { id } } }`);
  const told = await transfer({
    amount: -120_000,
    description: 'Trả tiền phở',
    counterparty: { name: 'NGUYEN VAN A', accountNumber: '0011', bankId: '970415', bankName: 'VietinBank' },
    virtualAccount: { number: 'VQR7', name: 'Quán' },
  });
  const query = `{ bankTransactions(first: 1) { nodes ${row} } }`;
  gateway.casso.clearRequests();
  const { bankTransactions: byWebhook } = await ask(query);
  expect(statuses()).toEqual([]);
  const other = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
  const { bankTransactions: byList } = await ask(query, {}, other);
  expect(byWebhook.nodes[0].providerId).toBe(told);
  expect(byList).toEqual(byWebhook);
});

test('rows of two businesses whose accounts share a number never meet, though the webhooks of both come', async () => {
  await start();
  const accountNumber = '0999888777';
  const { control } = gateway.casso;
  control.addAccount({ business: 'main', accountNumber, bankCodeName: 'mbbank' });
  control.addAccount({ business: 'second', accountNumber, bankCodeName: 'vietcombank' });
  const url = `${gateway.url}/webhooks/casso`;
  control.setWebhook({ business: 'second', url, version: 'v2', secret: CHECKSUM_KEY });
  const names = ['main', 'second'] as const;
  const PAGES = [
    '{ bankAccounts { nodes { id } } bankTransactions(first: 100) { nodes { providerId } } }',
    '{ bankTransactions(first: 100) { nodes { providerId } } }',
  ];
  const made: Record<(typeof names)[number], string[]> = { main: [], second: [] };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 5 }),
      // With and without the list of accounts, which says whose a row is.
      fc.constantFrom(...PAGES),
      async (businesses, query) => {
        const tokens = {
          main: await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey),
          second: await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey),
        };
        for (const name of names) await ask(query, {}, tokens[name]);
        for (const business of businesses)
          made[business].unshift(await transfer({ business, accountNumber }));
        for (const name of names) {
          const { bankTransactions } = await ask(query, {}, tokens[name]);
          const shown = idsOf(bankTransactions.nodes);
          expect(shown.slice(0, made[name].length)).toEqual(made[name]);
          const others = made[name === 'main' ? 'second' : 'main'];
          expect(shown.filter((id) => others.includes(id))).toEqual([]);
        }
      },
    ),
    { numRuns: 6 },
  );
  expect(control.deliveries().every(({ accepted }) => accepted)).toBe(true);
});

test('however rows come, an operation costs no more requests than its price', async () => {
  await start();
  const { control } = gateway.casso;
  const url = `${gateway.url}/webhooks/casso`;
  control.setWebhook({ business: 'second', url, version: 'v2', secret: CHECKSUM_KEY });
  const parts = [
    'a: bankTransactions(first: 5) { nodes { id } totalCount }',
    'b: bankTransactions(first: 5, filter: { direction: DEBIT }) { nodes { id } }',
    'c: bankTransactions(first: 5, filter: { text: "nguyen", from: "2026-01-01" }) { nodes { id } }',
    'd: bankTransactions(first: 5, after: $after) { nodes { id } }',
    'e: bankAccounts { nodes { balance { minorUnits } } }',
    'f: bankAccounts { nodes { bankTransactions(first: 3) { nodes { id bankAccount { accountName } } totalCount } } }',
    'g: bankTransaction(id: $id) { id bankAccount { accountName } }',
    'h: activity(first: 5) { nodes { id } }',
  ];
  let [after, id] = ['', ''];
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          business: fc.constantFrom(null, 'main' as const, 'second' as const),
          pause: fc.constantFrom(0, MINUTE / 2, 11 * MINUTE),
          parts: fc.subarray(parts, { minLength: 1, maxLength: 4 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      async (steps) => {
        const by = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
        for (const { business, pause, parts: chosen } of steps) {
          if (business) await transfer({ business });
          clock.advance(pause);
          const head = await gateway.ask(
            '{ bankTransactions(first: 2) { edges { cursor node { id } } } }',
            {},
            by,
          );
          const edge = head.data?.bankTransactions.edges[1];
          [after, id] = [edge.cursor, edge.node.id];
          if (business) await transfer({ business });
          const body = chosen.join('\n');
          const variables = [
            body.includes('$after') && '$after: String',
            body.includes('$id') && '$id: ID!',
          ].filter(Boolean);
          const query = `query ${variables.length > 0 ? `(${variables.join(', ')})` : ''} { ${body} }`;
          const { cost, upstream, errors } = await gateway.ask(query, { after, id }, by);
          expect(errors?.filter(({ extensions }) => extensions?.['provider'] !== 'BONGLOY') ?? []).toEqual(
            [],
          );
          expect(upstream?.casso, body).toBeLessThanOrEqual(cost?.calls ?? 0);
        }
      },
    ),
    { numRuns: 25, endOnFailure: true, interruptAfterTimeLimit: 60_000 },
  );
}, 120_000);

test('of a session that has ended nothing is held: the next one reads everything itself', async () => {
  await start();
  await ask(PAGE, { first: 5 });
  await gateway.ask('mutation { logout { __typename } }', {}, token);
  const next = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
  gateway.casso.clearRequests();
  await ask(PAGE, { first: 5 }, next);
  expect(statuses()).toEqual([200]);
});
