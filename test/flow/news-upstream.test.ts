import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Waits } from '../../src/app/waits.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, logInAs } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Json } from '../support/json.ts';
import {
  ACTIVITY_EVENTS,
  BANK_EVENTS,
  eventCursor,
  idsOf,
  type Open,
  startNews,
  TRANSACTION_EVENTS,
  TRANSPORTS,
} from '../support/news.ts';

const opened: Open[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((open) => open.close()));
});

/** Resolves when the provider has been asked for something that this path is part of. */
async function asked(gateway: Gateway, part: string): Promise<void> {
  while (!gateway.bongloy.requests.some(({ path }) => path.includes(part))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.each(TRANSPORTS)('over %s', (_name, transport) => {
  let gateway: Gateway;
  let token: string;
  let before: string;
  beforeEach(async () => {
    await start({});
  });
  afterEach(() => gateway.stop());

  async function start(waits: Partial<Waits>) {
    gateway = await startNews({ waits });
    token = await gateway.logIn();
    before = await eventCursor(gateway, token);
  }

  async function open(query: string, variables: object, who = token) {
    const subscription = await transport(gateway.url, query, variables, who);
    opened.push(subscription);
    return subscription.feed;
  }

  test('an event whose provider is down is held, nothing overtakes it, and it comes when the provider is back', async () => {
    const cards = await open(TRANSACTION_EVENTS, { after: before });
    const all = await open(ACTIVITY_EVENTS, { after: before });
    // Three attempts are one call.
    gateway.bongloy.control.setFault({
      kind: 'status',
      code: 503,
      match: '/connect/v1/transactions/',
      times: 3,
    });
    const first = gateway.bongloy.control.makePurchase().id;
    await gateway.bongloy.control.webhooksIdle();
    const transfer = String(gateway.casso.control.makeTransfer().id);
    await gateway.casso.control.webhooksIdle();
    const second = gateway.bongloy.control.makePurchase().id;
    expect(idsOf(await cards.events(2))).toEqual([first, second]);
    expect(idsOf(await all.events(3))).toEqual([first, transfer, second]);
  });

  test('a provider that stays down ends the stream with UPSTREAM_UNAVAILABLE; the client resumes and misses nothing', async () => {
    await gateway.stop();
    await start({ holdEvent: 600 });
    const feed = await open(TRANSACTION_EVENTS, { after: before });
    const first = gateway.bongloy.control.makePurchase().id;
    const { cursor } = await feed.event();
    gateway.bongloy.control.setFault({
      kind: 'status',
      code: 503,
      match: '/connect/v1/transactions/',
      times: 1_000,
    });
    const second = gateway.bongloy.control.makePurchase().id;
    const { errors, data } = await feed.next();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', provider: 'BONGLOY' });
    expect(data).toBeUndefined();
    expect(await feed.ended).toEqual({ kind: 'complete' });
    gateway.bongloy.control.clearFaults();
    const third = gateway.bongloy.control.makePurchase().id;
    const resumed = await open(TRANSACTION_EVENTS, { after: cursor });
    expect([first, ...idsOf(await resumed.events(2))]).toEqual([first, second, third]);
  });

  test("a grant that the provider has revoked ends the stream with UNAUTHENTICATED, and leaves the session's others", async () => {
    const cards = await open(TRANSACTION_EVENTS, { after: before });
    const bank = await open(BANK_EVENTS, { after: before });
    gateway.bongloy.control.revokeTokens();
    gateway.bongloy.control.makePurchase();
    const { errors } = await cards.next();
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', provider: 'BONGLOY' });
    expect(await cards.ended).toEqual({ kind: 'complete' });
    const { id } = gateway.casso.control.makeTransfer();
    expect(idsOf([await bank.event()])).toEqual([String(id)]);
    // It is known now that nothing would be heard.
    const again = await open(TRANSACTION_EVENTS, {});
    expect((await refusal(again)).code).toBe('UNAUTHENTICATED');
  });

  test('a revoked API key ends the stream with UNAUTHENTICATED', async () => {
    const business = await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey);
    const feed = await open(BANK_EVENTS, { after: before }, business);
    gateway.casso.control.revokeKey({ business: 'second' });
    gateway.casso.control.makeTransfer();
    const { errors } = await feed.next();
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', provider: 'CASSO' });
  });

  test('an access token that has expired is refreshed on the way: the event is not lost', async () => {
    const feed = await open(TRANSACTION_EVENTS, { after: before });
    gateway.bongloy.control.expireAccessToken();
    const { id } = gateway.bongloy.control.makePurchase();
    expect(idsOf([await feed.event()])).toEqual([id]);
  });

  test('a client that has left costs no calls any more', async () => {
    const subscription = await transport(gateway.url, TRANSACTION_EVENTS, { after: before }, token);
    const first = gateway.bongloy.control.makePurchase().id;
    expect(idsOf([await subscription.feed.event()])).toEqual([first]);
    await subscription.close();
    const unheard = gateway.bongloy.control.makePurchase().id;
    await gateway.bongloy.control.webhooksIdle();
    // Somebody else's event, later in the log: whatever was to be asked for the one before has been asked by now.
    const other = await logInAs(gateway, 'manyAccounts');
    const feed = await open(TRANSACTION_EVENTS, { after: await eventCursor(gateway, other) }, other);
    const { data } = await gateway.ask('{ accounts(first: 1) { nodes { providerId } } }', {}, other);
    const last = gateway.bongloy.control.makePurchase({ accountId: data?.accounts.nodes[0].providerId }).id;
    expect(idsOf([await feed.event()])).toEqual([last]);
    expect(gateway.bongloy.requests.filter(({ path }) => path.includes(unheard))).toEqual([]);
  });

  test('a client that leaves while its event waits for the provider ends the call', async () => {
    const subscription = await transport(gateway.url, TRANSACTION_EVENTS, { after: before }, token);
    gateway.bongloy.control.setFault({ kind: 'hang', match: '/connect/v1/transactions/' });
    const { id } = gateway.bongloy.control.makePurchase();
    await asked(gateway, id);
    await subscription.close();
    const open = () => gateway.bongloy.requests.filter(({ path }) => path.includes(id));
    // The simulator closes a request's record when its connection goes.
    const feed = await transport(gateway.url, TRANSACTION_EVENTS, { after: before }, token);
    opened.push(feed);
    expect(idsOf([await feed.feed.event()])).toEqual([id]);
    expect(open()).toHaveLength(2);
  });
});

async function refusal(feed: Open['feed']): Promise<Json> {
  const end = await feed.ended;
  return end.kind === 'error' ? end.errors[0]?.extensions : feed.results[0]?.errors?.[0]?.extensions;
}

describe('what events make old', () => {
  let gateway: Gateway;
  let token: string;
  beforeAll(async () => {
    gateway = await startNews();
    token = await gateway.logIn();
  });
  afterAll(() => gateway.stop());

  test('a query after a card event sees the new balance and the new row', async () => {
    const query = `{
      accounts(first: 5) { nodes { balance { available { minorUnits } } } }
      transactions(first: 1) { nodes { providerId } }
    }`;
    await gateway.ask(query, {}, token);
    const kept = await gateway.ask(query, {}, token);
    expect(kept.upstream).toMatchObject({ bongloy: 0 });
    const { id } = gateway.bongloy.control.makePurchase({ amount: 700 });
    await gateway.bongloy.control.webhooksIdle();
    const { data } = await gateway.ask(query, {}, token);
    const total = (answer: Json) =>
      answer.accounts.nodes.reduce((sum: number, node: Json) => sum + node.balance.available.minorUnits, 0);
    expect(total(data)).toBe(total(kept.data) - 700);
    expect(data?.transactions.nodes[0].providerId).toBe(id);
  });

  test('a query after a bank event sees the new balance and the new row', async () => {
    const query = `{
      bankAccounts(first: 1) { nodes { balance { minorUnits } } }
      bankTransactions(first: 1) { nodes { providerId } }
    }`;
    await gateway.ask(query, {}, token);
    const kept = await gateway.ask(query, {}, token);
    expect(kept.upstream).toMatchObject({ casso: 0 });
    const { id } = gateway.casso.control.makeTransfer({ amount: 12_000 });
    await gateway.casso.control.webhooksIdle();
    const { data } = await gateway.ask(query, {}, token);
    const balance = (answer: Json) => answer.bankAccounts.nodes[0].balance.minorUnits;
    expect(balance(data)).toBe(balance(kept.data) + 12_000);
    expect(data?.bankTransactions.nodes[0].providerId).toBe(String(id));
  });
});
