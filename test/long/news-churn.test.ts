import { setTimeout as pause } from 'node:timers/promises';
import { CloseCode } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { killChildren } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import { BANK_EVENTS, cassoBody, cassoRow, postCasso } from '../support/news.ts';

const EVENTS = 20_000;
const ROWS_PER_DELIVERY = 50;
const CLIENTS = 200;
const ACCOUNTS = 40;
/** A viewer may hold 100 connections. */
const VIEWERS = 4;

const TOO_LATE: number = CloseCode.ConnectionInitialisationTimeout;

interface Row {
  readonly id: string;
  readonly account: number;
  readonly amount: number;
}

/** What each client wants, as a filter for the gateway and as a rule of this test. */
interface Wish {
  readonly filter: object;
  readonly wants: (row: Row) => boolean;
  /** Events between two drops, on average. */
  readonly patience: number;
}

let gateway: ProcessGateway;
beforeAll(async () => {
  gateway = await prepareGatewayProcess();
});
afterEach(killChildren);
afterAll(() => gateway.remove());

const rows = Array.from(
  { length: EVENTS },
  (_, n): Row => ({
    id: String(1_000_000 + n),
    account: n % ACCOUNTS,
    amount: (((n * 7919) % 1_000) + 1) * (n % 3 === 0 ? -1 : 1),
  }),
);
const numberOf = (account: number) => `55${String(account).padStart(6, '0')}`;

/** Two hear of everything, eight of large amounts, the others of one account, some of them of its debits alone. */
function wishOf(client: number, accountIds: readonly string[]): Wish {
  if (client < 2) return { filter: {}, wants: () => true, patience: 1_000 };
  if (client < 10) {
    return { filter: { minimumAmount: 900 }, wants: ({ amount }) => Math.abs(amount) >= 900, patience: 200 };
  }
  const account = client % ACCOUNTS;
  const filter = { bankAccountId: accountIds[account] };
  const isOn = (row: Row) => row.account === account;
  if (client < 160) return { filter, wants: isOn, patience: 50 };
  const wants = (row: Row) => isOn(row) && row.amount < 0;
  return { filter: { ...filter, direction: 'DEBIT' }, wants, patience: 20 };
}

/** A client that loses its connection again and again, at random, and resumes after what it has handled. */
class Client {
  readonly handled: string[] = [];
  drops = 0;
  readonly #url: string;
  readonly #token: string;
  readonly #wish: Wish;
  #cursor: string;

  constructor(url: string, token: string, wish: Wish, cursor: string) {
    this.#url = url;
    this.#token = token;
    this.#wish = wish;
    this.#cursor = cursor;
  }

  /** Until it has handled so many events. */
  async run(count: number): Promise<void> {
    while (this.handled.length < count) {
      await this.#connect(Math.ceil(Math.random() * 2 * this.#wish.patience), count);
      this.drops += 1;
      await pause(Math.random() * 50);
    }
  }

  /** One connection: until it breaks after so many events, or everything has come. */
  #connect(patience: number, count: number): Promise<void> {
    const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const say = (message: object) => socket.send(JSON.stringify(message));
    let left = patience;
    let acknowledged = false;
    return new Promise((resolve, reject) => {
      socket.on('open', () =>
        say({ type: 'connection_init', payload: { authorization: `Bearer ${this.#token}` } }),
      );
      socket.on('message', (data) => {
        const { type, payload } = JSON.parse((data as Buffer).toString());
        if (type === 'connection_ack') {
          acknowledged = true;
          const variables = { after: this.#cursor, filter: this.#wish.filter };
          say({ type: 'subscribe', id: '1', payload: { query: BANK_EVENTS, variables } });
          return;
        }
        const event = payload?.data?.bankTransactionEvents;
        if (type !== 'next' || !event) {
          if (left > 0) reject(new Error(`unexpected: ${(data as Buffer).toString()}`));
          return;
        }
        // What arrives after it has gone was not handled.
        if (left === 0) return;
        left -= 1;
        this.handled.push(event.bankTransaction.providerId);
        this.#cursor = event.cursor;
        if (left > 0 && this.handled.length < count) return;
        left = 0;
        if (Math.random() < 0.5) socket.terminate();
        else socket.close(1000);
      });
      socket.on('error', () => {});
      // Where this process is too busy to greet in time, it comes again as any client does.
      const isDrop = (code: number) => left === 0 || (code === TOO_LATE && !acknowledged);
      socket.on('close', (code) => (isDrop(code) ? resolve() : reject(new Error(`closed with ${code}`))));
    });
  }
}

test(`${CLIENTS} clients drop and resume at random during ${EVENTS} events: nothing lost, nothing doubled`, async () => {
  await gateway.start();
  const accountIds = Array.from({ length: ACCOUNTS }, (_, account) => {
    const { id } = gateway.casso.control.addAccount({ accountNumber: numberOf(account) });
    return encodeGlobalId('BankAccount', String(id));
  });
  const tokens = await Promise.all(
    Array.from({ length: VIEWERS }, (_, viewer) => gateway.operatorToken(`viewer ${viewer}`)),
  );
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens[0]}` },
    body: '{"query":"{ eventCursor }"}',
  });
  const cursor: string = (await response.json()).data.eventCursor;

  const clients = Array.from({ length: CLIENTS }, (_, n) => {
    const wish = wishOf(n, accountIds);
    const expected = rows.filter(wish.wants).map(({ id }) => id);
    const client = new Client(gateway.url, tokens[n % VIEWERS] ?? '', wish, cursor);
    return { client, expected, done: client.run(expected.length) };
  });
  const posting = (async () => {
    for (let first = 0; first < rows.length; first += ROWS_PER_DELIVERY) {
      const body = cassoBody(
        ...rows.slice(first, first + ROWS_PER_DELIVERY).map(({ id, account, amount }) => {
          const accountNumber = numberOf(account);
          return cassoRow(Number(id), { amount, bank_sub_acc_id: accountNumber, subAccId: accountNumber });
        }),
      );
      expect((await postCasso(gateway, body)).status).toBe(200);
    }
  })();
  await Promise.all([posting, ...clients.map(({ done }) => done)]);

  for (const { client, expected } of clients) expect(client.handled).toEqual(expected);
  const drops = clients.reduce((sum, { client }) => sum + client.drops, 0);
  expect(drops).toBeGreaterThan(5 * CLIENTS);
  // Casso allows few requests: coming back costs none.
  expect(gateway.casso.requests.length).toBeLessThan(10);
}, 500_000);
