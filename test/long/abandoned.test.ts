import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { HOUR } from '../../src/lib/duration.ts';
import { SANDBOX_ACCOUNTS } from '../../src/providers/bongloy/sandbox/index.ts';
import { abandon } from '../support/abandon.ts';
import { killChildren } from '../support/child.ts';
import type { Gateway } from '../support/gateway.ts';
import { prepareGatewayProcess } from '../support/gateway-process.ts';
import { heldBy, NOTHING } from '../support/gauges.ts';
import { eventCursor, startNews } from '../support/news.ts';
import { postByHand, type RawRequest } from '../support/raw-http.ts';
import { type Message, RawSocket } from '../support/raw-socket.ts';
import { watchTimers } from '../support/timers.ts';
import { connect } from '../support/ws-client.ts';

/** How many sockets a walk has, and the ids that it uses again and again on each. */
const SOCKETS = 3;
const IDS = ['a', 'b'];

/** What an operation is, by how it begins and ends; `ALIAS` names its answers. */
const OPERATIONS = {
  bank: 'subscription ($after: String) { ALIAS: bankTransactionEvents(after: $after) { bankTransaction { providerId } } }',
  both: `subscription ($after: String) { ALIAS: activityEvents(after: $after) {
    ... on BankTransactionEvent { bankTransaction { providerId } }
  } }`,
  // Begins after a look at the account, which takes the provider some time.
  cards: `subscription ($after: String, $account: ID!) {
    ALIAS: transactionEvents(after: $after, filter: { accountId: $account }) { transaction { providerId } }
  }`,
  query: '{ ALIAS: viewer { kind } }',
  slowQuery: 'query ($account: ID!) { ALIAS: account(id: $account) { number } }',
  wrong: '{ ALIAS: noSuchField }',
  refused: 'subscription { ALIAS: bankTransactionEvents(after: "nonsense") { cursor } }',
} as const;
type Kind = keyof typeof OPERATIONS;
const KINDS = Object.keys(OPERATIONS) as Kind[];
const hearsOfBank = (kind: Kind): boolean => kind === 'bank' || kind === 'both';
/** Is answered once, and then complete. */
const isAnswered = (kind: Kind): boolean => kind === 'query' || kind === 'slowQuery' || kind === 'refused';

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      socket: fc.nat(SOCKETS - 1),
      id: fc.constantFrom(...IDS),
      kind: fc.constantFrom(...KINDS),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('complete' as const),
      socket: fc.nat(SOCKETS - 1),
      id: fc.constantFrom(...IDS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('news' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), socket: fc.nat(SOCKETS - 1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('leave' as const),
      socket: fc.nat(SOCKETS - 1),
      how: fc.constantFrom('close', 'terminate', 'half-close'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('stream' as const),
      accept: fc.constantFrom('text/event-stream', 'application/json'),
      kind: fc.constantFrom<Kind>('bank', 'both', 'cards', 'refused'),
      times: fc.constantFrom(1, 1, 2),
      leave: fc.constantFrom('at once', 'when it is answered', 'half-closed', 'at the end'),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** One operation, as the client sees it. */
interface Begun {
  readonly kind: Kind;
  readonly alias: string;
  readonly told: string[];
  /** The client has completed it, and knows that the gateway has read so. */
  isCompleted: boolean;
}

/** A client with one socket that holds the gateway to the protocol. */
class Client {
  readonly socket: RawSocket;
  readonly wrong: string[] = [];
  readonly #begun: Begun[] = [];
  /** By id: the operation that the client takes for open. */
  readonly #open = new Map<string, Begun>();
  /** By id: of the last message, when it was an only answer, which is to be followed by `complete`. */
  readonly #answered = new Map<string, boolean>();

  private constructor(socket: RawSocket) {
    this.socket = socket;
  }

  static async open(url: string, token: string): Promise<Client> {
    const client: Client = new Client(await RawSocket.open(url, token, (message) => client.#take(message)));
    return client;
  }

  subscribe(id: string, kind: Kind, variables: object): void {
    if (this.#open.has(id)) return;
    // The same for equal operations on other sockets, so that they share what they may.
    const alias = `n${this.#begun.length}`;
    const operation: Begun = { kind, alias, told: [], isCompleted: false };
    this.#begun.push(operation);
    this.#open.set(id, operation);
    this.socket.subscribe(id, { query: OPERATIONS[kind].replace('ALIAS', alias), variables });
  }

  complete(id: string): void {
    const operation = this.#open.get(id);
    if (!operation) return;
    this.#open.delete(id);
    this.socket.complete(id);
    void this.socket.roundTrip().then(() => {
      operation.isCompleted = true;
    });
  }

  /** Resolves when all that is open was told of these, and of nothing else. */
  async heardOf(ids: readonly string[]): Promise<void> {
    const isBehind = ({ kind, told }: Begun) => hearsOfBank(kind) && told.length < ids.length;
    while ([...this.#open.values()].some(isBehind)) await this.socket.roundTrip();
    await this.socket.roundTrip();
    for (const { alias, told } of this.#begun) {
      if (told.join() !== ids.slice(0, told.length).join())
        this.wrong.push(`${alias} was told ${told.join()}`);
    }
  }

  #take({ type, id = '', payload }: Message): void {
    const wasAnswered = this.#answered.get(id) ?? false;
    this.#answered.set(id, false);
    if (type === 'next') return this.#next(id, payload);
    const current = this.#open.get(id);
    if (type === 'complete' && !wasAnswered) this.wrong.push(`a false complete of ${id}`);
    if (type === 'error' && !this.#begun.some(({ kind }) => kind === 'wrong')) {
      this.wrong.push(`a false error of ${id}: ${JSON.stringify(payload)}`);
    }
    // Whatever it ends may have been completed, and the id used again, while it was on its way.
    if (current && (type === 'error' ? current.kind === 'wrong' : isAnswered(current.kind))) {
      this.#open.delete(id);
    }
  }

  #next(id: string, { data, errors }: { data?: object | null; errors?: unknown }): void {
    const [alias] = Object.keys(data ?? {});
    // A refusal has no data, and so no alias.
    const operation = this.#begun.find((each) => each.alias === alias);
    if (!operation) {
      if (!this.#begun.some(({ kind }) => kind === 'refused')) this.wrong.push(`a refusal of ${id}`);
      this.#answered.set(id, true);
      return;
    }
    if (operation.isCompleted) this.wrong.push(`${operation.alias} was told after it was completed`);
    this.#answered.set(id, isAnswered(operation.kind));
    if (!hearsOfBank(operation.kind)) return;
    if (errors) this.wrong.push(`${operation.alias} failed: ${JSON.stringify(errors)}`);
    const [event] = Object.values(data ?? {});
    operation.told.push(event?.bankTransaction?.providerId);
  }
}

let gateway: Gateway;
afterEach(killChildren);
const account = encodeGlobalId('Account', SANDBOX_ACCOUNTS.everyday);
beforeAll(async () => {
  gateway = await startNews();
  gateway.bongloy.control.setFault({
    kind: 'delay',
    ms: 20,
    match: '/connect/v1/accounts',
    times: 1_000_000,
  });
});
afterAll(() => gateway.stop());

/** An operation's own deadline, and the comments that Yoga puts into a stream, which beat faster under test. */
const DEADLINE = 15_000;
const BEAT = 300;

async function walk(token: string, steps: readonly Step[], endsByLogout: boolean): Promise<void> {
  const after = await eventCursor(gateway, token);
  const variables = { after, account };
  const clients = await Promise.all(Array.from({ length: SOCKETS }, () => Client.open(gateway.url, token)));
  const present = new Set(clients);
  const streams: RawRequest[] = [];
  const ids: string[] = [];

  for (const step of steps) {
    const client = 'socket' in step ? clients[step.socket] : undefined;
    if (client && !present.has(client)) continue;
    if (step.do === 'subscribe') client?.subscribe(step.id, step.kind, variables);
    if (step.do === 'complete') client?.complete(step.id);
    if (step.do === 'settle') await client?.socket.roundTrip();
    if (step.do === 'news') {
      ids.push(String(gateway.casso.control.makeTransfer().id));
      await gateway.casso.control.webhooksIdle();
    }
    if (step.do === 'leave' && client) {
      present.delete(client);
      const { socket } = client.socket;
      if (step.how === 'close') socket.close();
      else if (step.how === 'terminate') socket.terminate();
      else (socket as unknown as { _socket: { end(): void } })._socket.end();
    }
    if (step.do === 'stream') {
      const { kind, accept, times } = step;
      const query = OPERATIONS[kind].replace('ALIAS', 'news');
      const stream = await postByHand(gateway.url, { query, variables, token, accept, times });
      streams.push(stream);
      if (step.leave === 'at once') stream.socket.destroy();
      if (step.leave === 'half-closed') stream.socket.end();
      if (step.leave === 'when it is answered') void stream.begun.then(() => stream.socket.destroy());
    }
  }

  for (const client of present) await client.heardOf(ids);
  expect(clients.flatMap(({ wrong }) => wrong)).toEqual([]);
  if (endsByLogout) {
    await gateway.ask('mutation { logout { __typename } }', {}, token);
    for (const { socket } of present) expect(await socket.closed).toBe(4401);
  }
  for (const { socket } of present) socket.socket.terminate();
  for (const { socket } of streams) socket.destroy();
}

test('operations that are begun and abandoned in any order get the right messages, and leave nothing behind', async () => {
  const token = await gateway.logIn();
  const timers = watchTimers((ms) => ms === DEADLINE || ms === BEAT);
  onTestFinished(() => timers.stop());
  const run = async (steps: readonly Step[], endsByLogout: boolean) => {
    await walk(endsByLogout ? await gateway.logIn() : token, steps, endsByLogout);
    await expect.poll(() => heldBy(gateway), { timeout: 10_000 }).toEqual(NOTHING);
    expect(gateway.app.live.subscribers).toBe(0);
    await expect.poll(() => timers.count(), { timeout: DEADLINE / 2 }).toBe(0);
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), fc.boolean(), run), {
    numRuns: 40,
    endOnFailure: true,
  });
  // As many as one viewer may hold at once: no place is taken by what was abandoned.
  const all = await Promise.all(Array.from({ length: 100 }, () => connect(gateway.url, token)));
  await Promise.all(all.map((client) => client.close()));
}, 90_000);

test('an operation that is refused takes its deadline along, whatever it is refused for', async () => {
  const token = await gateway.logIn();
  const aliases = Array.from(
    { length: 100 },
    (_, n) => `a${n}: activity(first: 100) { nodes { __typename } }`,
  );
  const refused: readonly { query: string; variables?: object; operationName?: string }[] = [
    { query: '{' },
    { query: '{ noSuchField }' },
    { query: 'query ($n: Int!) { accounts(first: $n) { nodes { id } } }' },
    { query: 'query A { eventCursor } query B { eventCursor }', operationName: 'C' },
    { query: `{ ${aliases.join(' ')} }` },
    { query: '{ accounts(first: -1) { nodes { id } } }' },
    { query: 'subscription { bankTransactionEvents(after: "nonsense") { cursor } }' },
    { query: 'subscription { transactionEvents(filter: { accountId: "nonsense" }) { cursor } }' },
    { query: 'subscription { bankTransactionEvents { cursor } transactionEvents { cursor } }' },
  ];
  const timers = watchTimers((ms) => ms === DEADLINE);
  onTestFinished(() => timers.stop());
  let answers = 0;
  const socket = await RawSocket.open(gateway.url, token, ({ type }) => {
    if (type === 'error' || type === 'complete') answers += 1;
  });
  for (const [n, payload] of refused.entries()) {
    const accept = payload.query.startsWith('subscription') ? 'text/event-stream' : 'application/json';
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
      body: JSON.stringify(payload),
    });
    await response.text();
    socket.subscribe(String(n), payload);
    socket.subscribe(`${n} completed`, payload);
    socket.complete(`${n} completed`);
  }
  while (answers < refused.length) await socket.roundTrip();
  await expect.poll(() => timers.count(), { timeout: DEADLINE / 2 }).toBe(0);
  await socket.close();
});

test('a socket and a stream take their timers along: for the greeting, the heartbeat, and the end of an operator’s token', async () => {
  const [initWithin, heartbeat] = [54_321, 65_432];
  const own = await startNews({ waits: { initWithin, heartbeat } });
  onTestFinished(() => own.stop());
  const token = await own.operatorToken();
  const timers = watchTimers((ms) => ms === initWithin || ms === heartbeat || ms > HOUR);
  onTestFinished(() => timers.stop());

  const silent = new WebSocket(`${own.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(silent, 'open');
  const socket = await RawSocket.open(own.url, token);
  socket.subscribe('a', { query: 'subscription { bankTransactionEvents { cursor } }' });
  while (own.app.live.subscribers < 1) await socket.roundTrip();
  const query = 'subscription { bankTransactionEvents { cursor } }';
  const stream = await postByHand(own.url, { query, token, accept: 'text/event-stream' });
  await stream.begun;
  // Two heartbeats, a greeting that never came, and the token's end for the socket and the stream.
  expect(timers.count()).toBeGreaterThanOrEqual(5);

  silent.terminate();
  await socket.close();
  stream.socket.destroy();
  await expect.poll(() => timers.count(), { timeout: 5_000 }).toBe(0);
});

test('a peer that says goodbye and then holds the connection gets nothing more, and nothing is made for it', async () => {
  const token = await gateway.logIn();
  const socket = await RawSocket.open(gateway.url, token);
  socket.subscribe('a', { query: 'subscription { bankTransactionEvents { cursor } }' });
  while (gateway.app.live.subscribers < 1) await socket.roundTrip();
  // Neither reads the answer nor ends its side of the connection.
  socket.socket.close();
  socket.socket.pause();
  const { executions } = gateway.app.live;
  for (let n = 0; n < 3; n += 1) {
    gateway.casso.control.makeTransfer();
    await gateway.casso.control.webhooksIdle();
  }
  await expect.poll(() => heldBy(gateway)).toEqual({ ...NOTHING, sockets: 1 });
  expect(gateway.app.live.executions).toBeLessThanOrEqual(executions + 1);
  socket.socket.terminate();
});

test('a process that was left by all of its clients stops at once', async () => {
  const own = await prepareGatewayProcess();
  onTestFinished(() => own.remove());
  const child = await own.start();
  await abandon(own.url, await own.operatorToken(), 20);
  const began = performance.now();
  child.signal('SIGTERM');
  expect(await child.exit).toBe(0);
  // Sooner than streams that are open may take to be given their last events.
  expect(performance.now() - began).toBeLessThan(2_500);
}, 60_000);
