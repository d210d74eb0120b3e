import { createServer } from 'node:http';
import { worker } from '../lib/worker.js';
import { casso } from './casso.js';
import { createConnect } from './connect.js';
import { login, userOf } from './oauth.js';
import { createWaves } from './waves.js';

/** A process that plays Bongloy Connect, as lean as node:http lets it be, so that it is not what is measured. */
const connect = createConnect();
const waves = createWaves();
/** Milliseconds before a read is answered. */
let delay = 0;
let counting = false;

const JSON_API = 'application/vnd.api+json; charset=utf-8';

const server = createServer({ keepAlive: true }, (request, response) => {
  if (request.method === 'POST') return post(request, response);
  if (request.url.startsWith('/v2/')) return sendCasso(request, response);
  const user = userOf(request.headers.authorization);
  if (user === null) return response.writeHead(401).end();
  const answered = counting ? waves.begin(user) : undefined;
  const body = connect(user, request.url);
  const send = () => {
    answered?.();
    if (body === null) response.writeHead(404, { 'content-length': 0 }).end();
    else response.writeHead(200, { 'content-type': JSON_API, 'content-length': body.length }).end(body);
  };
  if (delay > 0) setTimeout(send, delay);
  else send();
});
server.keepAliveTimeout = 600_000;

function sendCasso({ url, headers }, response) {
  const body = JSON.stringify(casso(url, headers.authorization));
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(body);
}

async function post(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { status, document } = login(request.url, JSON.parse(text)) ?? { status: 404, document: {} };
  response.writeHead(status, { 'content-type': JSON_API }).end(JSON.stringify(document));
}

worker({
  start: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}` }));
    }),
  set: (settings) => {
    delay = settings.delay;
    counting = settings.counting;
  },
  take: (user) => waves.take(user),
});
