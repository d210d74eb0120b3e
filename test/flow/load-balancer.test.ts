import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';

import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  overSse,
  overWebSocket,
  postCasso,
  startNews,
} from '../support/news.ts';
import { withProgram } from '../support/program.ts';
import { PROXIES, type Proxy, startProxy } from '../support/proxy.ts';

const ACCOUNT = SANDBOX_BUSINESSES.main.accounts[0].accountNumber;

withProgram('haproxy', () => {
  test('what a gateway dropped unanswered goes to the other when it is a webhook, and never when it may be a mutation', async () => {
    const dropping = await startBackend((answer) => answer.destroy());
    const answering = await startBackend((answer) => answer.end('done'));
    const front = await startProxy(PROXIES.haproxy, [dropping.url, answering.url]);
    const post = (path: string) =>
      fetch(`${front.url}${path}`, { method: 'POST', body: '{}' }).then(
        ({ status }) => status,
        () => 'no answer',
      );
    const webhooks = [];
    for (let told = 0; told < 6; told += 1) webhooks.push(await post('/webhooks/casso'));
    expect(webhooks).toEqual(Array(6).fill(200));
    expect(dropping.asked).toContain('/webhooks/casso');
    answering.asked.length = 0;
    dropping.asked.length = 0;
    const operations = [];
    for (let asked = 0; asked < 6; asked += 1) operations.push(await post('/graphql'));
    expect(operations.filter((status) => status === 200)).toHaveLength(answering.asked.length);
    expect(dropping.asked.length + answering.asked.length).toBe(6);
    expect(dropping.asked.length).toBeGreaterThan(0);
    await front.stop();
    for (const backend of [dropping, answering]) backend.stop();
  });

  withNatsServer(() => {
    let cluster: NatsCluster;
    let gateways: [Gateway, Gateway];
    let front: Proxy;
    let token: string;
    beforeAll(async () => {
      cluster = await startNats();
      const env = {
        STORE_URL: cluster.url,
        STORE_KEYS: randomBytes(32).toString('base64'),
        CASSO_API_KEY: '',
        TRUST_PROXY: 'true',
      };
      gateways = [await startNews({ env }), await startNews({ env })];
      front = await startProxy(PROXIES.haproxy, [gateways[0].url, gateways[1].url]);
      token = await linkCasso(gateways[0], SANDBOX_BUSINESSES.main.apiKey);
    });
    afterAll(async () => {
      await front.stop();
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await cluster.dispose();
    });

    let row = 80_000;
    async function tell(): Promise<string> {
      row += 1;
      const body = cassoBody(cassoRow(row, { bank_sub_acc_id: ACCOUNT, subAccId: ACCOUNT }));
      expect((await postCasso(front, body)).status).toBe(200);
      return String(row);
    }

    test('queries, webhooks, WebSocket and SSE pass', async () => {
      const after = await eventCursor(gateways[0], token);
      const opened = [
        await overWebSocket(front.url, BANK_EVENTS, { after }, token),
        await overSse(front.url, BANK_EVENTS, { after }, token),
      ];
      const told = [await tell(), await tell()];
      for (const open of opened) {
        expect(idsOf(await open.feed.events(2))).toEqual(told);
        await open.close();
      }
    });

    test.each(['/metrics', '/readyz', '/healthz', '/', '/graphql/', '/webhooks/other', '//metrics'])(
      '%s is not public',
      async (path) => {
        const response = await fetch(`${front.url}${path}`);
        expect([response.status, await response.text()]).toEqual([404, 'There is nothing here.\n']);
      },
    );

    test('one gateway goes: its client resumes on the other with its cursor, and no webhook is refused', async () => {
      const after = await eventCursor(gateways[0], token);
      const sockets = [
        await overWebSocket(front.url, BANK_EVENTS, { after }, token),
        await overWebSocket(front.url, BANK_EVENTS, { after }, token),
      ];
      const first = await tell();
      const seen: string[] = [];
      for (const { feed } of sockets) {
        const event = await feed.event();
        expect(idsOf([event])).toEqual([first]);
        seen.push(event.cursor);
      }
      const stopping = gateways[0].app.stop();
      const second = await tell();
      await stopping;
      const third = await tell();
      // Of two sockets, balanced by how many each gateway has, at least one was on the gateway that went.
      const ends = await Promise.all(
        sockets.map(({ feed }) =>
          Promise.race([
            feed.ended,
            feed
              .until(() =>
                idsOf(feed.results.map(({ data }) => data?.['bankTransactionEvents'])).includes(third),
              )
              .then(() => null),
          ]),
        ),
      );
      expect(ends.filter((end) => end !== null).length).toBeGreaterThan(0);
      const resumed = await overWebSocket(front.url, BANK_EVENTS, { after: seen[0] }, token);
      expect(idsOf(await resumed.feed.events(2))).toEqual([second, third]);
      for (const open of [resumed, ...sockets]) await open.close();
    });
  });
});

/** A server that is well by its own word, and notes what else it is asked. */
async function startBackend(answer: (response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end('well');
      return;
    }
    asked.push(request.url ?? '');
    request.resume().on('end', () => answer(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
