import * as fc from 'fast-check';
import { assertObjectType } from 'graphql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/domain/cursor.ts';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_ACCOUNTS, SANDBOX_TRANSACTIONS } from '../../src/providers/bongloy/sandbox/index.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { schema } from '../../src/schema/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type RandomOperation, randomMutation, randomQuery } from '../support/random-operation.ts';
import type { Place } from '../support/random-value.ts';

let gateway: Gateway;
let token: string;
let values: Record<string, readonly unknown[]>;
let valuesAt: Map<Place, readonly unknown[]>;
beforeAll(async () => {
  // No news from reconciliation: each request is of an operation.
  gateway = await startGateway({ env: { CASSO_API_KEY: '', QUERY_COST_LIMIT: '100000' } });
  token = await gateway.logIn();
  for (let n = 0; n < 40; n += 1) gateway.bongloy.control.makePurchase();
  await gateway.bongloy.control.webhooksIdle();
  values = await everyArgument();
  valuesAt = new Map(
    Object.entries(values).flatMap(([name, of]) => {
      const [type = '', field = '', argument] = name.split('.');
      if (argument === undefined) return [];
      const parent = assertObjectType(schema.getType(type));
      const place = parent.getFields()[field]?.args.find((one) => one.name === argument);
      return place ? [[place, of] as const] : [];
    }),
  );
}, 60_000);
afterAll(() => gateway.stop());
beforeEach(async () => {
  token = await gateway.logIn();
});

const EVERYDAY = encodeGlobalId('Account', SANDBOX_ACCOUNTS.everyday);

/** Ids and cursors near and deep, of rows that are there and of one that is not. */
async function everyArgument() {
  const { data } = await gateway.ask(
    `query ($everyday: ID!) {
      accounts { edges { cursor node { id } } }
      cards { edges { cursor node { id transactions(first: 5) { edges { cursor } } } } }
      transactions(first: 100) { edges { cursor node { id } } pageInfo { endCursor } }
      account(id: $everyday) { transactions(first: 100) { edges { cursor } } cards { edges { cursor } } }
      bankAccounts { edges { cursor node { id } } }
      bankTransactions(first: 100) { edges { cursor node { id } } }
      incoming: bankTransactions(first: 20, filter: { direction: CREDIT }) { edges { cursor } }
      activity(first: 60) { edges { cursor } }
      transactionEvents(first: 20) { edges { cursor } }
    }`,
    { everyday: EVERYDAY },
    token,
  );
  const deep = await gateway.ask(
    'query ($after: String) { transactions(first: 100, after: $after) { edges { cursor node { id } } } }',
    { after: data?.transactions.pageInfo.endCursor },
    token,
  );
  const edges = (list: { edges: { cursor: string; node?: { id: string } }[] }) => list.edges;
  const cursors = (list: { edges: { cursor: string }[] }) => spread(list.edges.map(({ cursor }) => cursor));
  const ids = [
    data?.accounts,
    data?.cards,
    data?.transactions,
    data?.bankAccounts,
    data?.bankTransactions,
    deep.data?.transactions,
  ]
    .flatMap((list) => spread(edges(list).map(({ node }) => node?.id)))
    .filter((id) => id !== undefined);
  const all = {
    accounts: cursors(data?.accounts),
    cards: cursors(data?.cards),
    transactions: [...cursors(data?.transactions), ...cursors(deep.data?.transactions)],
    ofAccount: cursors(data?.account.transactions),
    cardsOf: cursors(data?.account.cards),
    ofCard: data?.cards.edges.flatMap(({ node }: { node: { transactions: never } }) =>
      cursors(node.transactions),
    ),
    bank: [...cursors(data?.bankTransactions), ...cursors(data?.incoming)],
  };
  const both = (field: string, given: readonly string[]) => ({
    [`${field}.after`]: [...given, missing(given[0] ?? '')],
    [`${field}.before`]: [...given, missing(given[0] ?? '')],
  });
  return {
    first: [0, 1, 3, 14, 99, 100],
    last: [0, 2, 99, 100],
    id: [...ids, 'no id'],
    ids: [...ids, encodeGlobalId('Transaction', SANDBOX_TRANSACTIONS.pending)],
    locale: ['vi-VN'],
    accountId: [EVERYDAY],
    cardId: spread(edges(data?.cards).map(({ node }) => node?.id)),
    bankAccountId: spread(edges(data?.bankAccounts).map(({ node }) => node?.id)),
    Date: ['2026-01-01'],
    DateTime: ['2026-01-01T00:00:00Z'],
    SafeInt: [1_000],
    text: ['CHUYEN TIEN', 'no row has this'],
    ...both('Query.accounts', all.accounts),
    ...both('Cardholder.accounts', all.accounts),
    ...both('Query.cards', all.cards),
    ...both('Cardholder.cards', all.cards),
    ...both('Account.cards', all.cardsOf),
    ...both('Query.transactions', all.transactions),
    ...both('Account.transactions', all.ofAccount),
    ...both('Card.transactions', all.ofCard),
    'Query.bankAccounts.after': cursors(data?.bankAccounts),
    'Query.bankTransactions.after': all.bank,
    'Query.activity.after': cursors(data?.activity),
    'Query.transactionEvents.after': cursors(data?.transactionEvents),
  };
}

/** The first, some in the middle, and the last. */
function spread<T>(rows: readonly T[]): T[] {
  return rows.filter((_, n) => n === 0 || n === rows.length - 1 || n % 40 === 7);
}

/** A cursor of the same list whose row does not exist. */
function missing(cursor: string): string {
  const [, kind = ''] = Buffer.from(cursor, 'base64url').toString().split(':');
  decodeCursor(cursor, kind, 'cursor');
  return encodeCursor(kind, '00000000-0000-4000-8000-00000000dead');
}

/** By a viewer for whom no answer is kept. */
async function ask({ query, variables }: RandomOperation) {
  const by = await gateway.logIn();
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
  const answer = await gateway.ask(query, variables, by);
  const paths = [...gateway.bongloy.requests, ...gateway.casso.requests].map(({ path }) => path);
  return { ...answer, paths };
}

test('the price of any query is an upper bound of the requests that are really sent', async () => {
  const counts = { runs: 0, calls: 0, exact: 0 };
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (draw) => {
      const operation = randomQuery(draw, { schema, values, valuesAt, depth: 7, directives: true });
      const { cost, paths } = await ask(operation);
      if (!cost) return;
      counts.runs += 1;
      counts.calls += paths.length;
      if (cost.calls === paths.length) counts.exact += 1;
      expect(
        paths.length,
        `${paths.join('\n')} for ${operation.query} ${JSON.stringify(operation.variables)}`,
      ).toBeLessThanOrEqual(cost.calls);
    }),
    {
      numRuns: Number(process.env['PRICE_RUNS'] ?? 150),
      endOnFailure: true,
      interruptAfterTimeLimit: 90_000,
    },
  );
  expect(counts.runs).toBeGreaterThan(20);
  expect(counts.calls).toBeGreaterThan(counts.runs);
}, 180_000);

const MUTATIONS = Object.keys(schema.getMutationType()?.getFields() ?? {});

/** What each mutation needs so that it is done, and not refused. */
async function mutationValues() {
  const phoneNumber = `+${gateway.bongloy.login.phoneNumber}`;
  const { data } = await gateway.ask(
    `mutation ($input: CreateCardholderVerificationInput!) {
      createCardholderVerification(input: $input) { ... on CreateCardholderVerificationPayload { verification { id } } }
    }`,
    { input: { phoneNumber, accountIdentifier: gateway.bongloy.login.accountIdentifier } },
  );
  const { redirectUris } = gateway.casso.oauthClient;
  return {
    ...values,
    PhoneNumber: [phoneNumber],
    accountIdentifier: [gateway.bongloy.login.accountIdentifier],
    authToken: [
      await gateway.bongloy.control.firebaseToken({
        phoneNumber: gateway.bongloy.login.phoneNumber,
        code: gateway.bongloy.login.oneTimeCode,
      }),
    ],
    cardholderVerificationId: [data?.createCardholderVerification.verification.id],
    apiKey: [SANDBOX_BUSINESSES.main.apiKey],
    bankAccountNumber: [SANDBOX_BUSINESSES.main.accounts[0].accountNumber],
    redirectUri: redirectUris,
    scopes: [['webhook']],
    code: ['no code'],
    state: ['no state'],
  };
}

test('the price of any mutation is an upper bound of the requests that are really sent', async () => {
  const calls = new Map(MUTATIONS.map((name) => [name, 0]));
  await fc.assert(
    fc.asyncProperty(fc.gen(), fc.constantFrom(...MUTATIONS), async (draw, name) => {
      const given = { schema, values: await mutationValues(), depth: 5, directives: false };
      const operation = randomMutation(draw, given, name);
      const { cost, paths } = await ask(operation);
      if (!cost) return;
      calls.set(name, Math.max(calls.get(name) ?? 0, paths.length));
      expect(paths.length, `${paths.join('\n')} for ${operation.query}`).toBeLessThanOrEqual(cost.calls);
    }),
    { numRuns: 90, endOnFailure: true, interruptAfterTimeLimit: 60_000 },
  );
  // Done, rather than refused: each of these asks a provider for something.
  const asking = [
    'authenticateCardholder',
    'createCardholderVerification',
    'linkCassoApiKey',
    'logout',
    'syncBankTransactions',
  ];
  expect(asking.filter((name) => calls.get(name) === 0)).toEqual([]);
}, 120_000);

const CURSOR = '"$cursor"';
test.each<[string, string, number?]>([
  [
    'rows of different pages share their look-ups',
    '{ cards(first: 14) { nodes { transactions(first: 1) { nodes { card { status } } } } } }',
    20,
  ],
  [
    'of two accounts and two cards each',
    '{ cards(first: 14) { nodes { transactions(first: 3) { nodes { card { status account { number } } account { number } } } } } }',
    24,
  ],
  [
    'old transactions by their ids',
    `query { a: transaction(id: ${CURSOR}) { id } b: transaction(id: ${CURSOR}) { id } }`,
  ],
])('%s', async (_what, query, most = 1_000) => {
  const { cost, paths } = await ask({ query, variables: {} });
  expect(paths.length, paths.join('\n')).toBeLessThanOrEqual(Math.min(most, cost?.calls ?? 0));
});
