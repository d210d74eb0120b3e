import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { MAX_HELD } from '../../src/http/places.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { connect, type WsClient } from '../support/ws-client.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const NEWS = 'subscription { bankTransactionEvents { cursor } }';
/** Of a busy machine, in milliseconds, to hear that a connection is gone. */
const PATIENCE = 10_000;
const LARGE = 90_000;
/** Each holds more than a third of what a viewer's may. */
const large: [string, (n: number) => [query: string, variables: Record<string, unknown>]][] = [
  ['its text', (n) => [`${NEWS} # ${n}${'x'.repeat(LARGE)}`, {}]],
  ['a variable that is not declared', () => [NEWS, { junk: 'x'.repeat(LARGE) }]],
  ['a variable within another', () => [NEWS, { junk: [{ a: ['x'.repeat(LARGE)] }] }]],
];
const TOO_MUCH = {
  message: `The requests of your open operations may have ${MAX_HELD} characters together. End some, or send shorter ones.`,
  extensions: { code: 'RATE_LIMITED' },
};

describe.each(large)('subscriptions that are large by %s', (_what, request) => {
  test('are refused when those of a viewer hold too much, and taken again when one has ended', async () => {
    const stranger = await gateway.logIn();
    const session = await gateway.logIn();
    const [one, two, other] = await Promise.all([
      connect(gateway.url, session),
      connect(gateway.url, session),
      connect(gateway.url, stranger),
    ]);
    const first = one.subscribe(...request(0));
    await isHeard(one);
    two.subscribe(...request(1));
    await isHeard(two);
    const refused = one.subscribe(...request(2));
    expect(await refused.ended).toMatchObject({ kind: 'error', errors: [TOO_MUCH] });
    // Small ones still have room, and other viewers all of theirs.
    await begins(one, NEWS, {});
    await begins(other, ...request(3));

    first.leave();
    await isHeard(one);
    await begins(two, ...request(4));
    const last = two.subscribe(...request(5));
    expect(await last.ended).toMatchObject({ errors: [TOO_MUCH] });
    // A socket that is gone holds nothing.
    two.socket.terminate();
    await vi.waitFor(() => begins(one, ...request(6)), PATIENCE);
    await Promise.all([one.close(), other.close()]);
  });
});

/** What the socket has sent before is dealt with by then. */
const isHeard = (socket: WsClient) => socket.subscribe('{ __typename }').ended;

/** Subscribes, and sees that an event comes. */
async function begins(socket: WsClient, query: string, variables: Record<string, unknown>): Promise<void> {
  const feed = socket.subscribe(query, variables);
  await isHeard(socket);
  gateway.casso.control.makeTransfer({ business: 'main' });
  expect(await feed.next()).toMatchObject({ data: { bankTransactionEvents: {} } });
}

test('streams over SSE hold as much as operations of sockets', async () => {
  const session = await gateway.logIn();
  const query = (n: number) => `${NEWS} # ${n}${'x'.repeat(LARGE)}`;
  const streams = [await stream(query(1), session), await stream(query(2), session)];
  const refused = await stream(query(3), session);
  expect(await refused.response.text()).toContain(TOO_MUCH.message);
  const socket = await connect(gateway.url, session);
  expect(await socket.subscribe(query(4)).ended).toMatchObject({ errors: [TOO_MUCH] });
  streams[0]?.leave();
  // When the gateway hears of it is the network's to say.
  await vi.waitFor(() => begins(socket, query(5), {}), PATIENCE);
  streams[1]?.leave();
  await socket.close();
});

/** A subscription over SSE that stands, or was refused. */
async function stream(query: string, token: string) {
  const controller = new AbortController();
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query }),
    signal: controller.signal,
  });
  return { response, leave: () => controller.abort() };
}

test("an operation's id has 256 characters at most", async () => {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const messages: { type: string; id?: string; payload?: unknown }[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    waiting.shift()?.();
  });
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  const send = (message: object) => socket.send(JSON.stringify(message));
  const payload = { query: '{ __typename }' };
  socket.on('open', () => send({ type: 'connection_init' }));
  await next();
  send({ type: 'subscribe', id: 'i'.repeat(257), payload });
  await next();
  expect(messages.at(-1)).toMatchObject({
    type: 'error',
    payload: [
      {
        message: "The operation's id has 257 characters; 256 are allowed. A UUID is enough.",
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ],
  });
  send({ type: 'subscribe', id: 'i'.repeat(256), payload });
  await next();
  expect(messages).toContainEqual(
    expect.objectContaining({
      type: 'next',
      payload: expect.objectContaining({ data: { __typename: 'Query' } }),
    }),
  );
  socket.terminate();
});
