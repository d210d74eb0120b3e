import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { worker } from '../../lib/worker.js';
import { accountNumber, BANK_ACCOUNTS } from '../../upstream/casso.js';
import { eventOf } from '../subscription.js';

/**
 * The limit with ws: no GraphQL, no store, no check of who may see what. A webhook's event becomes bytes once, and those
 * are sent to every socket of its topic.
 */
const EVERYTHING = '';
const topics = new Map();

function join(topic, socket) {
  if (!topics.has(topic)) topics.set(topic, new Set());
  topics.get(topic).add(socket);
  socket.on('close', () => topics.get(topic).delete(socket));
}

function publish(row) {
  const data = { bankTransactionEvents: eventOf(row) };
  const bytes = Buffer.from(JSON.stringify({ id: '1', type: 'next', payload: { data } }));
  for (const topic of [row.bank_sub_acc_id, EVERYTHING]) {
    for (const socket of topics.get(topic) ?? []) socket.send(bytes, { binary: false });
  }
}

worker({
  start: () =>
    new Promise((resolve) => {
      const server = createServer(async (request, response) => {
        let text = '';
        for await (const chunk of request) text += chunk;
        for (const row of JSON.parse(text).data) publish(row);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}');
      });
      new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false }).on(
        'connection',
        (socket) => {
          socket.on('message', (message) => {
            const { type, payload } = JSON.parse(message);
            if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
            if (type === 'subscribe') join(payload.variables.filter?.bankAccountId ?? EVERYTHING, socket);
          });
        },
      );
      // One that is busy for longer than Node's 5 s would cut the sender off in the middle of its next delivery.
      server.keepAliveTimeout = 600_000;
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        const accounts = Array.from({ length: BANK_ACCOUNTS }, (_, n) => accountNumber(n));
        resolve({ url: `http://127.0.0.1:${port}/webhook`, port, tokens: ['anybody'], accounts });
      });
    }),
});
