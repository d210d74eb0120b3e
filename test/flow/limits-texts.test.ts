import { isScalarType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { longestOf, MOST_ITEMS } from '../../src/schema/text-lengths.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type InputPlace, inputPlaces } from '../support/input-places.ts';
import { connect } from '../support/ws-client.ts';

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.logIn();
});
afterAll(() => gateway.stop());

const PLACES = inputPlaces(schema);
const named = (name: string): InputPlace => {
  const place = PLACES.find((one) => one.name === name);
  if (!place) throw new Error(`there is no ${name}`);
  return place;
};
/** In a document, which has a limit of its own, and in variables, which may fill a body. */
const WRITTEN = 90_000;
const SENT = 900_000;
/** Of a process that is not held: a busy machine included. */
const SOON = 3_000;

const NONE = { bongloy: 0, casso: 0 };

async function refusal(query: string, variables: object) {
  const begun = performance.now();
  const { data, errors, upstream } = await gateway.ask(query, variables, token);
  expect(performance.now() - begun).toBeLessThan(SOON);
  expect(data).toBeUndefined();
  expect(upstream ?? NONE).toEqual(NONE);
  expect(errors).toHaveLength(1);
  expect(JSON.stringify(errors).length).toBeLessThan(1_000);
  return errors?.[0];
}

test('the walk meets arguments, input fields, lists and subscriptions', () => {
  expect(PLACES.length).toBeGreaterThan(80);
  for (const name of [
    'Money.formatted(locale:)',
    'Query.nodes(ids:)',
    'Mutation.startCassoAuthorization(input.scopes:)',
    'Account.transactions(filter.cardId:)',
    'Subscription.activityEvents(after:)',
  ]) {
    named(name);
  }
});

test.each(PLACES)('$name refuses a text that is too long, however it is given', async (place) => {
  const { field } = place;
  const allowed = longestOf(place.input);
  expect(allowed).toBeLessThanOrEqual(8_192);
  const written = place.operations('9'.repeat(WRITTEN));
  const sent = place.operations('9'.repeat(SENT));
  for (const way of ['a literal', 'a variable', 'a default', 'a variable as a part']) {
    const isWritten = way === 'a literal' || way === 'a default';
    const operation = (isWritten ? written : sent).find((one) => one.way === way);
    const error = await refusal(operation?.query ?? '', operation?.variables ?? {});
    expect(error?.extensions, way).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(error?.extensions?.['field'], way).toBe(field);
    expect(error?.message, way).toBe(
      `${field} has ${isWritten ? WRITTEN : SENT} characters; ${allowed} are allowed. Send a shorter text.`,
    );
  }
});

test.each(PLACES.filter(({ isInList }) => isInList))('$name refuses more than 100 items', async (place) => {
  const { field } = place;
  const items = Array.from({ length: MOST_ITEMS + 1 }, () => 'x');
  for (const { way, query, variables } of place.operations('x')) {
    const given = JSON.parse(JSON.stringify(variables).replace('["x"]', JSON.stringify(items)));
    const error = await refusal(query.replace('["x"]', JSON.stringify(items)), given);
    expect(error?.extensions, way).toEqual({ code: 'BAD_USER_INPUT', field });
    expect(error?.message, way).toBe(`${field} has 101 items; 100 are allowed. Ask in several operations.`);
  }
});

test.each(PLACES.filter(({ type }) => isScalarType(type) && ['String', 'ID'].includes(type.name)))(
  '$name takes a text of the length that its description tells',
  async ({ input, isInList, operations }) => {
    const allowed = longestOf(input);
    const length = `t most ${allowed.toLocaleString('en-US')} characters.`;
    expect(input.description).toContain(isInList ? `At most 100, each of a${length}` : `A${length}`);
    for (const { query, variables } of operations('x'.repeat(allowed))) {
      // A subscription that runs is left at once.
      const left = new AbortController();
      const response = await post(query, variables, left.signal);
      if (response.headers.get('content-type')?.includes('json')) {
        expect(await response.text()).not.toContain('are allowed');
      } else left.abort();
    }
  },
);

const post = (query: string, variables: object, signal: AbortSignal) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
    signal,
  });

const FILTERED = 'query ($f: TransactionFilter) { transactions(filter: $f) { nodes { id } } }';
const manyMembers = (of: (n: number) => string, count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [of(n), value]));

test.each<[string, object, string]>([
  ['many', manyMembers((n) => `fromfromfrom${n}`, 40_000), 'filter has 40000 members; TransactionFilter has'],
  ['with long texts', manyMembers((n) => `m${n}`, 50, '9'.repeat(18_000)), 'filter has 50 members;'],
  [
    'with long names',
    manyMembers((n) => `${'from'.repeat(50_000)}${n}`, 4),
    'A member of filter has a name of 200001 characters',
  ],
])('members that an input object does not have are refused at once: %s', async (_what, f, words) => {
  const error = await refusal(FILTERED, { f });
  expect(error?.message).toContain(words);
  expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'filter' });
});

test('the error names one member too many', async () => {
  const error = await refusal(FILTERED, { f: { since: '2026-01-01' } });
  expect(error?.message).toContain('Field "since" is not defined by type "TransactionFilter"');
});

test('over a socket it is refused in the same words', async () => {
  const socket = await connect(gateway.url, token);
  const [, variable] = named('Money.formatted(locale:)').operations('x'.repeat(36));
  const feed = socket.subscribe(variable?.query ?? '', { ...variable?.variables });
  expect(await feed.next()).toMatchObject({
    errors: [
      {
        message: 'locale has 36 characters; 35 are allowed. Send a shorter text.',
        extensions: { code: 'BAD_USER_INPUT', field: 'locale' },
      },
    ],
  });
  await socket.close();
});

test('a hundred ways to write each of a hundred amounts delay no other client', async () => {
  const ways = Array.from({ length: 98 }, (_, n) => `a${n}: formatted(locale: "vi-VN-x-a${n}")`);
  const query = `{ transactions(first: 100) { nodes { amount { ${ways.join(' ')} } } } }`;
  const begun = performance.now();
  const asked = gateway.ask(query, {}, token);
  const alive = await fetch(`${gateway.url}/healthz`);
  expect(alive.status).toBe(200);
  const { data } = await asked;
  expect(performance.now() - begun).toBeLessThan(SOON);
  expect(data?.transactions.nodes).toHaveLength(100);
});
