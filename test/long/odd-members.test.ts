import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../src/lib/duration.ts';
import { freePorts } from '../support/free-ports.ts';
import type { Answer, Gateway } from '../support/gateway.ts';
import { cassoBody, cassoRow, postCasso, postCassoV2, startNews } from '../support/news.ts';
import { oddValues, surelyOdd } from '../support/odd-values.ts';
import { type SpoiledAnswers, startSpoiledAnswers } from '../support/spoiled-answers.ts';
import { type MemberTable, memberTables, wireMembers } from '../support/wire-members.ts';

type Document = Record<string, unknown>;

let bongloy: SpoiledAnswers;
let casso: SpoiledAnswers;
let gateway: Gateway;
let session: string;
/** Ahead of the system's clock: what was read a moment ago is old then. */
let ahead = 0;

beforeAll(async () => {
  const [bongloyPort = 0, cassoPort = 0] = await freePorts(2);
  [bongloy, casso] = await Promise.all([
    startSpoiledAnswers(`http://127.0.0.1:${bongloyPort}`),
    startSpoiledAnswers(`http://127.0.0.1:${cassoPort}`),
  ]);
  gateway = await startNews({
    bongloy: { port: bongloyPort, accessTokenSeconds: 1e6 },
    casso: { port: cassoPort },
    clock: { now: () => Date.now() + ahead },
    waits: { reconcileEvery: 24 * HOUR },
    env: { BONGLOY_API_URL: bongloy.url, CASSO_API_URL: casso.url },
  });
  session = await gateway.logIn();
}, 60_000);
afterEach(() => {
  bongloy.spoil = null;
  casso.spoil = null;
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([bongloy.close(), casso.close()]);
});

const TABLES = memberTables();
const tableOf = (document: string): MemberTable => {
  const table = TABLES.get(document);
  if (!table) throw new Error(`docs/providers.md says nothing of ${document}`);
  return table;
};

test.each([...TABLES])(
  'docs/providers.md has every member of %s once',
  (document, { needed, shown, ignored }) => {
    const [provider, name = ''] = document.split(' ');
    const members = wireMembers(provider === 'Casso' ? 'casso' : 'bongloy', name);
    expect(members.length).toBeGreaterThan(0);
    expect([...needed, ...shown, ...ignored].toSorted()).toEqual(members.toSorted());
  },
);

const MONEY = '{ minorUnits currency decimal formatted }';

/** A list of rows, each of which asks for everything. */
interface List {
  readonly document: string;
  readonly query: string;
  readonly field: string;
  readonly proxy: () => SpoiledAnswers;
  /** The row that is to be spoiled, and where its members are; undefined: another request. */
  readonly members: (document: any, path: string) => Document | undefined;
}

const resource = (path: string, at: number, part: 'attributes' | null) => (document: any, asked: string) => {
  const { pathname } = new URL(asked, 'http://provider');
  const row = pathname === path ? document?.data?.[at] : undefined;
  return part ? row?.[part] : row;
};

const TRANSACTIONS = `{ transactions(first: 5) { nodes {
  id transactionNumber type rawType status rawStatus balanceAdjustmentType direction description occurredAt
  amount ${MONEY} transactionAmount ${MONEY} totalFee ${MONEY} fees transactionTime settlementTime createdAt updatedAt
  details { type ... on CardTransactionDetails { merchant { name city country category } } }
} } }`;

const LISTS: readonly List[] = [
  {
    document: 'Bongloy TransactionAttributes',
    query: TRANSACTIONS,
    field: 'transactions',
    proxy: () => bongloy,
    members: resource('/connect/v1/transactions', 1, 'attributes'),
  },
  {
    document: 'Bongloy Resource',
    query: TRANSACTIONS,
    field: 'transactions',
    proxy: () => bongloy,
    members: resource('/connect/v1/transactions', 1, null),
  },
  {
    document: 'Bongloy CardAttributes',
    query:
      '{ cards(first: 5) { nodes { id lastFour expMonth expYear status rawStatus type rawType createdAt updatedAt } } }',
    field: 'cards',
    proxy: () => bongloy,
    members: resource('/connect/v1/cards', 1, 'attributes'),
  },
  {
    document: 'Bongloy AccountAttributes',
    query:
      '{ accounts(first: 5) { nodes { id number accountIdentifier currency status rawStatus metadata createdAt updatedAt } } }',
    field: 'accounts',
    proxy: () => bongloy,
    members: resource('/connect/v1/accounts', 1, 'attributes'),
  },
  {
    document: 'Casso WireTransaction',
    query: `{ bankTransactions(first: 5) { totalCount nodes {
      id reference amount ${MONEY} direction runningBalance ${MONEY} occurredAt description
      counterparty { accountNumber name bankId bankName } virtualAccount { number name }
    } } }`,
    field: 'bankTransactions',
    proxy: () => casso,
    members: (document, path) =>
      path.startsWith('/v2/transactions?') ? document?.data?.records?.[1] : undefined,
  },
  {
    document: 'Casso WireAccount',
    query: `{ bankAccounts { nodes { id accountNumber accountName bank { code name bin } balance ${MONEY} } } }`,
    field: 'bankAccounts',
    proxy: () => casso,
    members: (document, path) => (path === '/v2/accounts' ? document?.data?.[1] : undefined),
  },
];

/** Reads everything from the provider again. */
async function read(query: string): Promise<Answer> {
  ahead += 10 * MINUTE;
  return gateway.ask(query, {}, session);
}

interface Row {
  readonly id: string;
}

const nodesOf = ({ data }: Answer<any>, field: string): readonly Row[] => data?.[field].nodes;

/** @returns how often a member was there to be spoiled. */
function spoil(
  { proxy, members }: Pick<List, 'proxy' | 'members'>,
  member: string,
  value: unknown,
): () => number {
  let times = 0;
  proxy().spoil = (document, path) => {
    const row = members(document, path);
    if (!row) return;
    times += 1;
    if (value === undefined) delete row[member];
    else row[member] = value;
  };
  return () => times;
}

/** What the provider tells of that member as it should be. */
async function original({ proxy, members, query }: List, member: string): Promise<unknown> {
  let value: unknown;
  proxy().spoil = (document, path) => {
    value ??= members(document, path)?.[member];
  };
  await read(query);
  return value;
}

describe.each(LISTS)('in a list, $document', (list) => {
  const { needed, shown, ignored } = tableOf(list.document);

  test.each([...needed, ...shown, ...ignored])(
    '%s, however odd, fails no other row, and comes out as the table says',
    async (member) => {
      const value = await original(list, member);
      list.proxy().spoil = null;
      const rows: readonly Row[] = nodesOf(await read(list.query), list.field);
      const odd = rows[1];
      const others = rows.filter((row) => row !== odd);
      const cases = [...oddValues(value), surelyOdd(value)];
      for (const [index, spoiled] of cases.entries()) {
        const times = spoil(list, member, spoiled);
        const answer = await read(list.query);
        const what = `${member}: ${JSON.stringify(spoiled) ?? 'missing'}`;
        expect(answer.errors, what).toBeUndefined();
        expect(times(), what).toBeGreaterThan(0);
        const told = nodesOf(answer, list.field);
        expect(
          told.filter(({ id }) => others.some((other) => other.id === id)),
          what,
        ).toEqual(others);
        const its = told.filter(({ id }) => !others.some((other) => other.id === id));
        if (shown.includes(member) && member !== 'relationships')
          expect(its, what).toMatchObject([{ id: odd?.id }]);
        if (ignored.includes(member)) expect(its, what).toEqual([odd]);
        if (needed.includes(member) && index === cases.length - 1) {
          expect(
            told.map(({ id }) => id),
            what,
          ).not.toContain(odd?.id);
        }
        // Where pages are cut out of larger ones, another row may move up.
        expect(its.length, what).toBeLessThanOrEqual(1);
      }
    },
    120_000,
  );
});

/** What is asked for by itself. */
const SINGLES: readonly Omit<List, 'field'>[] = [
  {
    document: 'Bongloy CardholderAttributes',
    query: `{ cardholder { id name phoneNumber email type status additionalDetails metadata createdAt updatedAt
      individual { address dateOfBirth identityDocumentNumber identityDocumentType } } }`,
    proxy: () => bongloy,
    members: (document, path) => (path === '/connect/v1/cardholder' ? document?.data?.attributes : undefined),
  },
  {
    document: 'Bongloy CardIssuerAttributes',
    query:
      '{ cardIssuer { id identifier name code createdAt updatedAt cardArtwork { imageFrontUrl imageBackUrl } } }',
    proxy: () => bongloy,
    members: (document, path) =>
      path === '/connect/v1/card_issuer' ? document?.data?.attributes : undefined,
  },
  {
    document: 'Bongloy BalanceAttributes',
    query: `{ accounts(first: 1) { nodes { id balance { available ${MONEY} balance ${MONEY} } } } }`,
    proxy: () => bongloy,
    members: (document, path) => (path.endsWith('/balance') ? document?.data?.attributes : undefined),
  },
  {
    document: 'Casso WirePage',
    query: '{ bankTransactions(first: 5) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }',
    proxy: () => casso,
    members: (document, path) => (path.startsWith('/v2/transactions?') ? document?.data : undefined),
  },
];

describe.each(SINGLES)('asked for by itself, $document', (list) => {
  const { needed, shown, ignored } = tableOf(list.document);

  test.each([...needed, ...shown, ...ignored])(
    '%s, however odd, is UPSTREAM_UNAVAILABLE when it is needed, and no error otherwise',
    async (member) => {
      const value = await original({ ...list, field: '' }, member);
      const cases = [...oddValues(value), surelyOdd(value)];
      for (const [index, spoiled] of cases.entries()) {
        const times = spoil(list, member, spoiled);
        const { errors = [] } = await read(list.query);
        const what = `${member}: ${JSON.stringify(spoiled) ?? 'missing'}`;
        expect(times(), what).toBeGreaterThan(0);
        const codes = errors.map(({ extensions }) => extensions?.['code']);
        if (!needed.includes(member)) expect(codes, what).toEqual([]);
        else if (index === cases.length - 1) expect(codes, what).toEqual(['UPSTREAM_UNAVAILABLE']);
        else expect(['', 'UPSTREAM_UNAVAILABLE'], what).toContain(codes.join());
      }
    },
    120_000,
  );
});

const WEBHOOKS = [
  {
    document: 'Casso WebhookV1Transaction',
    send: (row: Document) => postCasso(gateway, cassoBody(row)),
    row: (id: number): Document => cassoRow(id, { bankAbbreviation: 'VCB', bankName: 'Vietcombank' }),
  },
  {
    document: 'Casso WebhookV2Transaction',
    send: (row: Document) => postCassoV2(gateway, row),
    row: (id: number): Document => ({
      id,
      reference: `FT${id}`,
      description: 'chuyen tien',
      amount: 250_000,
      runningBalance: 1_000_000,
      transactionDateTime: '2026-03-01 09:30:00',
      accountNumber: '00710008888',
      bankName: 'Vietcombank',
      bankAbbreviation: 'VCB',
      virtualAccountNumber: '',
      counterAccountName: 'A',
      counterAccountNumber: '1',
    }),
  },
];

let lastId = 5_000_000;

describe.each(WEBHOOKS)('in a webhook, $document', ({ document, send, row }) => {
  const { needed, shown } = tableOf(document);

  test.each([...needed, ...shown])(
    '%s, however odd, is answered 200, and the row told or kept aside as the table says',
    async (member) => {
      const operator = await gateway.operatorToken();
      const cases = [...oddValues(row(0)[member]), surelyOdd(row(0)[member])];
      for (const [index, spoiled] of cases.entries()) {
        lastId += 1;
        const what = `${member}: ${JSON.stringify(spoiled) ?? 'missing'}`;
        const { eventCursor } = (await gateway.ask('{ eventCursor }', {}, operator)).data ?? {};
        // Some rows bear a second name for the account's number, which is good in the place of the first.
        const other = member === 'bank_sub_acc_id' ? { subAccId: undefined } : {};
        expect((await send({ ...row(lastId), ...other, [member]: spoiled })).status, what).toBe(200);
        const { data, errors } = await gateway.ask(
          `query ($after: String!) { bankTransactionEvents(after: $after) { nodes {
            bankTransaction { reference amount ${MONEY} occurredAt runningBalance ${MONEY} description }
          } } }`,
          { after: eventCursor },
          operator,
        );
        expect(errors, what).toBeUndefined();
        const told = data?.bankTransactionEvents.nodes;
        if (shown.includes(member) && !member.startsWith('bank')) expect(told, what).toHaveLength(1);
        if (needed.includes(member) && index === cases.length - 1) expect(told, what).toEqual([]);
      }
    },
    120_000,
  );
});
