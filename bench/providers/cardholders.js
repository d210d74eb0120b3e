import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createConnect } from '../upstream/connect.js';
import { login, userOf } from '../upstream/oauth.js';
import { rowsOf } from '../upstream/rows.js';

const JSON_API = 'application/vnd.api+json; charset=utf-8';

/** Few, as a thousand cardholders have them. */
export const TRANSACTIONS = 40;
export const rowsOfCardholder = (user) => rowsOf(user, TRANSACTIONS);

/** Bongloy Connect for any number of cardholders, each of which sees its own rows alone; counts the requests. */
export async function startCardholders() {
  const connect = createConnect(rowsOfCardholder);
  let calls = 0;
  let last = 0;
  const server = createServer({ keepAlive: true }, async (request, response) => {
    const user = userOf(request.headers.authorization);
    if (request.method === 'POST') {
      let text = '';
      for await (const chunk of request) text += chunk;
      const { status, document } = login(request.url, JSON.parse(text)) ?? { status: 404, document: {} };
      response.writeHead(status, { 'content-type': JSON_API }).end(JSON.stringify(document));
      return;
    }
    calls += 1;
    last = performance.now();
    const body = user === null ? null : connect(user, request.url);
    if (body === null) response.writeHead(user === null ? 401 : 404, { 'content-length': 0 }).end();
    else response.writeHead(200, { 'content-type': JSON_API, 'content-length': body.length }).end(body);
  });
  server.keepAliveTimeout = 600_000;
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Reads since this was asked last. */
    take() {
      const taken = calls;
      calls = 0;
      return taken;
    },
    /** Resolves when nothing was asked for so many milliseconds. */
    async quiet(ms) {
      const since = performance.now();
      while (performance.now() - Math.max(last, since) < ms) await wait(100);
    },
    stop: () => server.close(),
  };
}
