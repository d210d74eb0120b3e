import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';

const LIMITS = { headersWithin: 200, requestWithin: 1_000, keepAlive: 75_000 };

let http: HttpServer;
let url: string;
async function start(limits = LIMITS): Promise<number> {
  http = createHttpServer(
    { '/': (request, response) => void request.resume().once('end', () => response.end('done')) },
    { onError: () => {} },
    limits,
  );
  const { port } = await http.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${port}/`;
  return port;
}
afterEach(() => http.close(0));

interface Answered {
  readonly reused: boolean;
  readonly connection: string | undefined;
}

/** One request over that agent's connection. */
const ask = (agent: Agent): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response: IncomingMessage) => {
      const { connection } = response.headers;
      void text(response).then(() => resolve({ reused: request.reusedSocket, connection }));
    });
    request.on('error', reject);
  });

describe('a connection between two requests', () => {
  test('stays open, for longer than headers may take', async () => {
    await start();
    const agent = new Agent({ keepAlive: true });
    expect(await ask(agent)).toEqual({ reused: false, connection: 'keep-alive' });
    await pause(3 * LIMITS.headersWithin + 1_000);
    expect(await ask(agent)).toEqual({ reused: true, connection: 'keep-alive' });
    agent.destroy();
  });

  test('is closed when its time is over', async () => {
    await start({ ...LIMITS, keepAlive: 100 });
    const agent = new Agent({ keepAlive: true });
    const closed = new Promise((resolve) => {
      agent.on('free', (socket) => socket.once('close', resolve));
    });
    await ask(agent);
    await closed;
    expect((await ask(agent)).reused).toBe(false);
    agent.destroy();
  });

  test('ends with the next answer once the server drains', async () => {
    await start();
    const agent = new Agent({ keepAlive: true });
    await ask(agent);
    http.drain();
    expect(await ask(agent)).toEqual({ reused: true, connection: 'close' });
    expect(await ask(agent)).toEqual({ reused: false, connection: 'close' });
    agent.destroy();
  });
});

test.each([
  ['leaves', true],
  ['falls silent', false],
])(
  'A client that is answered before it has sent its body, and then %s, gets one answer',
  async (_what, leaves) => {
    http = createHttpServer(
      { '/': (_request, response) => void response.end('enough') },
      { onError: () => {} },
      { ...LIMITS, requestWithin: 300 },
    );
    const { port } = await http.listen(0, '127.0.0.1');
    const socket = connect(port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
    const [first] = await once(socket, 'data');
    if (leaves) socket.end();
    expect(`${first}${await text(socket)}`.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  },
);

/** Sends requests on a thread of its own, each on a new connection, and tells the main thread when all are sent. */
const SENDERS = `
  const { connect } = require('node:net');
  const { workerData: { port, count, all }, parentPort } = require('node:worker_threads');
  const answers = Array.from({ length: count }, () => new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 2\\r\\n\\r\\n{}', () => {
        if (Atomics.add(all, 0, 1) + 1 === count) Atomics.notify(all, 0);
      });
    });
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('error', (error) => resolve(error.code));
    socket.on('close', () => resolve(text.split('\\r\\n', 1)[0]));
  }));
  Promise.all(answers).then((all) => parentPort.postMessage(all));
`;

test('What was sent before the end began is answered, also what waited to be accepted', async () => {
  const port = await start();
  const count = 60;
  const all = new Int32Array(new SharedArrayBuffer(4));
  const senders = new Worker(SENDERS, { eval: true, workerData: { port, count, all } });
  const answers = new Promise((resolve) => senders.once('message', resolve));
  // Blocks this thread: nothing is accepted or read until everything is sent.
  for (let sent = 0; sent < count; sent = Atomics.load(all, 0)) Atomics.wait(all, 0, sent, 10_000);
  http.drain();
  await http.settle();
  await http.close(10_000);
  expect(await answers).toEqual(Array(count).fill('HTTP/1.1 200 OK'));
  await senders.terminate();
});
