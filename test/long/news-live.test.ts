import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SANDBOX_ACCOUNTS } from '../../src/providers/bongloy/sandbox/index.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { schema } from '../../src/schema/index.ts';
import { linkCasso, logInAs } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  postCasso,
  startNews,
} from '../support/news.ts';
import { type RandomOperation, randomSubscription } from '../support/random-operation.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { subscribeOverSse } from '../support/sse-client.ts';
import { connect } from '../support/ws-client.ts';

/** A socket with its messages as they came, by the operation that they are of. */
interface Listening {
  readonly socket: RawSocket;
  readonly messages: Map<string, string[]>;
}

async function listen(url: string, token: string): Promise<Listening> {
  const messages = new Map<string, string[]>();
  const socket = await RawSocket.open(url, token, ({ id = '' }, text) =>
    messages.set(id, [...(messages.get(id) ?? []), text]),
  );
  return { socket, messages };
}

let gateway: Gateway;
interface Person {
  readonly token: string;
  /** What the person may subscribe to. */
  readonly fields: readonly string[];
}
let people: readonly Person[];
let othersAccount: string;
beforeAll(async () => {
  gateway = await startNews({ env: { QUERY_COST_LIMIT: '1000000', QUERY_DEPTH_LIMIT: '100' } });
  const CARDS = ['transactionEvents', 'activityEvents'];
  const BANK = ['bankTransactionEvents', 'activityEvents'];
  const main = await logInAs(gateway, 'main');
  const other = await logInAs(gateway, 'manyAccounts');
  const { data } = await gateway.ask('{ accounts(first: 1) { nodes { providerId } } }', {}, other);
  othersAccount = data?.accounts.nodes[0].providerId;
  people = [
    { token: main, fields: CARDS },
    { token: await logInAs(gateway, 'main'), fields: CARDS },
    { token: other, fields: CARDS },
    { token: await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey), fields: BANK },
    { token: await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey), fields: BANK },
    { token: await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey), fields: BANK },
    { token: await gateway.logIn(), fields: [...CARDS, ...BANK] },
    { token: await gateway.operatorToken(['events:read']), fields: BANK },
  ];
});
afterAll(() => gateway.stop());

const sockets: RawSocket[] = [];
afterEach(async () => {
  gateway.bongloy.control.clearFaults();
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
});

interface Subscriber {
  readonly person: Person;
  readonly field: string;
  readonly id: string;
  readonly operation: RandomOperation;
}

/** Begins all of them, each person's on one socket. */
async function begin(
  subscribers: readonly Subscriber[],
  after: string | null,
): Promise<Map<Person, Listening>> {
  const open = new Map<Person, Listening>();
  for (const person of new Set(subscribers.map((subscriber) => subscriber.person))) {
    const listening = await listen(gateway.url, person.token);
    sockets.push(listening.socket);
    open.set(person, listening);
  }
  for (const { person, id, operation } of subscribers) {
    const variables = after === null ? operation.variables : { ...operation.variables, after };
    open.get(person)?.socket.subscribe(id, { query: operation.query, variables });
  }
  return open;
}

/** Resolves when so many subscriptions are live. */
async function live(count: number, open: ReadonlyMap<Person, Listening>): Promise<void> {
  const [listening] = open.values();
  while (gateway.app.live.subscribers < count) {
    await listening?.socket.roundTrip();
    const refused = [...open.values()].flatMap(({ messages }) => [...messages.values()].flat());
    if (refused.length > 0) throw new Error(`an operation was refused: ${refused[0]}`);
  }
}

let rowId = 700_000;
/** Two card payments and two transfers, of different people. */
async function news(): Promise<void> {
  const [theirs] = SANDBOX_BUSINESSES.second.accounts;
  gateway.bongloy.control.makePurchase({ accountId: SANDBOX_ACCOUNTS.everyday });
  await gateway.bongloy.control.webhooksIdle();
  gateway.casso.control.makeTransfer();
  await gateway.casso.control.webhooksIdle();
  gateway.bongloy.control.makePurchase({ accountId: othersAccount });
  await gateway.bongloy.control.webhooksIdle();
  rowId += 1;
  const row = cassoRow(rowId, { bank_sub_acc_id: theirs.accountNumber, subAccId: theirs.accountNumber });
  await postCasso(gateway, cassoBody(row));
}

/** What one subscriber is sent of `news`. */
function newsOf({ person, field }: Subscriber): number {
  const isBoth =
    person.fields.includes('transactionEvents') && person.fields.includes('bankTransactionEvents');
  return field === 'activityEvents' && isBoth ? 2 : 1;
}

/** What each was sent, once all of it has come. */
async function received(
  open: ReadonlyMap<Person, Listening>,
  subscribers: readonly Subscriber[],
): Promise<Record<string, readonly string[]>> {
  const all: Record<string, readonly string[]> = {};
  for (const subscriber of subscribers) {
    const { person, id } = subscriber;
    const listening = open.get(person);
    const messages = () => listening?.messages.get(id) ?? [];
    while (messages().length < newsOf(subscriber)) await listening?.socket.roundTrip();
    all[id] = messages();
  }
  // What nobody should get would have come by now.
  for (const { socket } of open.values()) await socket.roundTrip();
  for (const { person, id } of subscribers) all[id] = open.get(person)?.messages.get(id) ?? [];
  return all;
}

async function closeAll(): Promise<void> {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
  while (gateway.app.live.subscribers > 0) await new Promise(setImmediate);
}

/** What subscribers ask for; some of its fields fail. */
const SHAPES = {
  schema,
  values: { first: [1, 0, 2, 1_000, -1], locale: ['vi-VN', 'no locale'] },
  depth: 6,
  directives: true,
};

describe('live subscriptions, which share their work', () => {
  test.each([
    ['while all is well', null],
    [
      'while cards cannot be read',
      { kind: 'status', code: 400, match: '/connect/v1/cards', times: 1_000_000 } as const,
    ],
  ])(
    'send everyone the very bytes that his own execution would: %s',
    async (_when, fault) => {
      const subscriberOf = (draw: fc.GeneratorValue): Subscriber => {
        const person = draw(fc.constantFrom, ...people);
        const field = draw(fc.constantFrom, ...person.fields);
        return { person, field, id: '', operation: randomSubscription(draw, SHAPES, field) };
      };
      const run = async (draw: fc.GeneratorValue) => {
        // Each operation for several people, so that there is something to share, and something to mix up.
        const subscribers = Array.from({ length: 12 }, () => subscriberOf(draw))
          .flatMap((subscriber) => [
            subscriber,
            ...people
              .filter(({ fields }) => fields.includes(subscriber.field))
              .map((person) => ({ ...subscriber, person })),
          ])
          .map((subscriber, n) => ({ ...subscriber, id: `${n} "ö"` }));
        const after = await eventCursor(gateway, people[0]?.token ?? '');
        const open = await begin(subscribers, null);
        await live(subscribers.length, open);
        const before = { ...gateway.app.live };
        if (fault) gateway.bongloy.control.setFault(fault);
        await news();
        const shared = await received(open, subscribers);
        const { deliveries, executions, droppedToCatchUp } = gateway.app.live;
        expect(deliveries - before.deliveries).toBe(subscribers.reduce((sum, each) => sum + newsOf(each), 0));
        expect(executions - before.executions).toBeLessThan(deliveries - before.deliveries);
        expect(droppedToCatchUp).toBe(before.droppedToCatchUp);
        await closeAll();

        const own = await received(await begin(subscribers, after), subscribers);
        for (const { id, operation } of subscribers) expect(shared[id], operation.query).toEqual(own[id]);
        await closeAll();
        gateway.bongloy.control.clearFaults();
      };
      await fc.assert(fc.asyncProperty(fc.gen(), run), { numRuns: 3, endOnFailure: true });
    },
    60_000,
  );

  test('send over SSE what they send over a socket', async () => {
    const run = async (draw: fc.GeneratorValue) => {
      const subscribers = Array.from({ length: 6 }, (): Subscriber => {
        const person = draw(fc.constantFrom, ...people);
        const field = draw(fc.constantFrom, ...person.fields);
        return { person, field, id: '', operation: randomSubscription(draw, SHAPES, field) };
      })
        .flatMap((subscriber) =>
          people
            .filter(({ fields }) => fields.includes(subscriber.field))
            .map((person) => ({ ...subscriber, person })),
        )
        .map((subscriber, n) => ({ ...subscriber, id: String(n) }));
      const after = await eventCursor(gateway, people[0]?.token ?? '');
      const streams = subscribers.map(({ id, person, operation: { query, variables } }) => {
        const feed = subscribeOverSse(gateway.url, query, { ...variables, after }, person.token);
        return { id, query, feed };
      });
      await news();
      const own = await received(await begin(subscribers, after), subscribers);
      const compare = async ({ id, query, feed }: (typeof streams)[number]) => {
        const expected = (own[id] ?? []).map((message) => JSON.parse(message).payload);
        await feed.until(() => feed.results.length >= expected.length);
        // What should not have come would be there before the next heartbeat.
        const { comments } = feed;
        await feed.until(() => feed.comments > comments);
        expect(feed.results, query).toEqual(expected);
        feed.leave();
        await feed.ended;
      };
      await Promise.all(streams.map(compare));
      await closeAll();
    };
    await fc.assert(fc.asyncProperty(fc.gen(), run), { numRuns: 3, endOnFailure: true });
  }, 60_000);

  test('execute an event once for all who ask the same of it over SSE', async () => {
    const owners = people.filter(({ fields }) => fields.includes('bankTransactionEvents'));
    const after = await eventCursor(gateway, people[0]?.token ?? '');
    rowId += 3;
    const ids = [rowId - 2, rowId - 1, rowId];
    await postCasso(gateway, cassoBody(...ids.map((id) => cassoRow(id))));
    const before = gateway.app.live.executions;
    // The second business does not have the account.
    const feeds = [...owners, ...owners]
      .filter(({ token }) => token !== people[5]?.token)
      .map(({ token }) => subscribeOverSse(gateway.url, BANK_EVENTS, { after }, token));
    for (const feed of feeds) {
      expect(idsOf(await feed.events(ids.length))).toEqual(ids.map(String));
      feed.leave();
      await feed.ended;
    }
    expect(feeds.length).toBe(8);
    expect(gateway.app.live.executions - before).toBe(ids.length);
  });

  test('fall back to the log where a peer is too slow, and miss nothing; nobody else waits', async () => {
    const [person] = people.filter(({ fields }) => fields.includes('bankTransactionEvents')) as [Person];
    const after = await eventCursor(gateway, person.token);
    const aliases = Array.from({ length: 30 }, (_, n) => `d${n}: description`).join(' ');
    const large = `subscription { bankTransactionEvents { bankTransaction { providerId ${aliases} } } }`;
    const slow = await connect(gateway.url, person.token);
    const slowFeed = slow.subscribe(large);
    const quick = await connect(gateway.url, person.token);
    const quickFeed = quick.subscribe(BANK_EVENTS, { after });
    while (gateway.app.live.subscribers < 2) await new Promise(setImmediate);

    slow.socket.pause();
    const ids: string[] = [];
    const dropped = gateway.app.live.droppedToCatchUp;
    // Whatever the network takes for a peer that does not read, it is less than these.
    while (gateway.app.live.droppedToCatchUp === dropped || ids.length < 30) {
      rowId += 1;
      await postCasso(gateway, cassoBody(cassoRow(rowId, { description: 'x'.repeat(20_000) })));
      ids.push(String(rowId));
    }
    expect(idsOf(await quickFeed.events(ids.length))).toEqual(ids);
    expect(gateway.app.live.subscribers).toBe(1);

    slow.socket.resume();
    expect(idsOf(await slowFeed.events(ids.length))).toEqual(ids);
    while (gateway.app.live.subscribers < 2) await new Promise(setImmediate);
    rowId += 1;
    await postCasso(gateway, cassoBody(cassoRow(rowId)));
    expect(idsOf([await slowFeed.event()])).toEqual([String(rowId)]);
    await Promise.all([slow.close(), quick.close()]);
  });
});
