import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Waits } from '../../src/app/waits.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, logInAs } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Json } from '../support/json.ts';
import {
  BANK_EVENTS,
  eventCursor,
  idsOf,
  type Open,
  startNews,
  TRANSACTION_EVENTS,
  TRANSPORTS,
} from '../support/news.ts';

const MERGED = `subscription ($after: String) {
  activityEvents(after: $after) {
    __typename
    ... on TransactionEvent { cursor unavailableProviders transaction { providerId } }
    ... on BankTransactionEvent { cursor unavailableProviders bankTransaction { providerId } }
  }
}`;
const PAGES = `query ($after: String) {
  transactionEvents(after: $after) { nodes { transaction { providerId } } }
  bankTransactionEvents(after: $after) { nodes { bankTransaction { providerId } } }
}`;
const LINKED = '{ viewer { linkedProviders } }';
/** Loading the transaction of an event, at either provider, and nothing else. */
const CARD_EVENTS = '/connect/v1/transactions/';

const withoutOf = (events: readonly Json[]): readonly (readonly string[])[] =>
  events.map(({ unavailableProviders }) => unavailableProviders);

describe.each(TRANSPORTS)('over %s, a stream of both providers', (_name, transport) => {
  let gateway: Gateway;
  let token: string;
  let before: string;
  const opened: Open[] = [];
  beforeEach(async () => start({ holdEvent: 600 }));
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((open) => open.close()));
    await gateway.stop();
  });

  async function start(waits: Partial<Waits>) {
    gateway = await startNews({ waits });
    token = await logInAs(gateway, 'main');
    await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey, token);
    before = await eventCursor(gateway, token);
  }

  async function open(query: string, after: string | null) {
    const subscription = await transport(gateway.url, query, { after }, token);
    opened.push(subscription);
    return subscription.feed;
  }

  const card = async (): Promise<string> => {
    const { id } = gateway.bongloy.control.makePurchase();
    await gateway.bongloy.control.webhooksIdle();
    return id;
  };
  const bank = async (): Promise<string> => {
    const { id } = gateway.casso.control.makeTransfer();
    await gateway.casso.control.webhooksIdle();
    return String(id);
  };
  const cardsAreDown = () =>
    gateway.bongloy.control.setFault({ kind: 'status', code: 503, match: CARD_EVENTS, times: 10_000 });

  test('goes on without the one whose key was revoked, says so, and viewer says the same', async () => {
    const feed = await open(MERGED, before);
    const first = await card();
    expect(withoutOf([await feed.event()])).toEqual([[]]);
    gateway.casso.control.revokeKey();
    await bank();
    const second = await card();
    const third = await card();
    const events = await feed.events(2);
    expect(idsOf(events)).toEqual([second, third]);
    expect(withoutOf(events)).toEqual([['CASSO'], ['CASSO']]);
    expect((await gateway.ask(LINKED, {}, token)).data).toEqual({ viewer: { linkedProviders: ['BONGLOY'] } });

    const resumed = await open(MERGED, before);
    expect(idsOf(await resumed.events(3))).toEqual([first, second, third]);
    const alone = await open(BANK_EVENTS, before);
    const { errors } = await alone.next();
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', provider: 'CASSO' });
  });

  test('goes on without the one whose login was taken back', async () => {
    const feed = await open(MERGED, before);
    const first = await bank();
    expect(idsOf([await feed.event()])).toEqual([first]);
    gateway.bongloy.control.revokeTokens();
    await card();
    const second = await bank();
    const event = await feed.event();
    expect(idsOf([event])).toEqual([second]);
    expect(withoutOf([event])).toEqual([['BONGLOY']]);
    expect((await gateway.ask(LINKED, {}, token)).data).toEqual({ viewer: { linkedProviders: ['CASSO'] } });
    const alone = await open(TRANSACTION_EVENTS, before);
    const { errors } = await alone.next();
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', provider: 'BONGLOY' });
  });

  test('goes on with the other while one is down, and tells what comes late in its own order, once', async () => {
    const feed = await open(MERGED, before);
    const ready = await bank();
    expect(idsOf([await feed.event()])).toEqual([ready]);
    cardsAreDown();
    const cards = [await card()];
    const banks = [await bank()];
    cards.push(await card());
    banks.push(await bank(), await bank());
    const meanwhile = await feed.events(3);
    expect(idsOf(meanwhile)).toEqual(banks);
    expect(withoutOf(meanwhile)).toEqual([['BONGLOY'], ['BONGLOY'], ['BONGLOY']]);
    gateway.bongloy.control.clearFaults();
    const late = await feed.events(2);
    expect(idsOf(late)).toEqual(cards);
    expect(withoutOf(late)).toEqual([[], []]);

    // From here on in the order of the log again.
    const after = [await card(), await bank(), await card()];
    const events = await feed.events(3);
    expect(idsOf(events)).toEqual(after);
    expect(withoutOf(events)).toEqual([[], [], []]);
  }, 60_000);

  test('whichever cursor it resumes after, each event comes once, also in the streams of one provider', async () => {
    const feed = await open(MERGED, before);
    cardsAreDown();
    const cards = [await card()];
    const banks = [await bank(), await bank()];
    cards.push(await card());
    const seen = await feed.events(2);
    expect(idsOf(seen)).toEqual(banks);
    gateway.bongloy.control.clearFaults();
    seen.push(...(await feed.events(2)));
    const last = await bank();
    seen.push(await feed.event());
    const all = [...banks, ...cards, last];
    expect(idsOf(seen)).toEqual(all);
    const inLog = [cards[0], ...banks, cards[1], last];
    for (const [index, { cursor }] of seen.entries()) {
      const rest = new Set(all.slice(index + 1));
      const expected = inLog.filter((id) => id !== undefined && rest.has(id));
      const resumed = await open(MERGED, cursor);
      expect(idsOf(await resumed.events(expected.length))).toEqual(expected);
      const { data } = await gateway.ask(PAGES, { after: cursor }, token);
      expect(idsOf(data?.['transactionEvents'].nodes)).toEqual(
        expected.filter((id) => cards.includes(id ?? '')),
      );
      expect(idsOf(data?.['bankTransactionEvents'].nodes)).toEqual(
        expected.filter((id) => !cards.includes(id ?? '')),
      );
    }
  }, 60_000);

  test('ends with UPSTREAM_UNAVAILABLE when there is no other that answers', async () => {
    const feed = await open(MERGED, before);
    gateway.casso.control.setFault({ kind: 'status', code: 503, match: '/v2/accounts', times: 10_000 });
    cardsAreDown();
    await card();
    await bank();
    const { errors } = await feed.next();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  }, 60_000);
});
