import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/domain/cursor.ts';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_ACCOUNTS } from '../../src/providers/bongloy/sandbox/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

/** Without the operator's key nothing is reconciled: nothing but the tests' own queries asks the providers. */
const QUIET = { CASSO_API_KEY: '' };

const EVERYDAY = encodeGlobalId('Account', SANDBOX_ACCOUNTS.everyday);
const SAVINGS = encodeGlobalId('Account', SANDBOX_ACCOUNTS.savings);
const CARD = encodeGlobalId('Card', 'cad00000-0000-4000-8000-000000000001');
const BANK_ACCOUNT = encodeGlobalId('BankAccount', '2101');
const NOBODY = '00000000-0000-4000-8000-000000000000';

let gateway: Gateway;
let token: string;
const cursors = {
  transaction: '',
  filtered: '',
  account: '',
  ofAccount: '',
  card: '',
  bank: '',
  activity: '',
};

beforeAll(async () => {
  gateway = await startGateway({ env: QUIET });
  token = await gateway.logIn();
  const first = '(first: 1) { edges { cursor } }';
  const { data } = await gateway.ask(
    `{
      transaction: transactions${first}
      filtered: transactions(filter: { status: SETTLED }, first: 1) { edges { cursor } }
      account: accounts${first}
      ofAccount: account(id: "${EVERYDAY}") { cards${first} }
      card: cards${first}
      bank: bankTransactions${first}
      activity${first}
    }`,
    {},
    token,
  );
  for (const [name, list] of Object.entries(data ?? {})) {
    cursors[name as keyof typeof cursors] = (list.cards ?? list).edges[0].cursor;
  }
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
});

/** Asks, and expects BAD_USER_INPUT that names the argument, before any provider was asked. */
async function expectRefused(field: string, query: string, variables: object = {}) {
  const { data, errors, upstream } = await gateway.ask(query, variables, token);
  expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT', field }]);
  expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([]);
  // What is refused before it runs has no count to tell.
  expect(upstream ?? { bongloy: 0, casso: 0 }).toEqual({ bongloy: 0, casso: 0 });
  expect([...gateway.bongloy.requests, ...gateway.casso.requests]).toEqual([]);
}

/** The requests that the providers got since the test began. */
const asked = (path: string) =>
  [...gateway.bongloy.requests, ...gateway.casso.requests].filter((request) => request.path.startsWith(path));

const LISTS = ['accounts', 'cards', 'transactions'] as const;
const FORWARD_LISTS = ['bankAccounts', 'bankTransactions', 'activity'] as const;
const EVENT_LISTS = ['transactionEvents', 'bankTransactionEvents'] as const;

describe('a malformed id is refused, naming the argument, and costs no upstream call', () => {
  describe.each([
    ['is empty', ''],
    ['is any text', 'not an id'],
    ["is the provider's own", SANDBOX_ACCOUNTS.everyday],
    ['names no type', Buffer.from(`Wallet:${NOBODY}`).toString('base64url')],
    ['names a type, and no UUID or integer', Buffer.from('Account:abc').toString('base64url')],
    ['leads elsewhere', Buffer.from('Account:../cards').toString('base64url')],
    ['names what every object has', Buffer.from('constructor:1').toString('base64url')],
    ['is padded', `${EVERYDAY}=`],
    ['goes on behind its end', `${EVERYDAY}AA`],
  ])('one that %s', (_form, id) => {
    test.each(['account', 'card', 'transaction', 'bankAccount', 'bankTransaction', 'node'])(
      '%s(id:)',
      (field) => expectRefused('id', `query ($id: ID!) { ${field}(id: $id) { id } }`, { id }),
    );

    test('nodes(ids:), among good ones', () =>
      expectRefused('ids', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [EVERYDAY, id] }));

    test.each([
      ['transactions', 'accountId'],
      ['transactions', 'cardId'],
      ['bankTransactions', 'bankAccountId'],
      ['transactionEvents', 'accountId'],
      ['transactionEvents', 'cardId'],
      ['bankTransactionEvents', 'bankAccountId'],
    ])('%s(filter: { %s: })', (list, name) =>
      expectRefused(
        `filter.${name}`,
        `query ($id: ID) { ${list}(filter: { ${name}: $id }) { pageInfo { hasNextPage } } }`,
        { id },
      ),
    );
  });
});

describe('the id of another type is refused, naming the argument', () => {
  test.each([
    ['account', CARD],
    ['card', EVERYDAY],
    ['transaction', CARD],
    ['bankAccount', encodeGlobalId('BankTransaction', '1')],
    ['bankTransaction', BANK_ACCOUNT],
  ])('%s(id:)', (field, id) => expectRefused('id', `query ($id: ID!) { ${field}(id: $id) { id } }`, { id }));

  test.each([
    ['transactions', 'accountId', CARD],
    ['transactions', 'cardId', EVERYDAY],
    ['bankTransactions', 'bankAccountId', EVERYDAY],
  ])('%s(filter: { %s: })', (list, name, id) =>
    expectRefused(
      `filter.${name}`,
      `query ($id: ID) { ${list}(filter: { ${name}: $id }) { nodes { id } } }`,
      { id },
    ),
  );
});

describe('a cursor that is not of the list is refused, naming the argument, and costs no upstream call', () => {
  const ask = (argument: string, list: string, cursor: string) => {
    const place = `${argument}: $cursor`;
    const field = list.endsWith(')') ? list.replace(')', `, ${place})`) : `${list}(${place})`;
    return expectRefused(argument, `query ($cursor: String) { ${field} { pageInfo { hasNextPage } } }`, {
      cursor,
    });
  };

  test.each([...LISTS, ...FORWARD_LISTS, ...EVENT_LISTS])('%s: what is no cursor at all', async (list) => {
    for (const cursor of ['', 'abc', EVERYDAY, SANDBOX_ACCOUNTS.everyday]) await ask('after', list, cursor);
  });

  test.each<[what: string, list: string, cursor: () => string]>([
    [
      'of another version',
      'accounts',
      () => Buffer.from(`v0:bongloy.account:${NOBODY}`).toString('base64url'),
    ],
    ['that holds no UUID', 'accounts', () => encodeCursor('bongloy.account', '../cards')],
    ['of another list', 'cards', () => cursors.account],
    ["of one account's cards", 'cards', () => cursors.ofAccount],
    ['of all transactions', 'transactions(filter: { status: SETTLED })', () => cursors.transaction],
    ['of the filtered ones', 'transactions', () => cursors.filtered],
    ['of those with another filter', 'transactions(filter: { status: PENDING })', () => cursors.filtered],
    ['of the other provider', 'transactions', () => cursors.bank],
    ['of both providers together', 'transactions', () => cursors.activity],
  ])('one %s: %s', async (_what, list, cursor) => {
    await ask('after', list, cursor());
    await ask('before', list, cursor());
  });

  test.each<[what: string, list: string, cursor: () => string]>([
    ['of the other provider', 'bankTransactions', () => cursors.transaction],
    ['of all days', 'bankTransactions(filter: { from: "2026-01-01" })', () => cursors.bank],
    ['of the other provider', 'bankAccounts', () => cursors.account],
    ['of another list', 'bankAccounts', () => cursors.bank],
    ['of one provider', 'activity', () => cursors.transaction],
    ['of a list', 'transactionEvents', () => cursors.transaction],
  ])('one %s: %s', (_what, list, cursor) => ask('after', list, cursor()));
});

describe('page sizes and mixtures that make no sense are refused, naming the argument', () => {
  const ask = (field: string, list: string, args: string) =>
    expectRefused(field, `{ ${list}(${args}) { pageInfo { hasNextPage } } }`);

  test.each([...LISTS, ...FORWARD_LISTS, ...EVENT_LISTS])('%s: first below 0, or over 100', async (list) => {
    await ask('first', list, 'first: -1');
    await ask('first', list, 'first: 101');
  });

  test.each(LISTS)('%s: last below 0, over 100, without before, or with first', async (list) => {
    const { account: accounts, card: cards, transaction: transactions } = cursors;
    const before = `before: "${{ accounts, cards, transactions }[list]}"`;
    await ask('last', list, `last: -1, ${before}`);
    await ask('last', list, `last: 101, ${before}`);
    await ask('last', list, 'last: 1');
    await ask('last', list, `last: 1, first: 1, ${before}`);
  });

  test('a list below an account is refused for its argument too, its own call unspent', async () => {
    const query = `query ($id: ID!) { account(id: $id) { transactions(first: 101) { nodes { id } } } }`;
    const { errors } = await gateway.ask(query, { id: EVERYDAY }, token);
    expect(errors?.[0]).toMatchObject({
      path: ['account', 'transactions'],
      extensions: { code: 'BAD_USER_INPUT', field: 'first' },
    });
    expect(asked('/connect/v1/transactions')).toEqual([]);
  });

  test('nodes(ids:) takes 100 ids and not 101', async () => {
    const ids = (count: number) =>
      Array.from({ length: count }, (_, n) =>
        encodeGlobalId('Card', `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
      );
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    await expectRefused('ids', query, { ids: ids(101) });
    const { data } = await gateway.ask(query, { ids: ids(100) }, token);
    expect(data?.nodes).toEqual(Array.from({ length: 100 }, () => null));
  });
});

describe('a filter that cannot be meant is refused, naming its field', () => {
  test('the status OTHER, which stands for words that nobody knows yet', async () => {
    await expectRefused('filter.status', '{ transactions(filter: { status: OTHER }) { nodes { id } } }');
  });

  test('a time that ends before it begins', async () => {
    await expectRefused(
      'filter.to',
      `{ transactions(filter: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { nodes { id } } }`,
    );
    await expectRefused(
      'filter.to',
      `{ bankTransactions(filter: { from: "2026-01-02", to: "2026-01-01" }) { nodes { id } } }`,
    );
  });

  test('below an account, a card or a bank account: another one than that itself', async () => {
    const ask = (query: string, variables: object) => gateway.ask(query, variables, token);
    const other = await ask(
      `query ($account: ID!, $filter: TransactionFilter) {
        account(id: $account) { transactions(filter: $filter) { nodes { id } } }
      }`,
      { account: EVERYDAY, filter: { accountId: SAVINGS } },
    );
    expect(other.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'filter.accountId' });
    const otherCard = await ask(
      `query ($card: ID!, $filter: TransactionFilter) {
        card(id: $card) { transactions(filter: $filter) { nodes { id } } }
      }`,
      { card: CARD, filter: { cardId: encodeGlobalId('Card', NOBODY) } },
    );
    expect(otherCard.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'filter.cardId' });
    const otherBank = await ask(
      `query ($id: ID!, $filter: BankTransactionFilter) {
        bankAccount(id: $id) { bankTransactions(filter: $filter) { nodes { id } } }
      }`,
      { id: BANK_ACCOUNT, filter: { bankAccountId: encodeGlobalId('BankAccount', '2102') } },
    );
    expect(otherBank.errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'filter.bankAccountId',
    });
    expect(asked('/connect/v1/transactions')).toEqual([]);
    expect(asked('/v2/accounts/')).toEqual([]);

    const itself = await ask(
      `query ($account: ID!) {
        account(id: $account) { transactions(filter: { accountId: $account }, first: 1) { nodes { id } } }
      }`,
      { account: EVERYDAY },
    );
    expect(itself.errors).toBeUndefined();
    expect(itself.data?.account.transactions.nodes).toHaveLength(1);
  });
});

describe('a value that its type does not allow is refused, naming the argument, in the document or in a variable', () => {
  test.each([
    ['transactions', 'DateTime', 'from', '"2026-01-01"'],
    ['transactions', 'DateTime', 'to', '"2026-02-30T00:00:00Z"'],
    ['bankTransactions', 'Date', 'from', '"2026-02-30"'],
    ['bankTransactions', 'Date', 'to', '"01/02/2026"'],
    ['bankTransactions', 'MoneyDirection', 'direction', '"UP"'],
  ])('%s: %s filter.%s: %s', async (list, type, name, value) => {
    const rows = '{ pageInfo { hasNextPage } }';
    const filter = list === 'transactions' ? 'TransactionFilter' : 'BankTransactionFilter';
    await expectRefused(`filter.${name}`, `{ ${list}(filter: { ${name}: ${value} }) ${rows} }`);
    await expectRefused(`filter.${name}`, `query ($filter: ${filter}) { ${list}(filter: $filter) ${rows} }`, {
      filter: { [name]: JSON.parse(value) },
    });
    await expectRefused('value', `query ($value: ${type}) { ${list}(filter: { ${name}: $value }) ${rows} }`, {
      value: JSON.parse(value),
    });
  });

  test.each(['', 'app.example.com/callback', '//app.example.com'])('%j is no URL', async (value) => {
    const start = (input: string) => `startCassoAuthorization(input: ${input}) { __typename }`;
    await expectRefused(
      'input.redirectUri',
      `mutation { ${start(`{ redirectUri: ${JSON.stringify(value)} }`)} }`,
    );
    await expectRefused('value', `mutation ($value: URL!) { ${start('{ redirectUri: $value }')} }`, {
      value,
    });
    await expectRefused(
      'input.redirectUri',
      `mutation ($input: StartCassoAuthorizationInput!) { ${start('$input')} }`,
      { input: { redirectUri: value } },
    );
  });

  test('a size that is no integer', async () => {
    await expectRefused('first', '{ accounts(first: "ten") { nodes { id } } }');
    await expectRefused('n', 'query ($n: Int) { accounts(first: $n) { nodes { id } } }', { n: 1.5 });
  });

  test.each(['', 'not a locale', 'en_US', '12'])('the locale "%s"', async (locale) => {
    const { errors, data } = await gateway.ask(
      `query ($locale: String) {
        transactions(first: 1) { nodes { amount { decimal formatted(locale: $locale) } } }
      }`,
      { locale },
      token,
    );
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'locale' });
    expect(data?.transactions).toBeNull();
  });
});

describe('what is well formed and is not there', () => {
  const foreign = encodeGlobalId('Account', '105563c0-e136-43ba-88d4-de968b4110c1');
  const unknown = encodeGlobalId('Account', NOBODY);

  test.each([
    ['account', unknown],
    ['account', foreign],
    ['card', encodeGlobalId('Card', NOBODY)],
    ['card', encodeGlobalId('Card', '86dbf71d-8fba-43ba-a1bc-a62385c68e62')],
    ['transaction', encodeGlobalId('Transaction', NOBODY)],
    ['transaction', encodeGlobalId('Transaction', '124b35c6-0246-42b3-8b88-fe4485fa3b4e')],
    ['bankAccount', encodeGlobalId('BankAccount', '9999999999')],
    ['bankAccount', encodeGlobalId('BankAccount', '2201')],
    ['bankTransaction', encodeGlobalId('BankTransaction', '9999999999')],
    ['bankTransaction', encodeGlobalId('BankTransaction', '100001')],
  ])("%s: null without an error, whether unknown or somebody else's", async (field, id) => {
    const query = `query ($id: ID!) { ${field}(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }`;
    const { data, errors } = await gateway.ask(query, { id }, token);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ [field]: null, node: null, nodes: [null] });
  });

  test("nodes: somebody else's among one's own is null in its place", async () => {
    const { data, errors } = await gateway.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      { ids: [foreign, EVERYDAY, unknown, CARD] },
      token,
    );
    expect(errors).toBeUndefined();
    expect(data?.nodes).toEqual([null, { id: EVERYDAY }, null, { id: CARD }]);
  });

  test("a filter by somebody else's account finds nothing", async () => {
    const query = 'query ($id: ID!) { transactions(filter: { accountId: $id }) { nodes { id } } }';
    const { data } = await gateway.ask(query, { id: foreign }, token);
    expect(data).toEqual({ transactions: { nodes: [] } });
  });

  test('a cursor whose row is gone is refused, and is not taken for the end of the list', async () => {
    const gone = gateway.bongloy.control.makePurchase();
    const query = 'query ($after: String) { transactions(first: 1, after: $after) { edges { cursor } } }';
    const newest = await gateway.ask(query, {}, await gateway.logIn());
    gateway.bongloy.control.deleteTransaction({ transactionId: gone.id });
    const after = newest.data?.transactions.edges[0].cursor;
    const { errors } = await gateway.ask(query, { after }, token);
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
  });
});
