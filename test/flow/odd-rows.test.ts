import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../src/lib/duration.ts';
import { freePorts } from '../support/free-ports.ts';
import type { Answer, Gateway } from '../support/gateway.ts';
import {
  BONGLOY_SECRET,
  bongloyAuthorization,
  bongloyBody,
  postBongloy,
  startNews,
  TRANSPORTS,
} from '../support/news.ts';
import { type SpoiledAnswers, startSpoiledAnswers } from '../support/spoiled-answers.ts';
import { within } from '../support/within.ts';

let bongloy: SpoiledAnswers;
let casso: SpoiledAnswers;
let gateway: Gateway;
let session: string;
let ahead = 0;
const log: Record<string, unknown>[] = [];
const write = (level: string) => (fields: unknown, msg?: string) => {
  log.push({ level, msg, ...(typeof fields === 'object' ? fields : { msg: fields }) });
};

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
    logger: { debug: () => {}, info: () => {}, warn: write('warn'), error: write('error') },
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

/** Reads everything from the provider again. */
async function read(query: string) {
  ahead += 10 * MINUTE;
  return gateway.ask(query, {}, session);
}

test('a walk in pages of any size tells every row but the odd ones, once, and ends', async () => {
  const walk = async (first: number): Promise<string[]> => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 400; pages += 1) {
      const { data, errors }: Answer<any> = await gateway.ask(
        `query ($first: Int, $after: String) { transactions(first: $first, after: $after) {
          nodes { providerId } pageInfo { hasNextPage endCursor }
        } }`,
        { first, after },
        session,
      );
      expect(errors).toBeUndefined();
      seen.push(...data?.transactions.nodes.map((row: { providerId: string }) => row.providerId));
      if (!data?.transactions.pageInfo.hasNextPage) return seen;
      after = data.transactions.pageInfo.endCursor;
    }
    throw new Error('the walk does not end');
  };
  const all = await walk(100);
  // The first, the last, and three in a row.
  const odd = new Set([all[0], all[4], all[5], all[6], all.at(-1)]);
  bongloy.spoil = (document: any, path) => {
    if (!path.startsWith('/connect/v1/transactions?')) return;
    for (const row of document.data ?? []) if (odd.has(row.id)) row.attributes.currency = 'usd';
  };
  for (const first of [1, 2, 3, 10, 100]) {
    ahead += MINUTE;
    expect(await walk(first), `pages of ${first}`).toEqual(all.filter((id) => !odd.has(id)));
  }
}, 60_000);

test('a list of which no row can be read is an error, and no empty list', async () => {
  bongloy.spoil = (document: any) => {
    for (const row of [document.data].flat()) if (row?.attributes?.currency) row.attributes.currency = 'usd';
  };
  casso.spoil = (document: any) => {
    for (const row of document.data?.records ?? document.data ?? []) row.id = String(row.id);
  };
  for (const field of ['transactions(first: 50)', 'accounts(first: 1)', 'bankTransactions', 'bankAccounts']) {
    const { data, errors } = await read(`{ ${field} { nodes { id } } }`);
    expect(data, field).toEqual({ [field.replace(/\(.*/, '')]: null });
    expect(errors, field).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
  }
});

test('what is asked for by its id and cannot be read is an error; a relation to it fails alone', async () => {
  const { data } = await read('{ transactions(first: 2) { nodes { id card { id providerId } } } }');
  const [row] = data?.transactions.nodes ?? [];
  bongloy.spoil = (document: any) => {
    for (const each of [document.data].flat()) if (each?.type === 'card') each.attributes.exp_year = 2 ** 31;
  };
  const node = await read(`{ node(id: "${row.card.id}") { id } }`);
  expect(node.errors).toMatchObject([{ path: ['node'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
  const list = await read('{ transactions(first: 2) { nodes { id card { lastFour } } } }');
  expect(list.data?.transactions.nodes).toMatchObject([{ id: row.id, card: null }, { card: null }]);
});

test.each([
  ['{ transactions(first: 20) { nodes { card { status } } } }', '/connect/v1/cards'],
  ['{ transactions(first: 20) { nodes { account { status } } } }', '/connect/v1/accounts'],
  ['{ accounts(first: 2) { nodes { cards { nodes { id } } } } }', '/connect/v1/cards'],
])('a list that answers the same row for ever ends at once: %s', async (query, path) => {
  let asked = 0;
  let same: unknown;
  bongloy.spoil = (document: any, asking) => {
    if (!asking.startsWith(`${path}?`)) return;
    asked += 1;
    same ??= document.data[0];
    document.data = [same];
    document.links = { prev: null, next: 'http://example.org/next' };
  };
  const { errors } = await within(5, () => 'not answered', read(query));
  expect(errors?.map(({ extensions }) => extensions?.['code'])).toContain('UPSTREAM_UNAVAILABLE');
  expect(asked).toBeLessThanOrEqual(6);
});

test("Casso's pages that repeat end a walk with an error", async () => {
  let first: unknown;
  casso.spoil = (document: any, path) => {
    if (!path.startsWith('/v2/transactions?')) return;
    first ??= document.data.records;
    document.data.records = first;
    document.data.totalPages = 1000;
  };
  const query =
    '{ bankTransactions(first: 100, filter: { direction: DEBIT }) { nodes { id } pageInfo { endCursor } } }';
  const { errors } = await within(5, () => 'not answered', read(query));
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
});

const SUBSCRIPTION = `subscription ($after: String) { activityEvents(after: $after) {
  __typename ... on TransactionEvent { cursor transaction { providerId } }
} }`;

test('an event whose transaction cannot be read comes with null and an error, and the stream goes on', async () => {
  const { data } = await read('{ eventCursor transactions(first: 2) { nodes { providerId } } }');
  const [odd, good] = data?.transactions.nodes.map((row: { providerId: string }) => row.providerId);
  bongloy.spoil = (document: any) => {
    for (const row of [document.data].flat()) {
      if (row?.id === odd && row.attributes) row.attributes.balance_adjustment_type = 'reversal';
    }
  };
  const after = data?.eventCursor;
  const opened = await Promise.all(
    TRANSPORTS.map(([, open]) => open(gateway.url, SUBSCRIPTION, { after }, session)),
  );
  const authorization = bongloyAuthorization(BONGLOY_SECRET, MINUTE + ahead / 1000);
  for (const id of [odd, good]) {
    expect((await postBongloy(gateway, bongloyBody(id), { authorization })).status).toBe(200);
  }
  // As if the client had been away.
  opened.push(
    ...(await Promise.all(TRANSPORTS.map(([, open]) => open(gateway.url, SUBSCRIPTION, { after }, session)))),
  );
  const expected = [
    {
      data: { activityEvents: { transaction: null } },
      errors: [{ path: ['activityEvents', 'transaction'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }],
    },
    { data: { activityEvents: { transaction: { providerId: good } } } },
  ];
  for (const { feed } of opened) {
    const told = async () => [await feed.next(), await feed.next()];
    expect(await within(5, () => JSON.stringify(feed.results), told())).toMatchObject(expected);
  }
  await Promise.all(opened.map((open) => open.close()));
  const page = await gateway.ask(
    `query ($after: String) { transactionEvents(after: $after) { nodes { cursor transaction { providerId } } } }`,
    { after },
    session,
  );
  expect(page.data?.transactionEvents.nodes).toMatchObject([
    { transaction: null },
    { transaction: { providerId: good } },
  ]);
  expect(page.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
});

test('each is counted and warned of, and nothing of what was sent is in the log', async () => {
  log.length = 0;
  bongloy.spoil = (document: any, path) => {
    if (path.endsWith('/cardholder')) document.data.attributes.individual.date_of_birth = '5 Jan 1990';
    if (path.startsWith('/connect/v1/cards')) document.data[0].attributes.exp_month = 'SECRET';
  };
  const { data, errors } = await read('{ cardholder { individual { dateOfBirth } } cards { nodes { id } } }');
  expect(errors).toBeUndefined();
  expect(data?.cardholder).toEqual({ individual: { dateOfBirth: null } });
  expect(log).toMatchObject([
    { level: 'warn', provider: 'BONGLOY', reason: 'cardholder.date_of_birth' },
    { level: 'warn', provider: 'BONGLOY', reason: 'card.exp_month' },
  ]);
  expect(JSON.stringify(log)).not.toMatch(/1990|SECRET/);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(
    /mekong_unreadable_total\{provider="BONGLOY",kind="card",member="exp_month",lost="row"\} [1-9]/,
  );
});
