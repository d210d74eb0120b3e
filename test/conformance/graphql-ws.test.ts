import { on, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CloseCode } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Gateway, startGateway } from '../support/gateway.ts';

const PROTOCOL = 'graphql-transport-ws';
const INIT = { type: 'connection_init' };
const QUERY = { query: '{ viewer { kind } }' };
const BANK_EVENTS = { query: 'subscription { bankTransactionEvents { __typename } }' };
const EVENTS = { query: 'subscription { activityEvents { __typename } }' };
const subscribe = (id: string, payload: object = QUERY) => ({ type: 'subscribe', id, payload });

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.operatorToken();
});
afterAll(() => gateway.stop());

/** A socket by itself, for what no client library would do; frames are JSON, or text as it is. */
async function open({ url }: Gateway = gateway, protocols: string[] = [PROTOCOL]) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocols);
  onTestFinished(() => socket.terminate());
  const closed = once(socket, 'close').then(([code]) => code as number);
  const messages = on(socket, 'message');
  await once(socket, 'open');
  const send = (...frames: (object | string)[]) => {
    for (const frame of frames) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  };
  const next = async () => JSON.parse(String((await messages.next()).value[0]));
  return { closed, send, next };
}

/**
 * A client on a thread of its own, as this process is the gateway's: tells when its socket is open, waits until nobody
 * here can read, greets, and gives the time to greet more than its due before it lets this thread go on.
 */
const GREETS_WHILE_BUSY = `
  const { workerData: { url, busy, greeted }, parentPort } = require('node:worker_threads');
  const { WebSocket } = require('ws');
  const socket = new WebSocket(url, '${PROTOCOL}');
  socket.on('open', () => {
    parentPort.postMessage('open');
    Atomics.wait(busy, 0, 0);
    socket.send('${JSON.stringify(INIT)}', () => setTimeout(() => {
      Atomics.store(greeted, 0, 1);
      Atomics.notify(greeted, 0);
    }, 2_000));
  });
  socket.on('message', (data) => parentPort.postMessage(JSON.parse(data).type));
  socket.on('close', (code) => parentPort.postMessage(code));
`;

/** The same, once it is acknowledged as an operator's. */
async function openAcknowledged() {
  const opened = await open();
  opened.send({ ...INIT, payload: { authorization: `Bearer ${token}` } });
  expect(await opened.next()).toEqual({ type: 'connection_ack' });
  return opened;
}

describe('A socket is closed as graphql-transport-ws says', () => {
  test.each<[string, string | object]>([
    ['is no JSON', '{'],
    ['is empty', ''],
    ['is no object', '["connection_init"]'],
    ['has no type', { id: '1', payload: QUERY }],
    ['has a type that is no text', { type: 1 }],
    ['has a type that nobody knows', { type: 'start', id: '1', payload: QUERY }],
    ['only a server sends: connection_ack', { type: 'connection_ack' }],
    ['only a server sends: next', { type: 'next', id: '1', payload: { data: null } }],
    ['only a server sends: error', { type: 'error', id: '1', payload: [{ message: 'no' }] }],
    ['greets with something that is no object', { ...INIT, payload: 'Bearer' }],
    ['subscribes without an id', { type: 'subscribe', payload: QUERY }],
    ['subscribes with an empty id', subscribe('')],
    ['subscribes with a number as id', { type: 'subscribe', id: 1, payload: QUERY }],
    ['subscribes to nothing', { type: 'subscribe', id: '1' }],
    ['subscribes without a query', subscribe('1', {})],
    ['has variables that are a list', subscribe('1', { ...QUERY, variables: [] })],
    ['completes nothing', { type: 'complete' }],
  ])('with 4400 after a message that %s', async (_what, frame) => {
    const { send, closed } = await open();
    send(frame);
    expect(await closed).toBe(CloseCode.BadRequest);
  });

  test('with 4401 after an operation that comes before the greeting', async () => {
    const { send, closed } = await open();
    send(subscribe('1'));
    expect(await closed).toBe(CloseCode.Unauthorized);
  });

  test('with 4401 after an operation that does not wait for the acknowledgement', async () => {
    const { send, closed } = await open();
    send({ ...INIT, payload: { authorization: `Bearer ${token}` } }, subscribe('1'));
    expect(await closed).toBe(CloseCode.Unauthorized);
  });

  test('with 4401 after a greeting with a token that is not valid', async () => {
    const { send, closed } = await open();
    send({ ...INIT, payload: { authorization: 'Bearer wrong' } });
    expect(await closed).toBe(CloseCode.Unauthorized);
  });

  test('with 4406 when it offers no protocol', async () => {
    const { closed } = await open(gateway, []);
    expect(await closed).toBe(CloseCode.SubprotocolNotAcceptable);
  });

  test('with 4408 when no greeting comes in time', async () => {
    const hasty = await startGateway({ waits: { initWithin: 200 } });
    onTestFinished(() => hasty.stop());
    const { closed } = await open(hasty);
    expect(await closed).toBe(CloseCode.ConnectionInitialisationTimeout);
  });

  test('with 4409 after a second operation with the id of one that goes on', async () => {
    const { send, closed } = await openAcknowledged();
    send(subscribe('1', EVENTS), subscribe('1'));
    expect(await closed).toBe(CloseCode.SubscriberAlreadyExists);
  });

  test.each([
    ['after the acknowledgement', openAcknowledged],
    [
      'before it',
      async () => {
        const opened = await open();
        opened.send(INIT);
        return opened;
      },
    ],
  ])('with 4429 after a second greeting %s', async (_when, greeted) => {
    const { send, closed } = await greeted();
    send(INIT);
    expect(await closed).toBe(CloseCode.TooManyInitialisationRequests);
  });
});

describe('A socket stays open, as graphql-transport-ws says', () => {
  test('after a ping, before and after the greeting, and answers with what came', async () => {
    const { send, next } = await open();
    send({ type: 'ping' });
    expect(await next()).toEqual({ type: 'pong' });
    send(INIT);
    expect(await next()).toEqual({ type: 'connection_ack' });
    send({ type: 'ping', payload: { n: 1 } });
    expect(await next()).toEqual({ type: 'pong', payload: { n: 1 } });
  });

  test('after a greeting that came in time, and was read late because the gateway was busy', async () => {
    const hasty = await startGateway({ waits: { initWithin: 1_000 } });
    onTestFinished(() => hasty.stop());
    const flag = () => new Int32Array(new SharedArrayBuffer(4));
    const [busy, greeted] = [flag(), flag()];
    const url = `${hasty.url.replace('http', 'ws')}/graphql`;
    const client = new Worker(GREETS_WHILE_BUSY, { eval: true, workerData: { url, busy, greeted } });
    onTestFinished(() => void client.terminate());
    const said = on(client, 'message');
    expect((await said.next()).value).toEqual(['open']);
    Atomics.store(busy, 0, 1);
    Atomics.notify(busy, 0);
    expect(Atomics.wait(greeted, 0, 0, 10_000)).not.toBe('timed-out');
    expect((await said.next()).value).toEqual(['connection_ack']);
  });

  test('after a pong that nobody asked for, and the completion of what never was', async () => {
    const { send, next } = await openAcknowledged();
    send({ type: 'pong' }, { type: 'complete', id: 'unknown' }, { type: 'ping' });
    expect(await next()).toEqual({ type: 'pong' });
  });

  test('after an operation that is wrong: its error is its end', async () => {
    const { send, next } = await openAcknowledged();
    send(subscribe('1', { query: '{ noSuchField }' }));
    expect(await next()).toMatchObject({
      type: 'error',
      id: '1',
      payload: [{ message: expect.any(String) }],
    });
    send({ type: 'ping' });
    expect(await next()).toEqual({ type: 'pong' });
  });

  test('and an id may be used again once its operation was answered, was refused, or was completed', async () => {
    const { send, next } = await openAcknowledged();
    send(subscribe('1'));
    expect(await next()).toMatchObject({ type: 'next', id: '1', payload: { data: expect.anything() } });
    expect(await next()).toEqual({ type: 'complete', id: '1' });
    send(subscribe('1', { query: '{' }));
    expect(await next()).toMatchObject({ type: 'error', id: '1' });
    send(subscribe('1', EVENTS), { type: 'complete', id: '1' }, subscribe('1'));
    expect(await next()).toMatchObject({
      type: 'next',
      id: '1',
      payload: { data: { viewer: { kind: 'OPERATOR' } } },
    });
  });

  test.each([
    ['the same subscription', EVENTS],
    ['another subscription', BANK_EVENTS],
    ['a query', QUERY],
  ])(
    'and so may the id of a subscription that was completed in the same breath, for %s',
    async (_what, payload) => {
      const { send, next } = await openAcknowledged();
      const isQuery = payload === QUERY;
      for (let round = 0; round < 5; round += 1) {
        send(subscribe('1', EVENTS), { type: 'complete', id: '1' }, subscribe('1', payload));
        if (isQuery) {
          expect(await next()).toMatchObject({ type: 'next', id: '1', payload: { data: { viewer: {} } } });
          expect(await next()).toEqual({ type: 'complete', id: '1' });
          continue;
        }
        while (gateway.app.live.subscribers !== 1) await new Promise(setImmediate);
        gateway.casso.control.makeTransfer();
        expect(await next()).toMatchObject({ type: 'next', id: '1', payload: { data: expect.anything() } });
        send({ type: 'complete', id: '1' });
        gateway.casso.control.makeTransfer();
        await gateway.casso.control.webhooksIdle();
        send({ type: 'ping' });
        expect(await next()).toEqual({ type: 'pong' });
        expect(gateway.app.live.subscribers).toBe(0);
      }
    },
  );

  test('unless it is used twice: that is refused while the first one waits for the end of the one before, too', async () => {
    const { send, closed } = await openAcknowledged();
    send(subscribe('1', EVENTS), { type: 'complete', id: '1' }, subscribe('1', EVENTS), subscribe('1'));
    expect(await closed).toBe(CloseCode.SubscriberAlreadyExists);
  });

  test('and an operation that was completed before its turn came is never begun', async () => {
    const { send, next } = await openAcknowledged();
    const again = [subscribe('1'), { type: 'complete', id: '1' }];
    send(...again, ...again, ...again, subscribe('1', { query: '{ last: viewer { kind } }' }));
    expect(await next()).toMatchObject({ type: 'next', id: '1', payload: { data: { last: {} } } });
    expect(await next()).toEqual({ type: 'complete', id: '1' });
  });
});
