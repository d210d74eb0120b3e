import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { MINUTE } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { movableClock } from './login-support.ts';

const clock = movableClock();
let gateway: Gateway;
let token: string;
beforeEach(async () => {
  // Without the operator's key nothing is reconciled: nothing but the tests' own queries asks Casso.
  gateway = await startGateway({ clock, env: { CASSO_API_KEY: '', CASSO_REQUESTS_PER_MINUTE: '2' } });
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
  gateway.casso.control.setRequestsPerMinute(2);
  gateway.casso.clearRequests();
});
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
  test('the newest page and the page after it are answered, with the transfer just told on top', async () => {
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
    // The page, and the accounts, which say whose the rows are.
    expect(statuses()).toEqual([200, 200]);
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

test('a row that came by webhook and by list is the same in every field', async () => {
  const row = `{
    id providerId provider reference amount { minorUnits currency } direction runningBalance { minorUnits currency }
    occurredAt description counterparty { accountNumber name bankId bankName } virtualAccount { number name }
    bankAccount { id accountNumber bank { code name bin } }
  }`;
  gateway.casso.control.setRequestsPerMinute(null);
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

test('rows of two businesses whose accounts share a number never meet', async () => {
  const accountNumber = '0999888777';
  gateway.casso.control.setRequestsPerMinute(null);
  gateway.casso.control.addAccount({ business: 'main', accountNumber, bankCodeName: 'mbbank' });
  gateway.casso.control.addAccount({ business: 'second', accountNumber, bankCodeName: 'vietcombank' });
  const tokens = {
    main: await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey),
    second: await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey),
  };
  const BOTH = '{ bankAccounts { nodes { id } } bankTransactions(first: 100) { nodes { providerId } } }';
  for (const by of Object.values(tokens)) await ask(BOTH, {}, by);
  const made: Record<keyof typeof tokens, string[]> = { main: [], second: [] };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('main' as const, 'second' as const), { minLength: 1, maxLength: 5 }),
      async (businesses) => {
        for (const business of businesses)
          made[business].unshift(await transfer({ business, accountNumber }));
        for (const business of ['main', 'second'] as const) {
          const { bankTransactions } = await ask(BOTH, {}, tokens[business]);
          const shown = idsOf(bankTransactions.nodes);
          // The webhooks of the main business alone come here.
          if (business === 'main') expect(shown).toEqual(expect.arrayContaining(made.main));
          const others = made[business === 'main' ? 'second' : 'main'];
          expect(shown.filter((id) => others.includes(id))).toEqual([]);
        }
      },
    ),
    { numRuns: 8 },
  );
});
