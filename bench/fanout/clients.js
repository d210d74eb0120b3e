import { openSocket } from '../lib/socket-client.js';
import { percentile } from '../lib/stats.js';
import { microseconds } from '../lib/webhook.js';
import { worker } from '../lib/worker.js';
import { SUBSCRIPTION } from './subscription.js';

/** The process that subscribes. */
let sockets = [];
let closed = 0;
let received = new Int32Array(0);
let total = 0;
let latencies = null;
let awaited = { total: Infinity, resolve() {} };

const NEXT = Buffer.from('"type":"next"');
const ACK = Buffer.from('"connection_ack"');
const MARK = Buffer.from('at:');
const TOGETHER = 100;

async function subscribe(index, { port, token, account }) {
  let acknowledged;
  const ready = new Promise((resolve) => {
    acknowledged = resolve;
  });
  const socket = await openSocket({
    port,
    protocol: 'graphql-transport-ws',
    onText(bytes) {
      if (bytes.indexOf(NEXT) >= 0) {
        if (bytes.indexOf('"errors"') >= 0) throw new Error(bytes.toString());
        received[index] += 1;
        total += 1;
        if (latencies) {
          const at = bytes.indexOf(MARK) + MARK.length;
          latencies.push(microseconds() - Number(bytes.toString('latin1', at, bytes.indexOf('.', at))));
        }
        if (total === awaited.total) awaited.resolve(microseconds());
      } else if (bytes.indexOf(ACK) >= 0) acknowledged();
      else throw new Error(`a socket got ${bytes}`);
    },
    onClose() {
      closed += 1;
    },
  });
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await ready;
  const variables = account === null ? {} : { filter: { bankAccountId: account } };
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION, variables } }));
  return socket;
}

worker({
  /** Socket s takes token `s / 100` and, of `accounts`, the one whose turn it is; no accounts: everything. */
  async open({ port, count, tokens, accounts }) {
    received = new Int32Array(count);
    closed = 0;
    for (let from = 0; from < count; from += TOGETHER) {
      const indexes = Array.from({ length: Math.min(TOGETHER, count - from) }, (_, n) => from + n);
      const opened = indexes.map((index) =>
        subscribe(index, {
          port,
          token: tokens[Math.floor(index / 100) % tokens.length],
          account: accounts && accounts[index % accounts.length],
        }),
      );
      sockets.push(...(await Promise.all(opened)));
    }
  },

  /** Everything from now on is counted anew. */
  reset({ timed = false } = {}) {
    received.fill(0);
    total = 0;
    latencies = timed ? [] : null;
    awaited = { total: Infinity, resolve() {} };
  },

  /** @returns when the last of so many deliveries arrived. */
  until: ({ deliveries }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${total} of ${deliveries} deliveries came, ${closed} sockets closed`)),
        120_000,
      );
      awaited = {
        total: deliveries,
        resolve(at) {
          clearTimeout(timer);
          resolve(at);
        },
      };
      if (total >= deliveries) awaited.resolve(microseconds());
    }),

  /** How many each socket got, at least and at most; latencies in milliseconds. */
  counted: () => ({
    least: Math.min(...received),
    most: Math.max(...received),
    closed,
    ...(latencies && { p50: percentile(latencies, 0.5) / 1000, p99: percentile(latencies, 0.99) / 1000 }),
  }),

  async close() {
    for (const socket of sockets) socket.close();
    sockets = [];
  },
});
