import {
  assertObjectType,
  getIntrospectionQuery,
  getNamedType,
  isLeafType,
  isRequiredArgument,
} from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { GRAPHIQL_TABS } from '../../src/http/graphiql-tabs.ts';
import { SANDBOX_ACCOUNTS } from '../../src/providers/bongloy/sandbox/index.ts';
import { schema } from '../../src/schema/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { overSse } from '../support/news.ts';
import { connect } from '../support/ws-client.ts';

const LIMIT = 2_000;
const ACCOUNT = encodeGlobalId('Account', SANDBOX_ACCOUNTS.everyday);

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ env: { CASSO_API_KEY: '' } });
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  token = await gateway.logIn();
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
});

const asked = () => gateway.bongloy.requests.length + gateway.casso.requests.length;
/** What docs/limits.md says. */
const points = (calls: number, values: number) => 10 * calls + Math.ceil(values / 50);

const priceOf = async (query: string, variables: object = {}) => {
  const { cost, errors } = await gateway.ask(query, variables, token);
  return (
    cost?.requested ?? (errors?.[0]?.extensions?.['cost'] as { requested: number } | undefined)?.requested
  );
};

describe('the price of an operation', () => {
  test('is ten points for a request to a provider and one for 50 values, of as many rows as were asked for', async () => {
    expect(await priceOf('{ viewer { kind } }')).toBe(1);
    expect(await priceOf('{ cardholder { name } }')).toBe(points(1, 2));
    expect(await priceOf('{ accounts(first: 50) { nodes { number } } }')).toBe(points(1, 1 + 50 + 50));
    // The worked example of docs/limits.md.
    const statement = `{
      transactions(first: 20) {
        nodes { description card { lastFour } account { balance { available { formatted } } } }
        pageInfo { endCursor }
      }
    }`;
    expect(await priceOf(statement)).toBe(points(1 + 1 + 1 + 20, 3 + 20 * 17));
    expect(points(1 + 1 + 1 + 20, 3 + 20 * 17)).toBe(237);
  });

  test('counts ten rows where no number is given, and as many as a variable or its default says', async () => {
    const query = 'query ($n: Int = 70) { accounts(first: $n) { nodes { number } } }';
    expect(await priceOf('{ accounts { nodes { number } } }')).toBe(points(1, 1 + 20));
    expect(await priceOf(query)).toBe(points(1, 1 + 140));
    expect(await priceOf(query, { n: 30 })).toBe(points(1, 1 + 60));
    expect(await priceOf(query, { n: null })).toBe(points(1, 1 + 20));
  });

  test('leaves out what @skip and @include leave out', async () => {
    const query = `query ($yes: Boolean!) {
      cardholder { name }
      accounts @include(if: $yes) { nodes { number } }
      ... @skip(if: $yes) { cards { nodes { lastFour } } }
    }`;
    expect(await priceOf(query, { yes: true })).toBe(points(2, 2 + 21));
    expect(await priceOf(query, { yes: false })).toBe(points(2, 2 + 21));
    expect(await priceOf('{ cardholder { name } accounts @skip(if: true) { nodes { number } } }')).toBe(
      points(1, 2),
    );
  });

  test('counts once what several fragments select in one place', async () => {
    const query = `{ accounts(first: 10) { nodes { ...Name ...Balance } } }
      fragment Name on Account { number balance { available { decimal } } }
      fragment Balance on Account { balance { available { decimal } balance { decimal } } }`;
    expect(await priceOf(query)).toBe(points(1 + 10, 1 + 10 * 7));
  });

  test('is told beside an answer that has errors, and beside a mutation', async () => {
    const { cost, errors } = await gateway.ask('{ account(id: "x") { id } }', {}, token);
    expect(errors).toHaveLength(1);
    expect(cost).toEqual({ requested: 11, calls: 1, limit: LIMIT });
    expect((await gateway.ask('mutation { logout { __typename } }', {}, token)).cost).toEqual({
      requested: 21,
      calls: 2,
      limit: LIMIT,
    });
  });
});

const PAGES = `{ bankTransactions { nodes { bankAccount { accountNumber } } } activity(first: 30) { nodes { id
  ... on Transaction { card { lastFour } account { number balance { available { decimal } } } } } } }`;
const DEEP = `{ cardholder { accounts { nodes { cards { nodes { account { number }
  transactions(first: 2) { nodes { card { lastFour } } } } } cardholder { name } } } } cardIssuer { name } }`;
const EVENTS = '{ transactionEvents { nodes { cursor transaction { amount { decimal } } } } eventCursor }';
const NODES = `query ($id: ID!) { node(id: $id) { id ... on Account { balance { available { decimal } } } }
  nodes(ids: [$id]) { id } account(id: $id) { transactions(first: 100) { nodes { id } } } }`;

test.each([PAGES, DEEP, EVENTS, NODES])(
  'is never exceeded by the requests that are really sent: %s',
  async (query) => {
    gateway.bongloy.control.makePurchase();
    await gateway.bongloy.control.webhooksIdle();
    gateway.bongloy.clearRequests();
    const { cost, upstream, errors } = await gateway.ask(query, { id: ACCOUNT }, token);
    expect(errors).toBeUndefined();
    expect(asked()).toBeGreaterThan(0);
    expect(upstream).toEqual({
      bongloy: gateway.bongloy.requests.length,
      casso: gateway.casso.requests.length,
    });
    expect(asked() * 10).toBeLessThanOrEqual(cost?.requested ?? 0);
  },
);

describe('is not exceeded where a list is read from the middle, from its end, or through a filter', () => {
  const CURSORS = `{
    transactions(first: 30) { edges { cursor } }
    bankTransactions(first: 30) { edges { cursor } }
    incoming: bankTransactions(first: 5, filter: { direction: CREDIT }) { edges { cursor } }
    text: bankTransactions(first: 5, filter: { text: "CHUYEN TIEN" }) { edges { cursor } }
    activity(first: 30) { edges { cursor } }
  }`;
  const list = (of: string) => `{ ${of} { nodes { id } pageInfo { hasNextPage } } }`;
  test.each([
    ['after', list('transactions(first: 100, after: $after)'), 'transactions', { after: 20 }],
    ['before', list('transactions(first: 5, before: $before)'), 'transactions', { before: 20 }],
    [
      'after and before',
      list('transactions(first: 5, after: $after, before: $before)'),
      'transactions',
      { after: 2, before: 20 },
    ],
    ['last and before', list('transactions(last: 5, before: $before)'), 'transactions', { before: 29 }],
    [
      'last, after and before',
      list('transactions(last: 5, after: $after, before: $before)'),
      'transactions',
      { after: 2, before: 29 },
    ],
    [
      'after of bank rows',
      list('bankTransactions(first: 100, after: $after)'),
      'bankTransactions',
      { after: 29 },
    ],
    ['direction', list('bankTransactions(first: 100, filter: { direction: DEBIT })'), 'bankTransactions', {}],
    [
      'direction and after',
      list('bankTransactions(first: 100, after: $after, filter: { direction: CREDIT })'),
      'incoming',
      { after: 4 },
    ],
    [
      'a text that no row has',
      list('bankTransactions(first: 1, filter: { text: "no row has this" })'),
      'text',
      {},
    ],
    [
      'text and after',
      list('bankTransactions(first: 100, after: $after, filter: { text: "CHUYEN TIEN" })'),
      'text',
      { after: 0 },
    ],
    ['amounts', list('bankTransactions(first: 1, filter: { minimumAmount: 999999999999 })'), 'text', {}],
    ['after of both providers', list('activity(first: 60, after: $after)'), 'activity', { after: 29 }],
  ] as const)('%s', async (_how, query, of, places) => {
    const { data } = await gateway.ask(CURSORS, {}, token);
    const cursors: { cursor: string }[] = data?.[of].edges;
    const cursorAt = (place: number) =>
      JSON.stringify(cursors.at(Math.min(place, cursors.length - 1))?.cursor);
    let asks: string = query;
    for (const [name, place] of Object.entries(places)) asks = asks.replace(`$${name}`, cursorAt(place));
    // Another login: nothing is held for it.
    token = await gateway.logIn();
    gateway.bongloy.clearRequests();
    gateway.casso.clearRequests();
    const { cost, errors } = await gateway.ask(asks, {}, token);
    expect(errors).toBeUndefined();
    expect(asked()).toBeGreaterThan(0);
    expect(asked()).toBeLessThanOrEqual(cost?.calls ?? 0);
  });
});

/** All that is read of an object without another request. */
function plainFields(type: string): string {
  return Object.values(assertObjectType(schema.getType(type)).getFields())
    .filter(({ type: of, args, extensions }) => {
      const takesNothing = args.every((argument) => !isRequiredArgument(argument));
      return takesNothing && isLeafType(getNamedType(of)) && !extensions['price'];
    })
    .map(({ name }) => name)
    .join(' ');
}

test.each([
  [
    3,
    `{ accounts(first: 50) { nodes { ${plainFields('Account')} cards(first: 50) { pageInfo { hasNextPage endCursor }
      nodes { ${plainFields('Card')} account { ${plainFields('Account')} } } edges { cursor } } } } }`,
  ],
  [2, '{ accounts(first: 50) { nodes { cards(first: 50) { nodes { lastFour } } } } }'],
  [
    5,
    `{
      accounts(first: 50) { nodes { number rawStatus cards(first: 50) { pageInfo { hasNextPage } edges { cursor node {
        id lastFour rawStatus rawType status type expMonth expYear createdAt account { id } } } } } }
      bankAccounts(first: 100) { nodes { id accountNumber balance { minorUnits currency } bank { name } } }
      cardholder { name }
      cardIssuer { name }
    }`,
  ],
])('A dashboard of few requests and 2,500 rows is answered: %i of them', async (most, query) => {
  const { errors, cost } = await gateway.ask(query, {}, token);
  expect(errors).toBeUndefined();
  expect(cost?.calls).toBeLessThanOrEqual(most + 2);
  expect(cost?.requested).toBeLessThan(LIMIT);
  expect(asked()).toBeLessThanOrEqual(most);
});

describe('an operation that may cost more than the limit', () => {
  const many = (count: number, field: string) =>
    `{ ${Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(' ')} }`;
  const CARDS = encodeGlobalId('Card', 'cad00000-0000-4000-8000-000000000001');

  test.each([
    [
      'aliases of one field',
      many(70, `node(id: "${CARDS}") { ... on Card { account { balance { available { decimal } } } } }`),
    ],
    [
      'lists below every row',
      '{ accounts(first: 100) { nodes { transactions(first: 100) { nodes { id } } } } }',
    ],
    [
      'lists of what each row is of',
      '{ transactions(first: 100) { nodes { account { transactions(first: 100) { nodes { id } } } } } }',
    ],
    [
      'balances of many rows',
      '{ accounts(first: 100) { edges { node { balance { balance { decimal } } } } nodes { b: balance { balance { decimal } } c: balance { available { decimal } } } } }',
    ],
    ['event pages', many(2, 'transactionEvents(first: 100) { nodes { cursor } }')],
    [
      'values of rows of rows, which ask one provider twice',
      `{ accounts(first: 100) { nodes { cards(first: 100) { nodes ${many(25, 'lastFour')} } } } }`,
    ],
  ])('is refused with its price before any provider is asked: %s', async (_what, query) => {
    const { status, data, errors, cost } = await gateway.ask(query, {}, token);
    expect(data).toBeUndefined();
    expect(cost).toBeUndefined();
    expect(errors).toHaveLength(1);
    const { message, extensions } = errors?.[0] ?? {};
    const { requested, calls } = extensions?.['cost'] as { requested: number; calls: number };
    expect(requested).toBeGreaterThan(LIMIT);
    expect(extensions).toEqual({ code: 'QUERY_TOO_COMPLEX', cost: { requested, calls, limit: LIMIT } });
    expect(message).toBe(
      `The operation may cost ${requested} points, for ${calls} requests to providers and the size of the answer; 2000 are allowed. Ask for fewer rows (first), or in several operations.`,
    );
    expect(status).toBe(200);
    expect(asked()).toBe(0);
  });

  test('is answered 400 where the client takes the media type of GraphQL', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: many(2, 'transactionEvents(first: 100) { nodes { cursor } }') }),
    });
    expect(response.status).toBe(400);
    const { errors } = await response.json();
    expect(errors[0].extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    expect(errors[0].extensions).not.toHaveProperty('http');
  });

  test('is refused by its variables, also where the document is known to be cheap with others', async () => {
    const query =
      'query ($n: Int) { accounts(first: $n) { nodes { transactions(first: $n) { nodes { id } } } } }';
    expect((await gateway.ask(query, { n: 2 }, token)).errors).toBeUndefined();
    expect((await gateway.ask(query, { n: 100 }, token)).errors?.[0]?.extensions).toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
    });
    expect((await gateway.ask(query, { n: 2 }, token)).errors).toBeUndefined();
  });

  test('is refused over WebSocket and SSE too, and the socket lives on', async () => {
    const query = '{ cards(first: 100) { nodes { transactions(first: 100) { nodes { id } } } } }';
    const client = await connect(gateway.url, token);
    const feed = client.subscribe(query);
    const end = await Promise.race([feed.ended, feed.next()]);
    expect(JSON.stringify(end)).toContain('QUERY_TOO_COMPLEX');
    const { data } = await client.subscribe('{ viewer { kind } }').next();
    expect(data).toEqual({ viewer: { kind: 'SESSION' } });
    await client.close();
    const { feed: stream } = await overSse(gateway.url, query, {}, token);
    expect((await stream.next()).errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    expect(asked()).toBe(0);
  });

  test('may be a subscription', async () => {
    const client = await connect(gateway.url, token);
    const below = many(99, 'transactions(first: 100) { nodes { id } }');
    const feed = client.subscribe(`subscription { transactionEvents { transaction { account ${below} } } }`);
    const end = await Promise.race([feed.ended, feed.next()]);
    expect(JSON.stringify(end)).toContain('QUERY_TOO_COMPLEX');
    await client.close();
  });

  test('is allowed where QUERY_COST_LIMIT says so', async () => {
    const generous = await startGateway({ env: { CASSO_API_KEY: '', QUERY_COST_LIMIT: '20000' } });
    const { errors, cost } = await generous.ask(
      '{ accounts(first: 100) { nodes { transactions(first: 100) { nodes { id } } } } }',
      {},
      await generous.logIn(),
    );
    expect(errors).toBeUndefined();
    const requested = points(1 + 1 + 200, 1 + 100 + 100 + 2 * 100 * 100);
    expect(cost).toEqual({ requested, calls: 202, limit: 20_000 });
    await generous.stop();
  });
});

test.each(
  GRAPHIQL_TABS.map(({ query, variables = '{}' }) => ({
    query,
    variables,
    name: /(?:query|mutation|subscription) (\w+)/.exec(query)?.[1],
  })),
)('What GraphiQL proposes costs less than half of what is allowed: $name', async ({ query, variables }) => {
  if (/^subscription/m.test(query)) {
    const client = await connect(gateway.url, token);
    const feed = client.subscribe(query, JSON.parse(variables));
    feed.leave();
    expect((await feed.ended).kind).toBe('complete');
    return client.close();
  }
  const { cost } = await gateway.ask(query, JSON.parse(variables), token);
  expect(cost?.requested).toBeLessThan(LIMIT / 2);
});

describe('looking into the schema', () => {
  test('as tools do it is allowed', async () => {
    const everything = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    const { data, errors, cost } = await gateway.ask(everything);
    expect(errors).toBeUndefined();
    expect(data?.['__schema'].types.length).toBeGreaterThan(50);
    expect(cost?.requested).toBeLessThan(LIMIT / 2);
  });

  test('round and round, or many times over, is refused', async () => {
    const round =
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }';
    expect((await gateway.ask(round)).errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    const inner = many(12, 'fields { name }');
    const wide = `{ __schema ${many(12, `types ${inner}`)} }`;
    expect((await gateway.ask(wide)).errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  });

  function many(count: number, field: string): string {
    return `{ ${Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(' ')} }`;
  }
});
