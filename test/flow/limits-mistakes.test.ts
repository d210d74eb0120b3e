import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

/** What a person might paste in the wrong place. */
const SECRET = 'SECRETSECRET0123456789';

let production: Gateway;
let development: Gateway;
beforeAll(async () => {
  [production, development] = await Promise.all([
    startGateway({ env: { NODE_ENV: 'production' } }),
    startGateway(),
  ]);
});
afterAll(async () => {
  await Promise.all([production.stop(), development.stop()]);
});

const link = (input: string) => `mutation { linkCassoApiKey(input: ${input}) { __typename } }`;

describe('a mistake never repeats what a literal held', () => {
  test.each([
    link(`{ apiKey: ${SECRET} }`),
    link(`{ apiKey: { key: "${SECRET}" } }`),
    link(`{ apiKey: ["${SECRET}"] }`),
    link('{ apiKey: 987654321012345 }'),
    link(`"${SECRET}"`),
    link(`{ apiKy: "${SECRET}" }`),
    link(`{ apiKey "${SECRET}" }`),
    link(`{ apiKey: "x" "${SECRET}" }`),
    link(`{ apiKey: """x""" """${SECRET}""" }`),
    link(`{ apiKey: "${SECRET}`),
    link(`{ apiKey: AK_CS.${SECRET} }`),
    link(`{ apiKey: 12.5 ${SECRET} }`),
    `mutation { linkCassoApiKey("${SECRET}") { __typename } }`,
    `mutation { createCardholderVerification(input: { phoneNumber: "${SECRET}", accountIdentifier: "1" }) { __typename } }`,
    `mutation { startCassoAuthorization(input: { redirectUri: "${SECRET}" }) { __typename } }`,
    `{ transactions(filter: { status: "${SECRET}" }) { nodes { id } } }`,
    `{ transactions(filter: { status: ${SECRET} }) { nodes { id } } }`,
    `{ transactions(filter: { from: "${SECRET}" }) { nodes { id } } }`,
    `{ transactions(filter: { from: ${SECRET} }) { nodes { id } } }`,
    `{ bankTransactions(filter: { from: "${SECRET}" }) { nodes { id } } }`,
    `{ bankTransactionEvents(filter: { minimumAmount: "${SECRET}" }) { nodes { cursor } } }`,
    `{ transactions(first: "${SECRET}") { nodes { id } } }`,
    `query ($after: String = ${SECRET}) { transactions(after: $after) { nodes { id } } }`,
    `{ account(id: { id: "${SECRET}" }) { id } }`,
    `{ viewer @skip(if: "${SECRET}") { kind } }`,
    `"${SECRET}"`,
  ])('%s', async (query) => {
    const { errors } = await development.ask(query);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    for (const { message } of errors ?? []) {
      expect(message).not.toContain(SECRET);
      expect(message).not.toContain('987654321012345');
      expect(message.length).toBeGreaterThan(15);
    }
  });
});

describe('a mistake never repeats what a variable held', () => {
  const filtered = 'query ($f: TransactionFilter) { transactions(filter: $f) { nodes { id } } }';
  const days = 'query ($f: BankTransactionFilter) { bankTransactions(filter: $f) { nodes { id } } }';
  const authenticate =
    'mutation ($i: AuthenticateCardholderInput!) { authenticateCardholder(input: $i) { __typename } }';
  test.each<[string, object]>([
    [filtered, { f: { status: SECRET } }],
    [filtered, { f: { status: { of: SECRET } } }],
    [filtered, { f: { from: SECRET } }],
    [filtered, { f: { from: { of: SECRET } } }],
    [filtered, { f: SECRET }],
    [filtered, { f: { statuss: SECRET } }],
    [days, { f: { from: SECRET } }],
    [days, { f: { from: [SECRET] } }],
    [authenticate, { i: { authToken: SECRET } }],
    [authenticate, { i: { authToken: [SECRET], cardholderVerificationId: '1' } }],
    [
      'mutation ($i: StartCassoAuthorizationInput!) { startCassoAuthorization(input: $i) { __typename } }',
      { i: { redirectUri: SECRET } },
    ],
    ['query ($n: Int) { accounts(first: $n) { nodes { id } } }', { n: SECRET }],
    [
      'query ($f: BankTransactionEventFilter) { bankTransactionEvents(filter: $f) { nodes { cursor } } }',
      { f: { minimumAmount: SECRET } },
    ],
  ])('%s %j', async (query, variables) => {
    const { errors } = await development.ask(query, variables);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(errors?.[0]?.message).toMatch(/^Variable "\$\w" got an invalid value/);
    expect(errors?.[0]?.message).not.toContain(SECRET);
  });
});

test.each([
  `{"query": "{ viewer { kind } }", "variables": { "apiKey": "${SECRET}", } }`,
  SECRET,
  `{"a": ${SECRET}}`,
])('a mistake never repeats what a body held that is no JSON: %s', async (body) => {
  const response = await fetch(`${production.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(await response.json()).toEqual({
    errors: [
      {
        message: 'The body is not valid JSON. Send an object, such as {"query":"{ viewer { kind } }"}.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ],
  });
});

describe('what was meant is suggested to developers alone', () => {
  const slips: readonly [string, object?][] = [
    ['{ acounts { nodes { id } } }'],
    ['{ accounts(frist: 1) { nodes { id } } }'],
    ['{ viewer { knd } }'],
    ['{ accounts { nodes { ... on Acount { id } } } }'],
    ['{ viewer }'],
    ['{ transactions(filter: { status: PENDIN }) { nodes { id } } }'],
    ['{ transactions(filter: { stats: PENDING }) { nodes { id } } }'],
    ['query ($f: TransactionFiltr) { transactions(filter: $f) { nodes { id } } }'],
    [
      'query ($f: TransactionFilter) { transactions(filter: $f) { nodes { id } } }',
      { f: { status: 'PENDIN' } },
    ],
    [
      'query ($f: TransactionFilter) { transactions(filter: $f) { nodes { id } } }',
      { f: { stats: 'PENDING' } },
    ],
  ];
  test.each(slips)('%s %j', async (query, variables = {}) => {
    const texts = await Promise.all(
      [development, production].map(async (gateway) =>
        (await gateway.ask(query, variables)).errors?.map(({ message }) => message).join(),
      ),
    );
    expect(texts[0]).toContain('Did you mean');
    expect(texts[1]).not.toMatch(/did you mean/i);
    expect(texts[1]?.length).toBeGreaterThan(15);
  });
});
