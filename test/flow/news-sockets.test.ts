import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createOperatorKeys, signOperatorToken, writeOperatorKeys } from '../../src/auth/operator-keys.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, logInAs } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { heldBy } from '../support/gauges.ts';
import {
  ACTIVITY_EVENTS,
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  overSse,
  postCasso,
  startNews,
  TRANSACTION_EVENTS,
} from '../support/news.ts';
import type { SseFeed } from '../support/sse-client.ts';
import { connect } from '../support/ws-client.ts';

const LOGOUT = 'mutation { logout { __typename } }';

/** A WebSocket by itself, for what no client library would do. */
async function bareSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  return socket;
}

/** SSE by hand, so that reading can stop. */
async function stalledSse(url: string, query: string, variables: object, token: string) {
  const { port } = new URL(url);
  const socket = connectTcp(Number(port), '127.0.0.1').on('error', () => {});
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  const body = JSON.stringify({ query, variables });
  socket.write(
    [
      'POST /graphql HTTP/1.1',
      'Host: x',
      'Content-Type: application/json',
      'Accept: text/event-stream',
      `Authorization: Bearer ${token}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
  return { socket, bytes: () => bytes, begun: once(socket, 'data') };
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, 'close');
  return code as number;
}

describe('a socket', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startNews();
  });
  afterAll(() => gateway.stop());

  test('without a token is anonymous, and may log in', async () => {
    const client = await connect(gateway.url);
    const { data } = await client.subscribe('{ viewer { __typename } }').next();
    expect(data).toBeDefined();
    await client.close();
  });

  test.each([
    ['that is no token of ours', 'nonsense'],
    ['that looks like one', `mks_${'A'.repeat(43)}`],
    ['that is empty', ''],
  ])('with a token %s is closed with 4401', async (_what, token) => {
    await expect(connect(gateway.url, token)).rejects.toThrow('4401');
  });

  test('with a token that has been logged out is closed with 4401', async () => {
    const token = await gateway.logIn();
    await gateway.ask(LOGOUT, {}, token);
    await expect(connect(gateway.url, token)).rejects.toThrow('4401');
  });

  test('sees a provider that its session has linked since it was opened', async () => {
    const token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
    const client = await connect(gateway.url, token);
    const whoAmI = () => client.subscribe('{ cardholder { name } }').next();
    expect(await whoAmI()).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED', provider: 'BONGLOY' } }],
    });
    await logInAs(gateway, 'main', token);
    expect(await whoAmI()).toMatchObject({ data: { cardholder: { name: expect.any(String) } } });
    await client.close();
  });

  test('that sends a message of more than 256 KiB is closed with 1009', async () => {
    const socket = await bareSocket(gateway.url);
    socket.send('x'.repeat(256 * 1024 + 1));
    expect(await closeCode(socket)).toBe(1009);
  });

  test('survives a query that is wrong: the error is told, in the words of the API', async () => {
    const client = await connect(gateway.url, await gateway.logIn());
    const wrong = [
      client.subscribe('{ viewer {'),
      client.subscribe('{ noSuchField }'),
      client.subscribe('query A { eventCursor } query B { eventCursor }'),
      client.subscribe('query ($n: Int!) { transactions(first: $n) { nodes { id } } }', { n: 'x' }),
    ];
    for (const feed of wrong) {
      const end = await feed.ended;
      const errors = end.kind === 'error' ? end.errors : feed.results[0]?.errors;
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
      expect(errors?.[0]?.extensions).not.toHaveProperty('http');
    }
    const { data } = await client.subscribe('{ viewer { __typename } }').next();
    expect(data).toBeDefined();
    await client.close();
  });

  test('elsewhere than at /graphql there is none', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('404');
  });

  test('a connection that is reset while it asks for a socket hurts nobody', async () => {
    const { port } = new URL(gateway.url);
    for (const path of ['/elsewhere', '/graphql']) {
      for (const isAnswered of [false, true]) {
        const socket = connectTcp(Number(port), '127.0.0.1').on('error', () => {});
        await once(socket, 'connect');
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
        if (isAnswered) await once(socket, 'data');
        socket.resetAndDestroy();
      }
    }
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });
});

describe('limits', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startNews();
  });
  afterAll(() => gateway.stop());

  test('a socket carries 100 operations; the next is refused with RATE_LIMITED, and the others go on', async () => {
    const token = await gateway.logIn();
    const client = await connect(gateway.url, token);
    const after = await eventCursor(gateway, token);
    const feeds = Array.from({ length: 100 }, () => client.subscribe(BANK_EVENTS, { after }));
    const end = await client.subscribe(BANK_EVENTS, { after }).ended;
    expect(end).toMatchObject({ kind: 'error', errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    const { id } = gateway.casso.control.makeTransfer();
    for (const feed of feeds) expect(idsOf([await feed.event()])).toEqual([String(id)]);
    feeds[0]?.leave();
    const next = client.subscribe(BANK_EVENTS, { after });
    expect(idsOf([await next.event()])).toEqual([String(id)]);
    await client.close();
  });

  test('a viewer holds 100 sockets and streams at once; who closes one may open another; others are not concerned', async () => {
    const token = await gateway.logIn();
    const sockets = await Promise.all(Array.from({ length: 99 }, () => connect(gateway.url, token)));
    const after = await eventCursor(gateway, token);
    const stream = await overSse(gateway.url, BANK_EVENTS, { after }, token);
    const { id } = gateway.casso.control.makeTransfer();
    expect(idsOf([await stream.feed.event()])).toEqual([String(id)]);

    await expect(connect(gateway.url, token)).rejects.toThrow('1013');
    const refused = await overSse(gateway.url, BANK_EVENTS, { after }, token);
    const { errors } = await refused.feed.next();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
    await (await connect(gateway.url, await gateway.logIn())).close();

    await sockets.pop()?.close();
    sockets.push(await connect(gateway.url, token));
    await stream.close();
    await Promise.all(sockets.map((socket) => socket.close()));
    const again = await Promise.all(Array.from({ length: 100 }, () => connect(gateway.url, token)));
    await Promise.all(again.map((socket) => socket.close()));
  });

  test('who leaves while the token is looked up holds no place', async () => {
    const token = await gateway.operatorToken();
    const payload = { authorization: `Bearer ${token}` };
    for (let n = 0; n < 150; n += 1) {
      const socket = await bareSocket(gateway.url);
      socket.send(JSON.stringify({ type: 'connection_init', payload }), () => socket.terminate());
    }
    const sockets = await Promise.all(Array.from({ length: 100 }, () => connect(gateway.url, token)));
    await Promise.all(sockets.map((socket) => socket.close()));
  });
});

describe('the end of a session', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startNews();
  });
  afterAll(() => gateway.stop());

  test('logout closes its sockets with 4401 at once, and no other', async () => {
    const [token, other] = [await gateway.logIn(), await gateway.logIn()];
    const clients = [await connect(gateway.url, token), await connect(gateway.url, token)];
    const stays = await connect(gateway.url, other);
    const after = await eventCursor(gateway, other);
    const feeds = clients.map((client) => client.subscribe(ACTIVITY_EVENTS, { after }));
    await gateway.ask(LOGOUT, {}, token);
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 4401 });
    expect(feeds.flatMap(({ results }) => results.map(({ data }) => data))).not.toContainEqual(
      expect.objectContaining({ activityEvents: expect.anything() }),
    );
    const { id } = gateway.casso.control.makeTransfer();
    expect(idsOf([await stays.subscribe(ACTIVITY_EVENTS, { after }).event()])).toEqual([String(id)]);
    await stays.close();
  });

  test('logout ends its SSE streams with UNAUTHENTICATED', async () => {
    const token = await gateway.logIn();
    const after = await eventCursor(gateway, token);
    const { feed } = await overSse(gateway.url, ACTIVITY_EVENTS, { after }, token);
    gateway.casso.control.makeTransfer();
    await feed.event();
    await gateway.ask(LOGOUT, {}, token);
    const { errors } = await feed.next();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await feed.ended).toEqual({ kind: 'complete' });
  });

  test("an operator's socket and stream end with its token", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mekong-'));
    const keys = await createOperatorKeys('ES256');
    const { publicFile } = await writeOperatorKeys(folder, keys);
    const names = { issuer: 'https://shop.example', audience: 'mekong' };
    const shop = await startNews({
      env: {
        OPERATOR_JWKS_FILE: publicFile,
        OPERATOR_ISSUER: names.issuer,
        OPERATOR_AUDIENCE: names.audience,
      },
    });
    try {
      const claims = { subject: 'shop', scopes: ['events:read'], ttlMs: 2_000, ...names } as const;
      const token = await signOperatorToken(keys.privateJwk, claims, systemClock);
      const client = await connect(shop.url, token);
      const { feed } = await overSse(shop.url, BANK_EVENTS, {}, token);
      expect(await client.closed).toMatchObject({ code: 4401 });
      const { errors } = await feed.next();
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    } finally {
      await shop.stop();
      await rm(folder, { recursive: true });
    }
  });

  test('a client that logs in again resumes where it was', async () => {
    const token = await gateway.logIn();
    const after = await eventCursor(gateway, token);
    const client = await connect(gateway.url, token);
    const feed = client.subscribe(BANK_EVENTS, { after });
    gateway.casso.control.makeTransfer();
    const { cursor } = await feed.event();
    await gateway.ask(LOGOUT, {}, token);
    await client.closed;
    const missed = String(gateway.casso.control.makeTransfer().id);
    await gateway.casso.control.webhooksIdle();
    const again = await connect(gateway.url, await gateway.logIn());
    expect(idsOf([await again.subscribe(BANK_EVENTS, { after: cursor }).event()])).toEqual([missed]);
    await again.close();
  });
});

describe('heartbeats', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startNews({ waits: { heartbeat: 300 } });
  });
  afterAll(() => gateway.stop());

  test('a socket is pinged, again and again, and lives as long as it answers', async () => {
    const client = await connect(gateway.url, await gateway.logIn());
    for (let n = 0; n < 4; n += 1) await once(client.socket, 'ping');
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    await client.close();
  });

  // Yoga's own, which beats faster under test.
  test('an SSE stream carries comments while nothing happens', async () => {
    const stream = await overSse(gateway.url, BANK_EVENTS, {}, await gateway.logIn());
    const feed = stream.feed as SseFeed;
    await feed.until(() => feed.comments >= 3);
    expect(stream.feed.results).toEqual([]);
    await stream.close();
  });

  describe('of 52 subscribers one socket and one SSE stream stop reading', () => {
    let gateway: Gateway;
    beforeAll(async () => {
      // The clients answer in the gateway's own process: while it is busy with all of them, none of them can.
      gateway = await startNews({ waits: { heartbeat: 1_500 } });
    });
    afterAll(() => gateway.stop());
    /** Fills what the network holds for a peer that does not read: about 600 KB an event. */
    const LARGE = `subscription ($after: String) { bankTransactionEvents(after: $after) {
      cursor bankTransaction { providerId ${Array.from({ length: 30 }, (_, n) => `d${n}: description`).join(' ')} }
    } }`;
    const description = 'x'.repeat(20_000);
    let rowId = 90_000;
    const news = async () => {
      rowId += 1;
      expect((await postCasso(gateway, cassoBody(cassoRow(rowId, { description })))).status).toBe(200);
      return String(rowId);
    };

    test('nobody else waits; both are cut off; they resume and miss nothing', async () => {
      const operator = await gateway.operatorToken();
      const after = await eventCursor(gateway, operator);
      const clients = await Promise.all(Array.from({ length: 50 }, () => connect(gateway.url, operator)));
      const feeds = clients.map((client) => client.subscribe(BANK_EVENTS, { after }));
      const socket = await connect(gateway.url, operator);
      const socketFeed = socket.subscribe(LARGE, { after });
      const stream = await stalledSse(gateway.url, LARGE, { after }, operator);
      const ids = [await news()];
      const { cursor } = await socketFeed.event();
      await stream.begun;
      socket.socket.pause();
      stream.socket.pause();
      for (let n = 0; n < 20; n += 1) ids.push(await news());
      for (const feed of feeds) expect(idsOf(await feed.events(ids.length))).toEqual(ids);

      // A peer that does not read gets no close, so the gateway is asked.
      await expect
        .poll(() => heldBy(gateway), { timeout: 40_000, interval: 250 })
        .toEqual({ sockets: clients.length, overWebSocket: clients.length, overSse: 0 });
      const cut = [socket.closed, once(stream.socket, 'close')] as const;
      socket.socket.resume();
      stream.socket.resume();
      expect(await cut[0]).toMatchObject({ code: 1006 });
      await cut[1];
      expect(stream.bytes()).toBeLessThan(20 * 30 * description.length);

      const again = await connect(gateway.url, operator);
      expect(idsOf(await again.subscribe(BANK_EVENTS, { after: cursor }).events(20))).toEqual(ids.slice(1));
      await Promise.all([...clients, again].map((client) => client.close()));
    }, 60_000);
  });
});

describe('stopping', () => {
  test('sockets close with 1001, SSE is cut off and not completed, after the last event; then nobody is let in', async () => {
    const gateway = await startGateway();
    const token = await gateway.logIn();
    const client = await connect(gateway.url, token);
    const after = await eventCursor(gateway, token);
    const socketFeed = client.subscribe(ACTIVITY_EVENTS, { after });
    const { feed: sseFeed } = await overSse(gateway.url, ACTIVITY_EVENTS, { after }, token);
    const first = gateway.casso.control.makeTransfer();
    for (const feed of [socketFeed, sseFeed]) expect(idsOf([await feed.event()])).toEqual([String(first.id)]);

    // In flight: answered 2xx, while the provider takes its time to give the transaction.
    gateway.bongloy.control.setFault({ kind: 'delay', ms: 300, match: '/connect/v1/transactions/' });
    const last: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      last.push(gateway.bongloy.control.makePurchase().id);
      await gateway.bongloy.control.webhooksIdle();
      expect(gateway.bongloy.control.deliveries().at(-1)?.status).toBe(200);
    }
    const stopped = gateway.stop();
    for (const feed of [socketFeed, sseFeed]) expect(idsOf(await feed.events(3))).toEqual(last);
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await socketFeed.ended).toEqual({ kind: 'cut', code: 1001 });
    expect(await sseFeed.ended).toEqual({ kind: 'cut' });
    await stopped;
    await expect(connect(gateway.url, token)).rejects.toThrow();
  });

  test('a peer that does not close with us does not hold up the end', async () => {
    const gateway = await startGateway();
    const token = await gateway.logIn();
    const client = await connect(gateway.url, token);
    client.subscribe(TRANSACTION_EVENTS);
    client.socket.pause();
    const began = Date.now();
    await gateway.stop();
    expect(Date.now() - began).toBeLessThan(9_000);
    client.socket.terminate();
  });
});
