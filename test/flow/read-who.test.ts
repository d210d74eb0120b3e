import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_ACCOUNTS, SANDBOX_TRANSACTIONS } from '../../src/providers/bongloy/sandbox/index.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, logInAs } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
let tokens: Record<Who, string | undefined>;

type Who =
  | 'nobody'
  | 'a session of Bongloy'
  | 'a session of Casso'
  | 'a session of both'
  | 'an operator without scopes'
  | 'an operator who may read'
  | 'an operator who may read events'
  | 'an operator who may sync and administer';

beforeAll(async () => {
  gateway = await startGateway();
  const { apiKey } = SANDBOX_BUSINESSES.main;
  tokens = {
    nobody: undefined,
    'a session of Bongloy': await logInAs(gateway, 'main'),
    'a session of Casso': await linkCasso(gateway, apiKey),
    'a session of both': await gateway.logIn(),
    'an operator without scopes': await gateway.operatorToken([]),
    'an operator who may read': await gateway.operatorToken(['casso:read']),
    'an operator who may read events': await gateway.operatorToken(['events:read']),
    'an operator who may sync and administer': await gateway.operatorToken(['casso:sync', 'casso:admin']),
  };
});
afterAll(() => gateway.stop());

const TOKEN = { code: 'UNAUTHENTICATED' };
const BONGLOY = { code: 'UNAUTHENTICATED', provider: 'BONGLOY' };
const CASSO = { code: 'UNAUTHENTICATED', provider: 'CASSO' };
const READ = { code: 'FORBIDDEN', requiredScope: 'casso:read' };
const EVENTS = { code: 'FORBIDDEN', requiredScope: 'events:read' };
type Verdict = 'answered' | typeof TOKEN | typeof BONGLOY | typeof READ;

/** Who asks, in this order: */
const WHO: readonly Who[] = [
  'nobody',
  'a session of Bongloy',
  'a session of Casso',
  'a session of both',
  'an operator without scopes',
  'an operator who may read',
  'an operator who may read events',
  'an operator who may sync and administer',
];
type Verdicts = readonly Verdict[];
const ok = 'answered';
const OF_EVERYONE: Verdicts = [ok, ok, ok, ok, ok, ok, ok, ok];
const OF_SOMEBODY: Verdicts = [TOKEN, ok, ok, ok, ok, ok, ok, ok];
const OF_BONGLOY: Verdicts = [BONGLOY, ok, BONGLOY, ok, BONGLOY, BONGLOY, BONGLOY, BONGLOY];
const OF_CASSO: Verdicts = [CASSO, CASSO, ok, ok, READ, ok, READ, READ];
const OF_CASSO_EVENTS: Verdicts = [CASSO, CASSO, ok, ok, EVENTS, EVENTS, ok, EVENTS];
const OF_ACTIVITY: Verdicts = [TOKEN, ok, ok, ok, READ, ok, READ, READ];
const OF_BONGLOY_NODE: Verdicts = [TOKEN, ...OF_BONGLOY.slice(1)];
const OF_CASSO_NODE: Verdicts = [TOKEN, ...OF_CASSO.slice(1)];

const ACCOUNT = encodeGlobalId('Account', SANDBOX_ACCOUNTS.everyday);
const CARD = encodeGlobalId('Card', 'cad00000-0000-4000-8000-000000000001');
const TRANSACTION = encodeGlobalId('Transaction', SANDBOX_TRANSACTIONS.foreign);
const BANK_ACCOUNT = encodeGlobalId('BankAccount', '2101');
const UNKNOWN_BANK_TRANSACTION = encodeGlobalId('BankTransaction', '9999999999');

const FIELDS: readonly (readonly [field: string, verdicts: Verdicts])[] = [
  ['viewer { kind }', OF_EVERYONE],
  ['cardIssuer { id }', OF_BONGLOY],
  ['cardholder { id }', OF_BONGLOY],
  [`account(id: "${ACCOUNT}") { id }`, OF_BONGLOY],
  ['accounts(first: 1) { nodes { id } }', OF_BONGLOY],
  [`card(id: "${CARD}") { id }`, OF_BONGLOY],
  ['cards(first: 1) { nodes { id } }', OF_BONGLOY],
  [`transaction(id: "${TRANSACTION}") { id }`, OF_BONGLOY],
  ['transactions(first: 1) { nodes { id } }', OF_BONGLOY],
  ['transactionEvents(first: 1) { nodes { type } }', OF_BONGLOY],
  [`bankAccount(id: "${BANK_ACCOUNT}") { id }`, OF_CASSO],
  ['bankAccounts(first: 1) { nodes { id } }', OF_CASSO],
  [`bankTransaction(id: "${UNKNOWN_BANK_TRANSACTION}") { id }`, OF_CASSO],
  ['bankTransactions(first: 1) { nodes { id } }', OF_CASSO],
  ['bankTransactionEvents(first: 1) { nodes { type } }', OF_CASSO_EVENTS],
  ['activity(first: 1) { nodes { id } }', OF_ACTIVITY],
  ['eventCursor', OF_SOMEBODY],
  [`node(id: "${ACCOUNT}") { id }`, OF_BONGLOY_NODE],
  [`node(id: "${BANK_ACCOUNT}") { id }`, OF_CASSO_NODE],
  [`nodes(ids: ["${CARD}"]) { id }`, OF_BONGLOY_NODE],
  [`nodes(ids: ["${UNKNOWN_BANK_TRANSACTION}"]) { id }`, OF_CASSO_NODE],
];

describe.each(WHO.map((who, index) => ({ who, index })))('to $who', ({ who, index }) => {
  test.each(FIELDS)('%s', async (field, verdicts) => {
    gateway.bongloy.clearRequests();
    gateway.casso.clearRequests();
    const { data, errors, status } = await gateway.ask(`{ ${field} }`, {}, tokens[who]);
    const verdict = verdicts[index] ?? ok;
    expect(status).toBe(200);
    if (verdict === ok) {
      expect(errors).toBeUndefined();
      expect(data).not.toBeNull();
      return;
    }
    expect(errors?.map(({ extensions }) => extensions)).toEqual([verdict]);
    expect([...gateway.bongloy.requests, ...gateway.casso.requests]).toEqual([]);
  });
});

test('every root field of queries is among those that were asked', async () => {
  const { data } = await gateway.ask('{ __schema { queryType { fields { name } } } }');
  const names = data?.__schema.queryType.fields.map(({ name }: { name: string }) => name);
  expect(new Set(FIELDS.map(([field]) => /^\w+/.exec(field)?.[0]))).toEqual(new Set(names));
});

test('viewer says what a token is, and whose fields will answer', async () => {
  const query = '{ viewer { kind expiresAt linkedProviders } }';
  const ask = async (who: Who) => (await gateway.ask(query, {}, tokens[who])).data?.viewer;
  expect(await ask('nobody')).toEqual({ kind: 'ANONYMOUS', expiresAt: null, linkedProviders: [] });
  const until = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(await ask('a session of Bongloy')).toEqual({
    kind: 'SESSION',
    expiresAt: until,
    linkedProviders: ['BONGLOY'],
  });
  expect(await ask('a session of Casso')).toMatchObject({ kind: 'SESSION', linkedProviders: ['CASSO'] });
  expect(await ask('a session of both')).toMatchObject({
    kind: 'SESSION',
    linkedProviders: ['BONGLOY', 'CASSO'],
  });
  expect(await ask('an operator who may read')).toEqual({
    kind: 'OPERATOR',
    expiresAt: until,
    linkedProviders: ['CASSO'],
  });
});

test("a session's activity holds what it has linked, without an error for what it has not", async () => {
  const query = '{ activity(first: 10) { nodes { provider } unavailableProviders } }';
  for (const [who, provider] of [
    ['a session of Bongloy', 'BONGLOY'],
    ['a session of Casso', 'CASSO'],
    ['an operator who may read', 'CASSO'],
  ] as const) {
    const { data, errors } = await gateway.ask(query, {}, tokens[who]);
    expect(errors).toBeUndefined();
    expect(new Set(data?.activity.nodes.map((row: { provider: string }) => row.provider))).toEqual(
      new Set([provider]),
    );
    expect(data?.activity.unavailableProviders).toEqual([]);
  }
});

test('one field that is refused leaves the others their answers', async () => {
  const { data, errors } = await gateway.ask(
    '{ viewer { kind } accounts(first: 1) { nodes { id } } bankAccounts(first: 1) { nodes { id } } }',
    {},
    tokens['a session of Casso'],
  );
  expect(data).toMatchObject({ viewer: { kind: 'SESSION' }, accounts: null });
  expect(data?.bankAccounts.nodes).toHaveLength(1);
  expect(errors).toEqual([expect.objectContaining({ path: ['accounts'], extensions: BONGLOY })]);
});

describe('a token that is not valid fails the request, and is never taken for nobody', () => {
  test.each([
    ['of the form of a session', 'A'.repeat(43)],
    ['of the form of a JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'],
    ['of no form', 'x'],
  ])('%s', async (_form, token) => {
    const { status, headers, data, errors } = await gateway.ask('{ viewer { kind } }', {}, token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test('and so does another scheme than Bearer', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Basic YTpi' },
      body: JSON.stringify({ query: '{ viewer { kind } }' }),
    });
    expect(response.status).toBe(401);
    expect((await response.json()).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});
