import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SANDBOX_CARDHOLDERS } from '../../src/providers/bongloy/sandbox/index.ts';
import { logIn } from '../../src/sandbox/login.ts';
import { type Child, killChildren } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import {
  ACTIVITY_EVENTS,
  BANK_EVENTS,
  bongloyBody,
  cassoBody,
  cassoRow,
  overSse,
  overWebSocket,
  postBongloy,
  postCasso,
} from '../support/news.ts';
import { type Resuming, startResuming } from '../support/resuming.ts';

const KILLS = 20;
/** Deliveries that are acknowledged between two kills, at most. */
const MOST_IN_A_LIFE = 40;

let gateway: ProcessGateway;
beforeAll(async () => {
  gateway = await prepareGatewayProcess();
});
afterEach(killChildren);
afterAll(() => gateway.remove());

/** Tells of every delivery that was answered 2xx. */
const acknowledgements = new EventEmitter();

async function acknowledged(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await once(acknowledgements, 'one');
}

/** Posts a delivery until it is answered 2xx, as the providers do. */
async function deliver(send: () => Promise<Response>): Promise<void> {
  for (;;) {
    const accepted = await send().then(
      (response) => response.ok,
      () => false,
    );
    if (accepted) {
      acknowledgements.emit('one');
      return;
    }
    await pause(30);
  }
}

/** Deliveries of one to three bank transactions, one after the other, until told to stop. @returns the ids of each. */
async function postTransfers(firstId: number, isOver: () => boolean): Promise<string[][]> {
  const deliveries: string[][] = [];
  for (let id = firstId; !isOver(); ) {
    const ids = Array.from({ length: (deliveries.length % 3) + 1 }, () => id++);
    await deliver(() => postCasso(gateway, cassoBody(...ids.map((each) => cassoRow(each)))));
    deliveries.push(ids.map(String));
  }
  return deliveries;
}

/** The same with card payments, which exist at the simulator before their webhook tells of them. */
async function postPayments(isOver: () => boolean): Promise<string[][]> {
  const deliveries: string[][] = [];
  while (!isOver()) {
    const { id } = gateway.bongloy.control.makePurchase({ cardholder: SANDBOX_CARDHOLDERS.main });
    const body = bongloyBody(id);
    await deliver(() => postBongloy(gateway, body));
    deliveries.push([id]);
  }
  return deliveries;
}

/** The end of the log now, asked of the running gateway. */
async function eventCursor(token: string): Promise<string> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"query":"{ eventCursor }"}',
  });
  return (await response.json()).data.eventCursor;
}

test(`kill -9 under load, ${KILLS} times: every acknowledged event reaches every subscriber once, in order`, async () => {
  let child: Child = await gateway.start();
  const { url } = gateway;
  const operator = await gateway.operatorToken();
  const cardholder = await logIn({ ...gateway, app: { url } });
  const after = await eventCursor(operator);
  const bank = { url, after, query: BANK_EVENTS, token: operator };
  const all = { url, after, query: ACTIVITY_EVENTS, token: cardholder };
  const bankSubscribers = [overWebSocket, overWebSocket, overSse].map((transport) =>
    startResuming({ ...bank, transport }),
  );
  const allSubscribers = [overWebSocket, overSse].map((transport) => startResuming({ ...all, transport }));

  let over = false;
  const isOver = () => over;
  const posting = Promise.all([
    ...[1_000_000, 2_000_000, 3_000_000].map((firstId) => postTransfers(firstId, isOver)),
    postPayments(isOver),
  ]);
  const subscribers: readonly Resuming[] = [...bankSubscribers, ...allSubscribers];
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Each life sees deliveries come in, and one of the subscribers, in turn, come back.
    const subscriber = subscribers[kill % subscribers.length];
    await Promise.all([
      acknowledged(1 + Math.floor(Math.random() * MOST_IN_A_LIFE)),
      subscriber?.until(subscriber.handled.length + 1),
    ]);
    await pause(Math.random() * 20);
    child.signal('SIGKILL');
    expect(await child.exit).toBe(null);
    child = await gateway.start();
  }
  over = true;
  const writers = await posting;
  // The last one of all: what would come twice has come before it.
  await deliver(() => postCasso(gateway, cassoBody(cassoRow(9_000_000))));
  writers.push([['9000000']]);
  const sent = writers.flat(2);
  const isTransfer = (id: string) => /^\d+$/.test(id);

  await Promise.all([
    ...bankSubscribers.map((subscriber) => subscriber.until(sent.filter(isTransfer).length)),
    ...allSubscribers.map((subscriber) => subscriber.until(sent.length)),
  ]);
  const [order = []] = allSubscribers.map(({ handled }) => handled);
  expect(new Set(order).size).toBe(order.length);
  expect(order.toSorted()).toEqual(sent.toSorted());
  // One order for all; each writer's own is kept, and deliveries are whole.
  for (const { handled } of allSubscribers) expect(handled).toEqual(order);
  for (const { handled } of bankSubscribers) expect(handled).toEqual(order.filter(isTransfer));
  for (const deliveries of writers) {
    const own = new Set(deliveries.flat());
    expect(order.filter((id) => own.has(id))).toEqual(deliveries.flat());
    for (const ids of deliveries)
      expect(order.indexOf(ids.at(-1) ?? '') - order.indexOf(ids[0] ?? '')).toBe(ids.length - 1);
  }
  for (const { connections } of subscribers) {
    expect(connections).toBeGreaterThanOrEqual(KILLS / subscribers.length);
  }

  await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
  child.signal('SIGTERM');
  expect(await child.exit).toBe(0);
}, 400_000);
