import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { logIn } from '../../src/sandbox/login.ts';
import { type Child, killChildren } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import { type Spoil, type SpoiledAnswers, startSpoiledAnswers } from '../support/spoiled-answers.ts';
import { subscribeOverSse } from '../support/sse-client.ts';
import { connect } from '../support/ws-client.ts';

const METRICS_TOKEN = 'metrics-token-of-these-tests-0000';

let gateway: ProcessGateway;
let bongloy: SpoiledAnswers;
let child: Child;
let token: string;
beforeAll(async () => {
  gateway = await prepareGatewayProcess();
  bongloy = await startSpoiledAnswers(gateway.bongloy.url);
  child = await gateway.start({ NODE_ENV: 'production', METRICS_TOKEN, BONGLOY_API_URL: bongloy.url });
  token = await logInAgain();
}, 120_000);
afterEach(() => {
  bongloy.spoil = null;
});
afterAll(async () => {
  killChildren();
  await bongloy.close();
  await gateway.remove();
});

/** A credential of its own, for which nothing is kept. */
const logInAgain = () => logIn({ ...gateway, app: { url: gateway.url } });

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: { readonly code: string; readonly field?: string } }[];
}

async function ask(query: string, variables: object = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

async function forgottenRejections(): Promise<string | undefined> {
  const response = await fetch(`${gateway.url}/metrics`, {
    headers: { authorization: `Bearer ${METRICS_TOKEN}` },
  });
  return /^mekong_unhandled_rejections_total (\d+)$/m.exec(await response.text())?.[1];
}

async function expectAlive(): Promise<void> {
  expect(await ask('{ viewer { kind } }')).toMatchObject({ data: { viewer: { kind: 'SESSION' } } });
  expect(await forgottenRejections()).toBe('0');
  expect(child.isRunning).toBe(true);
}

/** Lists whose rows wait for others (a card, an account) beside rows, or fields, that are at hand. */
const lists = (late: string, atOnce: string) => [
  `{ transactions(first: 50) { nodes { ${late} ${atOnce} } } }`,
  `{ transactions(first: 50) { edges { node { ${late} ${atOnce} } } } }`,
  `{ transactions(first: 50) { nodes { ${atOnce} ${late} } } }`,
  `{ activity(first: 50) { nodes { ... on Transaction { ${late} } ${atOnce} } } }`,
  `{ activity(first: 50) { nodes { ... on BankTransaction { bankAccount { accountName } } ${atOnce} } } }`,
  `{ activity(first: 50) { edges { node { ... on BankTransaction { bankAccount { accountName } ${atOnce} } ... on Transaction { ${late} } } } } }`,
];

test('a list of which some rows fail at once and others later is an error, and ends no process', async () => {
  for (const query of lists('card { status }', 'amount { formatted(locale: "no locale") }')) {
    // Often enough to be compiled, too.
    for (let time = 1; time <= 5; time += 1) {
      const { errors } = await ask(query);
      expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'locale' } });
    }
  }
  await expectAlive();
}, 60_000);

test('null in a variable that may not be null is refused before anything runs, over every transport', async () => {
  const refused = { extensions: { code: 'BAD_USER_INPUT', field: 'v' } };
  const head = 'query Q($v: Boolean = true)';
  const conditions = ['amount { currency @include(if: $v) }', 'amount { ... @include(if: $v) { currency } }'];
  const socket = await connect(gateway.url, token);
  for (const selection of conditions.flatMap((condition) => lists('card { status }', condition))) {
    const answer = await ask(`${head} ${selection}`, { v: null });
    expect(answer).toMatchObject({ errors: [refused] });
    expect(answer).not.toHaveProperty('data');
    const overSocket = await socket.subscribe(`${head} ${selection}`, { v: null }).next();
    expect(overSocket).toMatchObject({ errors: [refused] });
    expect(await ask(`${head} ${selection}`)).not.toHaveProperty('errors');
  }
  const news = `subscription News($v: Boolean = true) { activityEvents {
    ... on TransactionEvent { transaction { card { status } amount { currency @include(if: $v) } } } } }`;
  expect(await socket.subscribe(news, { v: null }).next()).toMatchObject({ errors: [refused] });
  const stream = subscribeOverSse(gateway.url, news, { v: null }, token);
  expect(await stream.next()).toMatchObject({ errors: [refused] });
  await socket.close();
  await expectAlive();
}, 60_000);

test('only a variable that stands where null may not is refused', async () => {
  const query = `query One($a: Int = 1) { accounts(first: $a) { nodes { id } } }
    query Two($a: Boolean = true) { viewer { kind @include(if: $a) } }`;
  const askNamed = async (operationName: string) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, operationName, variables: { a: null } }),
    });
    return response.json();
  };
  expect(await askNamed('One')).toMatchObject({ data: { accounts: { nodes: expect.any(Array) } } });
  expect(await askNamed('Two')).toMatchObject({ errors: [{ extensions: { field: 'a' } }] });
});

type Attributes = Record<string, unknown>;

/** Every other row of Bongloy's lists. @param spoilt what becomes of its attributes. */
const everyOther =
  (list: string, spoilt: (attributes: Attributes) => void): Spoil =>
  (document, path) => {
    if (!path.includes(`/${list}`)) return;
    const { data } = document as { data: { attributes: Attributes }[] | { attributes: Attributes } };
    const rows = Array.isArray(data) ? data : [data];
    rows.forEach(({ attributes }, index) => {
      if (index % 2 === 1) spoilt(attributes);
    });
  };

const WRONG_VALUES = [null, undefined, 'usd', 2 ** 31, [], {}];
const SPOILT: readonly (readonly [string, string, string])[] = [
  [
    'transactions',
    'currency',
    '{ transactions(first: 50) { nodes { card { lastFour } transactionAmount { currency } } } }',
  ],
  [
    'transactions',
    'transaction_currency',
    '{ transactions(first: 50) { nodes { card { lastFour } transactionAmount { currency } } } }',
  ],
  [
    'transactions',
    'currency',
    '{ activity(first: 50) { nodes { ... on Transaction { card { status } } amount { currency } } } }',
  ],
  ['transactions', 'status', '{ transactions(first: 50) { edges { node { card { status } status } } } }'],
  ['cards', 'exp_year', '{ cards(first: 14) { nodes { account { status } expYear } } }'],
  ['cards', 'status', '{ cards(first: 14) { nodes { account { status } status } } }'],
  ['accounts', 'status', '{ accounts(first: 50) { nodes { balance { available { decimal } } status } } }'],
];

test.each(SPOILT)(
  'rows of %s with any %s leave the process alive: %s',
  async (list, attribute, query) => {
    for (const value of WRONG_VALUES) {
      bongloy.spoil = null;
      token = await logInAgain();
      bongloy.spoil = everyOther(list, (attributes) => {
        attributes[attribute] = value;
      });
      for (let time = 1; time <= 4; time += 1) {
        const { errors = [] } = await ask(query);
        expect(errors.map(({ extensions }) => extensions.code)).not.toContain('BAD_USER_INPUT');
      }
    }
    bongloy.spoil = null;
    token = await logInAgain();
    await expectAlive();
  },
  120_000,
);
