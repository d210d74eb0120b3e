import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { encodeEventCursor } from '../../src/events/cursor.ts';
import { DAY } from '../../src/lib/duration.ts';
import { SANDBOX_ACCOUNTS } from '../../src/providers/bongloy/sandbox/index.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Json } from '../support/json.ts';
import {
  ACTIVITY_EVENTS,
  BANK_EVENTS,
  bongloyBody,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  type Open,
  postBongloy,
  postCasso,
  startNews,
  TRANSACTION_EVENTS,
  TRANSPORTS,
} from '../support/news.ts';

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startNews();
  token = await gateway.logIn();
});
afterAll(() => gateway.stop());

let before: string;
beforeEach(async () => {
  before = await eventCursor(gateway, token);
});

const opened: Open[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((open) => open.close()));
});

let rowId = 50_000;
/** Posts bank transactions, one delivery each, and returns their ids. */
async function bankNews(count: number, changes: object = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    rowId += 1;
    const response = await postCasso(gateway, cassoBody(cassoRow(rowId, changes)));
    expect(response.status).toBe(200);
    ids.push(String(rowId));
  }
  return ids;
}

/** Makes card payments, waits for their webhooks in turn, and returns their ids. */
async function cardNews(count: number, input: object = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    ids.push(gateway.bongloy.control.makePurchase(input).id);
    await gateway.bongloy.control.webhooksIdle();
  }
  return ids;
}

describe.each(TRANSPORTS)('over %s', (_name, transport) => {
  async function open(query: string, variables: object = {}, who = token) {
    const subscription = await transport(gateway.url, query, variables, who);
    opened.push(subscription);
    return subscription.feed;
  }

  test('every webhook that was answered 2xx arrives once and in order', async () => {
    const bank = await open(BANK_EVENTS, { after: before });
    const cards = await open(TRANSACTION_EVENTS, { after: before });
    const all = await open(ACTIVITY_EVENTS, { after: before });
    const first = await bankNews(5);
    const second = await cardNews(3);
    const third = await bankNews(2);
    expect(idsOf(await bank.events(7))).toEqual([...first, ...third]);
    expect(idsOf(await cards.events(3))).toEqual(second);
    expect(idsOf(await all.events(10))).toEqual([...first, ...second, ...third]);
  });

  test('an event says what it is, where it came from, and when', async () => {
    const query = `subscription ($after: String) { activityEvents(after: $after) {
      __typename
      ... on TransactionEvent { type source receivedAt transaction { amount { minorUnits } description } }
      ... on BankTransactionEvent { type source receivedAt bankTransaction { amount { minorUnits currency } direction } }
    } }`;
    const feed = await open(query, { after: before });
    await cardNews(1, { amount: 1234, merchant: 'Mekong Books' });
    await bankNews(1, { amount: -99_000 });
    const [card, bank] = await feed.events(2);
    expect(card).toMatchObject({
      __typename: 'TransactionEvent',
      type: 'transaction.created',
      source: 'WEBHOOK',
      transaction: { amount: { minorUnits: 1234 }, description: expect.stringContaining('Mekong Books') },
    });
    expect(bank).toMatchObject({
      __typename: 'BankTransactionEvent',
      type: 'bank_transaction.created',
      source: 'WEBHOOK',
      bankTransaction: { amount: { minorUnits: 99_000, currency: 'VND' }, direction: 'DEBIT' },
    });
    expect(Math.abs(Date.now() - Date.parse(card.receivedAt))).toBeLessThan(60_000);
  });

  test('without a cursor it begins with what comes next, and history stays out', async () => {
    const earlier = await bankNews(2);
    const feed = await open(BANK_EVENTS);
    const sent: string[] = [];
    // Nothing tells a client that its subscription stands but the first event.
    while (feed.results.length === 0) sent.push(...(await bankNews(1)));
    sent.push(...(await bankNews(3)));
    await feed.until(() =>
      idsOf(feed.results.map((r) => r.data?.['bankTransactionEvents'])).includes(sent.at(-1) ?? ''),
    );
    const seen = idsOf(feed.results.map((r) => r.data?.['bankTransactionEvents']));
    expect(seen).toEqual(sent.slice(-seen.length));
    expect(seen).not.toEqual(expect.arrayContaining(earlier));
  });

  test('a client that was away resumes after the last event that it handled: no gap, no repeat', async () => {
    const feed = await open(BANK_EVENTS, { after: before });
    const first = await bankNews(3);
    const handled = (await feed.events(3))[1];
    await Promise.all(opened.splice(0).map((subscription) => subscription.close()));
    const missed = await bankNews(250);
    const resumed = await open(BANK_EVENTS, { after: handled.cursor });
    const later = await bankNews(2);
    const seen = await resumed.events(1 + missed.length + later.length);
    expect(idsOf(seen)).toEqual([first[2], ...missed, ...later]);
  });

  test('a cursor is good for every event field', async () => {
    const feed = await open(BANK_EVENTS, { after: before });
    await bankNews(1);
    const { cursor } = await feed.event();
    const [payment] = await cardNews(1);
    const cards = await open(TRANSACTION_EVENTS, { after: cursor });
    expect(idsOf([await cards.event()])).toEqual([payment]);
  });

  test('the rows of one delivery come one by one, in their order', async () => {
    const feed = await open(BANK_EVENTS, { after: before });
    const ids = [3, 1, 2].map((n) => rowId + n);
    rowId += 3;
    await postCasso(gateway, cassoBody(...ids.map((id) => cassoRow(id))));
    const events = await feed.events(3);
    expect(idsOf(events)).toEqual(ids.map(String));
    expect(new Set(events.map(({ cursor }) => cursor)).size).toBe(3);
  });

  test('a settled payment is a second event of the same transaction', async () => {
    const feed = await open(TRANSACTION_EVENTS, { after: before });
    const [id] = await cardNews(1);
    gateway.bongloy.control.settle({ transactionId: id ?? '' });
    const [created, updated] = await feed.events(2);
    expect([created.type, updated.type]).toEqual(['transaction.created', 'transaction.updated']);
    expect(idsOf([created, updated])).toEqual([id, id]);
  });

  test('what the operation asks beyond the event is read anew for each event', async () => {
    const query = `subscription ($after: String) { transactionEvents(after: $after) {
      transaction { account { balance { available { minorUnits } } } }
    } }`;
    const feed = await open(query, { after: before });
    const balance = async () => {
      await cardNews(1, { amount: 500 });
      return (await feed.event()).transaction.account.balance.available.minorUnits;
    };
    const first = await balance();
    expect([await balance(), await balance()]).toEqual([first - 500, first - 1000]);
  });

  describe('filters on the server', () => {
    const { everyday, savings } = SANDBOX_ACCOUNTS;
    test('card events by account', async () => {
      const filter = { accountId: encodeGlobalId('Account', savings) };
      const feed = await open(TRANSACTION_EVENTS, { after: before, filter });
      await cardNews(1, { accountId: everyday });
      const wanted = await cardNews(2, { accountId: savings });
      expect(idsOf(await feed.events(2))).toEqual(wanted);
    });

    test('card events by card', async () => {
      const { id: cardId } = gateway.bongloy.control.addCard({ accountId: everyday });
      const filter = {
        cardId: encodeGlobalId('Card', cardId),
        accountId: encodeGlobalId('Account', everyday),
      };
      const feed = await open(TRANSACTION_EVENTS, { after: before, filter });
      await cardNews(1, { accountId: everyday, cardId: null });
      const wanted = await cardNews(1, { accountId: everyday, cardId });
      await cardNews(1, { accountId: savings });
      wanted.push(...(await cardNews(1, { accountId: everyday, cardId })));
      expect(idsOf(await feed.events(2))).toEqual(wanted);
    });

    const [, second] = SANDBOX_BUSINESSES.main.accounts;
    const onSecond = { bank_sub_acc_id: second.accountNumber, subAccId: second.accountNumber };
    const bankAccountId = encodeGlobalId('BankAccount', String(second.id));
    test.each([
      ['bank account', { bankAccountId }, { ...onSecond }, {}],
      ['direction', { direction: 'DEBIT' }, { amount: -1 }, { amount: 1 }],
      ['least amount, inclusive', { minimumAmount: 500 }, { amount: 500 }, { amount: 499 }],
      ['least amount, whichever way it moved', { minimumAmount: 500 }, { amount: -500 }, { amount: -499 }],
      [
        'all of them together',
        { bankAccountId, direction: 'DEBIT', minimumAmount: 500 },
        { ...onSecond, amount: -500 },
        { ...onSecond, amount: 500 },
      ],
    ])('bank events by %s', async (_what, filter, wanted, unwanted) => {
      const feed = await open(BANK_EVENTS, { after: before, filter });
      await bankNews(1, unwanted);
      const ids = await bankNews(1, wanted);
      await bankNews(1, unwanted);
      ids.push(...(await bankNews(1, wanted)));
      expect(idsOf(await feed.events(2))).toEqual(ids);
      const query = `query ($after: String, $filter: BankTransactionEventFilter) {
        bankTransactionEvents(after: $after, filter: $filter) { nodes { bankTransaction { providerId } } }
      }`;
      const { data } = await gateway.ask(query, { after: before, filter }, token);
      expect(idsOf(data?.bankTransactionEvents.nodes)).toEqual(ids);
    });
  });

  describe('a cursor that cannot be gone on from', () => {
    const epochOf = (cursor: string) => Buffer.from(cursor, 'base64url').toString().split(':')[2] ?? '';

    test.each([
      ['malformed', () => 'no cursor'],
      ['empty', () => ''],
      ['of another list', () => Buffer.from('v1:casso.account:1').toString('base64url')],
    ])('%s: BAD_USER_INPUT', async (_what, cursor) => {
      const feed = await open(BANK_EVENTS, { after: cursor() });
      expect(await refusal(feed)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
    });

    test.each([
      ['of another log', () => encodeEventCursor({ epochAt: () => '0123456789abcdef' }, 0)],
      ['beyond the end', () => encodeEventCursor({ epochAt: () => epochOf(before) }, 1_000_000_000)],
    ])('%s: CURSOR_EXPIRED, with the earliest that works', async (_what, cursor) => {
      const feed = await open(BANK_EVENTS, { after: cursor() });
      const { code, earliestCursor } = await refusal(feed);
      expect(code).toBe('CURSOR_EXPIRED');
      const [id] = await bankNews(1);
      const resumed = await open(BANK_EVENTS, { after: earliestCursor });
      await resumed.until(() =>
        idsOf(resumed.results.map((r) => r.data?.['bankTransactionEvents'])).includes(id ?? ''),
      );
    });
  });
});

/** The extensions of the error that a subscription was refused with, wherever the transport puts it. */
async function refusal(feed: Open['feed']): Promise<Json> {
  const end = await feed.ended;
  return end.kind === 'error' ? end.errors[0]?.extensions : feed.results[0]?.errors?.[0]?.extensions;
}

describe('catching up with queries', () => {
  const PAGE = `query ($first: Int, $after: String) {
    bankTransactionEvents(first: $first, after: $after) {
      edges { cursor node { cursor } } nodes { bankTransaction { providerId } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const page = async (first: number | null, after: string | null) => {
    const { data, errors } = await gateway.ask(PAGE, { first, after }, token);
    expect(errors).toBeUndefined();
    return data?.bankTransactionEvents;
  };

  test('pages go on from cursor to cursor, oldest first, each event once', async () => {
    const ids = await bankNews(7);
    const seen: string[] = [];
    let after = before;
    for (let more = true; more; ) {
      const { edges, nodes, pageInfo } = await page(3, after);
      expect(edges.map((edge: Json) => edge.cursor)).toEqual(edges.map((edge: Json) => edge.node.cursor));
      seen.push(...idsOf(nodes));
      after = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
    }
    expect(seen).toEqual(ids);
    const { nodes, pageInfo } = await page(3, after);
    expect([nodes, pageInfo.hasNextPage]).toEqual([[], false]);
  });

  test('without a cursor: from the oldest event that is kept; ten without a size', async () => {
    await bankNews(11);
    const { nodes, pageInfo } = await page(null, null);
    expect(nodes).toHaveLength(10);
    expect(pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  });

  test('first: 0 tells whether there is more', async () => {
    expect((await page(0, before)).pageInfo.hasNextPage).toBe(false);
    await bankNews(1);
    expect(await page(0, before)).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true } });
  });

  test('a page that ends where the log ends hands its place to a subscription', async () => {
    const ids = await bankNews(2);
    const { nodes, pageInfo } = await page(10, before);
    const later = await bankNews(1);
    const [, transport] = TRANSPORTS[0] ?? [];
    const subscription = await transport?.(gateway.url, BANK_EVENTS, { after: pageInfo.endCursor }, token);
    if (!subscription) throw new Error('there is no transport');
    opened.push(subscription);
    expect([...idsOf(nodes), ...idsOf([await subscription.feed.event()])]).toEqual([...ids, ...later]);
  });

  test('a page of card events costs one call to the provider, not one for each', async () => {
    const ids = await cardNews(8);
    const query = `query ($after: String) { transactionEvents(first: 10, after: $after) {
      nodes { transaction { providerId } }
    } }`;
    const { data, upstream } = await gateway.ask(query, { after: before }, token);
    expect(idsOf(data?.transactionEvents.nodes)).toEqual(ids);
    expect(upstream).toMatchObject({ bongloy: 1 });
  });

  test("events of others end a page early; the page's end goes on behind them", async () => {
    for (let n = 0; n < 110; n += 1) await postBongloy(gateway, bongloyBody(crypto.randomUUID()));
    const [id] = await cardNews(1);
    const query = `query ($after: String) { transactionEvents(first: 5, after: $after) {
      nodes { transaction { providerId } } pageInfo { hasNextPage endCursor }
    } }`;
    const first = (await gateway.ask(query, { after: before }, token)).data?.transactionEvents;
    expect(first).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true } });
    const { data } = await gateway.ask(query, { after: first.pageInfo.endCursor }, token);
    expect(idsOf(data?.transactionEvents.nodes)).toEqual([id]);
  });

  test.each([
    ['first', { first: 101 }, 'first'],
    ['first', { first: -1 }, 'first'],
    ['a malformed cursor', { after: 'x' }, 'after'],
  ])('%s out of bounds is BAD_USER_INPUT that names it', async (_what, variables, field) => {
    const { errors } = await gateway.ask(PAGE, variables, token);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });

  test('a cursor of another log is CURSOR_EXPIRED with the earliest that works', async () => {
    const after = encodeEventCursor({ epochAt: () => '0123456789abcdef' }, 0);
    const { errors } = await gateway.ask(PAGE, { after }, token);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'CURSOR_EXPIRED' });
    const earliest = errors?.[0]?.extensions?.['earliestCursor'] as string;
    expect((await page(1, earliest)).nodes).toHaveLength(1);
  });
});

test('a cursor whose events have been forgotten is CURSOR_EXPIRED; the earliest that works gives all that is kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  let now = Date.now();
  const start = () => startNews({ folder, clock: { now: () => now } });
  try {
    const first = await start();
    const operator = await first.operatorToken();
    const old = await eventCursor(first, operator);
    await postCasso(first, cassoBody(cassoRow(1)));
    await first.stop();
    now += 31 * DAY;
    const second = await start();
    const [, transport] = TRANSPORTS[0] ?? [];
    const open = async (after: string) => {
      const subscription = await transport?.(
        second.url,
        BANK_EVENTS,
        { after },
        await second.operatorToken(),
      );
      if (!subscription) throw new Error('there is no transport');
      opened.push(subscription);
      return subscription.feed;
    };
    const { code, earliestCursor } = await refusal(await open(old));
    expect(code).toBe('CURSOR_EXPIRED');
    await postCasso(second, cassoBody(cassoRow(2)));
    expect(idsOf([await (await open(earliestCursor)).event()])).toEqual(['2']);
    await second.stop();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a cursor that was read beside a list leaves nothing out between the list and the stream', async () => {
  const [, transport] = TRANSPORTS[0] ?? [];
  const query = '{ transactions(first: 5) { nodes { providerId } } eventCursor }';
  const during = cardNews(1);
  const { data } = await gateway.ask(query, {}, token);
  const [id] = await during;
  const [later] = await cardNews(1);
  const subscription = await transport?.(
    gateway.url,
    TRANSACTION_EVENTS,
    { after: data?.eventCursor },
    token,
  );
  if (!subscription) throw new Error('there is no transport');
  opened.push(subscription);
  const { feed } = subscription;
  const told = () => idsOf(feed.results.map((r) => r.data?.['transactionEvents']));
  await feed.until(() => told().includes(later ?? ''));
  const listed = data?.transactions.nodes.map((node: Json) => node.providerId);
  expect([...listed, ...told()]).toEqual(expect.arrayContaining([id, later]));
});
