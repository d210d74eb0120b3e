import * as fc from 'fast-check';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_TRANSACTIONS } from '../../src/providers/bongloy/sandbox/index.ts';
import { schema } from '../../src/schema/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type RandomOperation, randomQuery } from '../support/random-operation.ts';

/** The gateway compiles a query when it comes for the third time. */
const TIMES = 4;

interface Subject {
  readonly gateway: Gateway;
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
  const { gateway, token } = healthy;
  const { data } = await gateway.ask(
    '{ accounts(first: 2) { nodes { id } } cards(first: 2) { nodes { id } } bankTransactions(first: 2) { nodes { id } } }',
    {},
    token,
  );
  const ids = ['accounts', 'cards', 'bankTransactions'].flatMap((name) =>
    data?.[name].nodes.map(({ id }: { id: string }) => id),
  );
  const pending = encodeGlobalId('Transaction', SANDBOX_TRANSACTIONS.pending);
  values = {
    first: [0, 1, 3, 101, -1],
    id: [...ids, pending, 'no id'],
    ids: [ids, [...ids, pending]],
    locale: ['vi-VN', 'km-KH', 'no locale'],
    TransactionFilter: [{ status: 'SETTLED' }, { status: 'OTHER' }, { balanceAdjustmentType: 'DEBIT' }],
    BankTransactionFilter: [{ direction: 'CREDIT' }],
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
});
afterAll(() => Promise.all([healthy, ailing, cardless].map(({ gateway }) => gateway.stop())));

async function start(): Promise<Subject> {
  const gateway = await startGateway();
  return { gateway, token: await gateway.logIn() };
}

/**
 * The answer's text, but for what the same query may answer differently from one time to the next: how many requests
 * were shared with those before it; the order of errors that happened at once; and how many, and which, of several
 * fields that may not be null failed before what lies around them was given up.
 */
async function answer({ query, variables }: RandomOperation, { gateway, token }: Subject): Promise<string> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const body = await response.text();
  const result = JSON.parse(body) as Result;
  // Nothing of the text is lost in the reading.
  expect(JSON.stringify(result)).toBe(body);
  delete result.extensions?.upstream;
  const text = JSON.stringify(result);
  const { errors, data } = result;
  if (!errors) return text;
  const told = JSON.stringify(errors);
  return text.replace(
    told,
    errors
      .map((error) => explained(error, data))
      .toSorted()
      .join(),
  );
}

interface Result {
  readonly errors?: readonly Failure[];
  readonly data?: unknown;
  readonly extensions?: { upstream?: object };
}

interface Failure {
  readonly path?: readonly (string | number)[];
}

/** The error as it stands, or of one in what is missing altogether, where that would stand. */
function explained(error: Failure, data: unknown): string {
  let value = data;
  for (const [depth, key] of (error.path ?? []).entries()) {
    if (value === null) return `an error explains ${error.path?.slice(0, depth).join('.')}`;
    value = (value as Record<string | number, unknown> | undefined)?.[key];
  }
  return JSON.stringify(error);
}

async function expectSameAnswers(query: RandomOperation, subject: Subject): Promise<void> {
  const plain = await answer(query, subject);
  for (let time = 2; time < TIMES; time += 1) await answer(query, subject);
  expect(await answer(query, subject)).toBe(plain);
}

const corpus = (subject: Subject) =>
  fc.asyncProperty(fc.gen(), fc.constantFrom(true, false, false), (draw, directives) =>
    expectSameAnswers(randomQuery(draw, { schema, values, depth: 5, directives }), subject),
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

test('the corpus holds valid queries', () => {
  const mistakes = fc.sample(fc.gen(), 200).flatMap((draw) => {
    const { query } = randomQuery(draw, { schema, values, depth: 5, directives: true });
    return validate(schema, parse(query));
  });
  expect(mistakes).toEqual([]);
});

const WITH_VARIABLE = 'query ($first: Int = 3) { transactions(first: $first) { nodes { id } } }';
test.each<readonly [string, RandomOperation]>([
  ['a variable of the wrong type', { query: WITH_VARIABLE, variables: { first: 'three' } }],
  ['a variable that is null', { query: WITH_VARIABLE, variables: { first: null } }],
  ['a variable that is left to its default', { query: WITH_VARIABLE, variables: {} }],
  ['a variable that is missing', { query: 'query ($id: ID!) { account(id: $id) { id } }', variables: {} }],
])('%s is told of in the same bytes', (_what, query) => expectSameAnswers(query, healthy));

test('of two operations in one document the named one is answered, however often', async () => {
  const query = 'query A { cardholder { id } } query B { cardIssuer { id } }';
  for (let time = 0; time < TIMES; time += 1) {
    for (const [operationName, field] of [
      ['A', 'cardholder'],
      ['B', 'cardIssuer'],
    ]) {
      const response = await fetch(`${healthy.gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${healthy.token}` },
        body: JSON.stringify({ query, operationName }),
      });
      const { data } = (await response.json()) as { data: object };
      expect(Object.keys(data)).toEqual([field]);
    }
  }
});
