import * as fc from 'fast-check';
import { type GraphQLObjectType, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_TRANSACTIONS } from '../../src/providers/bongloy/sandbox/index.ts';
import { logIn } from '../../src/sandbox/login.ts';
import { schema } from '../../src/schema/index.ts';
import { killChildren } from '../support/child.ts';
import { comparable } from '../support/comparable-answer.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import {
  type RandomOperation,
  randomMutation,
  randomQuery,
  randomSubscription,
} from '../support/random-operation.ts';
import { connect } from '../support/ws-client.ts';

/** The gateway compiles a query when it comes for the third time. */
const TIMES = 5;

/** A gateway's process in the production profile. */
interface Subject {
  readonly gateway: ProcessGateway;
  readonly token: string;
}

let healthy: Subject;
/** Parts of both providers answer 403, from the beginning: so nothing was kept from a better time. */
let ailing: Subject;
/** The same with cards alone: what is around them is there. */
let cardless: Subject;
let values: Record<string, readonly unknown[]>;

beforeAll(async () => {
  [healthy, ailing, cardless] = await Promise.all([start(), start(), start()]);
  const { data } = await ask(
    '{ accounts(first: 2) { nodes { id } } cards(first: 2) { nodes { id } } bankTransactions(first: 2) { nodes { id } } }',
    healthy,
  );
  const ids = Object.values(data as Record<string, { nodes: { id: string }[] }>).flatMap(({ nodes }) =>
    nodes.map(({ id }) => id),
  );
  values = {
    first: [0, 1, 3, 101, -1],
    last: [2],
    after: ['no cursor'],
    before: ['no cursor'],
    ID: [...ids, encodeGlobalId('Transaction', SANDBOX_TRANSACTIONS.pending), 'no id'],
    locale: ['vi-VN', 'km-KH', 'no locale'],
    DateTime: ['2020-01-01T00:00:00Z', '2026-02-03T04:05:06.789+07:00'],
    Date: ['2020-01-01', '2026-02-28'],
    SafeInt: [0, 50_000],
    String: ['', 'text'],
  };
  // Lists and single ones alike: where one was refused and the other not, what was kept of the list would answer later.
  for (const match of ['/connect/v1/cards', '/connect/v1/cardholder', '/connect/v1/accounts']) {
    ailing.gateway.bongloy.control.setFault({ kind: 'status', code: 403, match, times: 1_000_000 });
  }
  cardless.gateway.bongloy.control.setFault({
    kind: 'status',
    code: 403,
    match: '/connect/v1/cards',
    times: 1_000_000,
  });
  ailing.gateway.casso.control.setFault({
    kind: 'status',
    code: 403,
    match: '/v2/accounts',
    times: 1_000_000,
  });
}, 120_000);
afterAll(async () => {
  killChildren();
  await Promise.all([healthy, ailing, cardless].map(({ gateway }) => gateway.remove()));
});

async function start(): Promise<Subject> {
  const gateway = await prepareGatewayProcess({ NODE_ENV: 'production' });
  await gateway.start();
  return { gateway, token: await logIn({ ...gateway, app: { url: gateway.url } }) };
}

async function ask(query: string, subject: Subject, others: object = {}): Promise<Result> {
  return JSON.parse(await textOf({ query, ...others }, subject)) as Result;
}

async function textOf(body: object, { gateway, token }: Subject): Promise<string> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return response.text();
}

async function answer(operation: RandomOperation, subject: Subject): Promise<string> {
  return comparable(await textOf(operation, subject));
}

interface Result {
  readonly data?: unknown;
}

/** The first answers are the plain executor's, the others the compiled one's. */
async function expectSameAnswers(query: RandomOperation, subject: Subject): Promise<void> {
  const plain = await answer(query, subject);
  for (let time = 2; time <= TIMES; time += 1) expect(await answer(query, subject)).toBe(plain);
}

const corpus = (subject: Subject) =>
  fc.asyncProperty(fc.gen(), fc.constantFrom(true, false, false), (draw, directives) =>
    expectSameAnswers(
      randomQuery(draw, { schema, values, depth: 5, directives, nullsAnywhere: true }),
      subject,
    ),
  );

/** As many as fit into a few seconds more of a slow machine; a found query is told as it is, not made smaller. */
const RUNS = { numRuns: 150, endOnFailure: true, interruptAfterTimeLimit: 60_000 };

test('a query that comes again is answered in the same bytes as the first time', async () => {
  await fc.assert(corpus(healthy), RUNS);
}, 180_000);

test.each([
  ['most of it', () => ailing],
  ['a part of its rows', () => cardless],
])(
  'and so it is when %s cannot be read',
  async (_what, subject) => {
    await fc.assert(corpus(subject()), RUNS);
  },
  180_000,
);

const FORMS = { PhoneNumber: ['+85512345678'], URL: ['https://app.example.com/'] };
const fieldsOf = (type: GraphQLObjectType | null | undefined) => Object.keys(type?.getFields() ?? {});

/** Operations of every kind from one seed. */
const sampled = (): RandomOperation[] =>
  fc.sample(fc.gen(), { seed: 1, numRuns: 100 }).flatMap((draw) => {
    const options = { schema, values: { ...values, ...FORMS }, depth: 5, directives: true };
    return [
      randomQuery(draw, options),
      randomMutation(draw, options, draw(fc.constantFrom, ...fieldsOf(schema.getMutationType()))),
      randomSubscription(draw, options, draw(fc.constantFrom, ...fieldsOf(schema.getSubscriptionType()))),
    ];
  });

test('the corpus holds valid operations, the same ones for the same seed, with values of every kind', () => {
  const operations = sampled();
  expect(sampled()).toEqual(operations);
  expect(operations.flatMap(({ query }) => validate(schema, parse(query)))).toEqual([]);
  const written = operations.map(({ query }) => query).join('\n');
  for (const kind of [
    /\$v\d+: [^,)]+ = /, // a default
    /: null/,
    /\[[^\]$]*\$v\d/, // a variable within a list
    /\{ (\w+: [^,{}]+, )*\w+: \$v\d/, // a variable within an input object
    /@include\(if: \$v\d/,
  ]) {
    expect(written).toMatch(kind);
  }
  expect(operations.some(({ variables }) => Object.values(variables).includes(null))).toBe(true);
});

const formatted = (locale: string) =>
  `{ transactions(first: 1) { nodes { amount { formatted(locale: ${locale}) } } } }`;
const filtered = (filter: string) =>
  `{ transactions(first: 2, filter: ${filter}) { nodes { id occurredAt } } }`;

/** Types of variables with their defaults, where the variable stands, and some of what may be given: right and wrong. */
const VARIABLES: readonly (readonly [type: string, selection: string, given: readonly unknown[]])[] = [
  ['Int = 3', '{ transactions(first: $v) { nodes { id } } }', [2, 'three']],
  ['Int! = 1', '{ accounts(first: $v) { nodes { number } } }', [2, 'three']],
  ['String = "vi-VN"', formatted('$v'), ['km-KH', 'no locale', 5]],
  ['String! = "vi-VN"', formatted('$v'), ['km-KH', 5]],
  ['ID!', '{ account(id: $v) { id } }', ['other', {}]],
  ['ID = "no id"', '{ account(id: $v) { id } }', ['other', {}]],
  ['ID! = "no id"', '{ account(id: $v) { id } }', ['other', 7, {}]],
  ['[ID!]! = ["no id"]', '{ nodes(ids: $v) { id } }', [['other'], 'one', [null], []]],
  ['ID! = "no id"', '{ nodes(ids: [$v, "other"]) { id } }', ['third', 4]],
  ['DateTime', filtered('{ from: $v }'), ['2020-01-01T00:00:00Z', 1]],
  ['DateTime = "2026-01-01T00:00:00Z"', filtered('{ from: $v }'), ['2020-01-01T00:00:00Z', 'yesterday']],
  ['DateTime', filtered('{ from: $v, to: "2030-01-01T00:00:00Z" }'), ['2020-01-01T00:00:00Z']],
  ['TransactionStatus = SETTLED', filtered('{ status: $v }'), ['PENDING', 'settled']],
  ['TransactionStatus! = SETTLED', filtered('{ status: $v }'), ['PENDING', 0]],
  [
    'TransactionFilter = { status: SETTLED, from: "2026-01-01T00:00:00Z" }',
    filtered('$v'),
    [{ status: 'PENDING' }, { status: null }, {}, { state: 1 }, []],
  ],
  ['TransactionFilter! = { status: SETTLED }', filtered('$v'), [{ from: '2020-01-01T00:00:00Z' }, 'SETTLED']],
];

test.each(VARIABLES)('a variable of %s is the same each time in %s', async (type, selection, given) => {
  const query = `query ($v: ${type}) ${selection}`;
  for (const variables of [{}, ...[null, ...given].map((v) => ({ v }))]) {
    await expectSameAnswers({ query, variables }, healthy);
  }
});

test('a variable that is left to its default is the same each time over a socket', async () => {
  const socket = await connect(healthy.gateway.url, healthy.token);
  for (let time = 1; time <= TIMES; time += 1) {
    const query = 'query Page($n: Int! = 1) { accounts(first: $n) { nodes { number } } }';
    expect(await socket.subscribe(query).next()).toMatchObject({ data: { accounts: { nodes: [{}] } } });
  }
  await socket.close();
});

/** What the compiler itself would write in the place of values that JSON has no word for. */
test.each([
  '__MAGIC_NAN__57f286b9_4c20_487f_b409_79804ddcb4f8',
  '__MAGIC_PLUS_INFINITY__bb201c39_3333_4695_b4ad_7f1722e7aa7a',
  '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d0',
])('a text is never read as a part of a program: %s', async (text) => {
  await expectSameAnswers({ query: formatted(`"${text}"`), variables: {} }, healthy);
});

test.each([
  ['one of every object', '{ __proto__: viewer { toString: kind } viewer { constructor: kind } }'],
  [
    'a path',
    '{ nodes_cards: accounts(first: 1) { nodes { number } } cards(first: 1) { nodes { account { number } } } }',
  ],
  ['a promise', '{ then: viewer { then: kind } }'],
  ['a list', '{ cards(first: 2) { idx0: nodes { idx1: status } } }'],
])('a field may have the name of %s', (_what, query) => expectSameAnswers({ query, variables: {} }, healthy));

test('an operation that the document does not have is refused each time', async () => {
  const query = 'query A { viewer { kind } }';
  for (let time = 1; time <= TIMES; time += 1) {
    expect(await ask(query, healthy)).toMatchObject({ data: { viewer: { kind: 'SESSION' } } });
    expect(await ask(query, healthy, { operationName: 'B' })).not.toHaveProperty('data');
  }
});

test('what became null is explained once, each time', async () => {
  const query = '{ node(id: "no id") { id } nodes(ids: ["no id"]) { id } }';
  for (let time = 1; time <= TIMES; time += 1) {
    expect(await ask(query, healthy)).toMatchObject({ data: null, errors: [{ path: ['node'] }] });
  }
});

test('of two operations in one document the named one is answered, however often', async () => {
  const query = 'query A { cardholder { id } } query B { cardIssuer { id } }';
  for (let time = 0; time < TIMES; time += 1) {
    for (const [operationName, field] of [
      ['A', 'cardholder'],
      ['B', 'cardIssuer'],
    ]) {
      const { data } = await ask(query, healthy, { operationName });
      expect(Object.keys(data ?? {})).toEqual([field]);
    }
  }
});
