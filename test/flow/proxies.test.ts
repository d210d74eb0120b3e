import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type Gateway } from '../support/gateway.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  type Open,
  overSse,
  overWebSocket,
  postCasso,
  startNews,
  TRANSPORTS,
} from '../support/news.ts';
import { withProgram } from '../support/program.ts';
import { bareNginx, PROXIES, type Proxy, startProxy } from '../support/proxy.ts';
import { subscribeOverSse } from '../support/sse-client.ts';

/** What a proxy may add to the way of an event, in milliseconds. One that holds events back does it for 200 and more. */
const PASSES_WITHIN = 100;
/** The median of this many counts, as a busy machine delays a single one. */
const EVENTS = 7;

let gateway: Gateway;
let token: string;
let row = 90_000;
beforeAll(async () => {
  gateway = await startNews({ env: { TRUST_PROXY: 'true' } });
  token = await gateway.operatorToken();
});
afterAll(() => gateway.stop());

async function tell(url: string): Promise<string> {
  row += 1;
  expect((await postCasso({ url }, cassoBody(cassoRow(row)))).status).toBe(200);
  return String(row);
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** How much later each event came through the proxy than directly, of events that are each awaited. */
async function delays(direct: Open, through: Open): Promise<number[]> {
  const found: number[] = [];
  for (let event = 0; event < EVENTS; event += 1) {
    const arrivals = [direct, through].map(async ({ feed }) => ({
      ids: idsOf([await feed.event()]),
      at: performance.now(),
    }));
    const ids = [await tell(gateway.url)];
    const [first, second] = await Promise.all(arrivals);
    expect([first?.ids, second?.ids]).toEqual([ids, ids]);
    found.push((second?.at ?? 0) - (first?.at ?? 0));
  }
  return found;
}

describe.each(Object.entries(PROXIES))('behind %s, with the configuration of deploy/', (name, start) => {
  withProgram(name, () => {
    let proxy: Proxy;
    beforeAll(async () => {
      proxy = await startProxy(start, [gateway.url, gateway.url]);
    });
    afterAll(() => proxy.stop());

    test('queries, mutations and webhooks pass', async () => {
      const session = await gateway.logIn();
      expect((await ask(proxy.url, '{ viewer { kind } }', {}, session)).data).toEqual({
        viewer: { kind: 'SESSION' },
      });
      const { data } = await ask(proxy.url, 'mutation { logout { __typename } }', {}, session);
      expect(data).toEqual({ logout: { __typename: 'LogoutPayload' } });
      expect((await ask(proxy.url, '{ viewer { kind } }', {}, session)).status).toBe(401);
      await tell(proxy.url);
    });

    test('a refusal of the gateway comes in its own words', async () => {
      const response = await fetch(`${proxy.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: ' '.repeat(1024 * 1024 + 1),
      });
      expect([response.status, (await response.json()).errors[0].extensions.code]).toEqual([
        413,
        'QUERY_TOO_COMPLEX',
      ]);
    });

    test.each(['/metrics', '/readyz', '/healthz', '/', '/graphql/', '/webhooks/other', '//metrics'])(
      '%s is not public',
      async (path) => {
        const response = await fetch(`${proxy.url}${path}`);
        expect([response.status, await response.text()]).toEqual([404, 'There is nothing here.\n']);
      },
    );

    test.each(TRANSPORTS)(
      'events over %s arrive in order, and as soon as they happen',
      async (_, transport) => {
        const after = await eventCursor(gateway, token);
        const direct = await overWebSocket(gateway.url, BANK_EVENTS, { after }, token);
        const through = await transport(proxy.url, BANK_EVENTS, { after }, token);
        expect(median(await delays(direct, through))).toBeLessThan(PASSES_WITHIN);
        await Promise.all([direct.close(), through.close()]);
      },
    );

    test('a stream begins before anything has happened', async () => {
      const feed = subscribeOverSse(proxy.url, BANK_EVENTS, {}, token);
      await expect.poll(() => feed.comments, { timeout: 5_000 }).toBeGreaterThan(0);
      feed.leave();
      await feed.ended;
    });

    test('the address that counts is the one that the proxy saw, whatever its client claims', async () => {
      const limited = await startNews({ env: { TRUST_PROXY: 'true', ANONYMOUS_REQUESTS_PER_MINUTE: '2' } });
      const own = await startProxy(start, [limited.url, limited.url]);
      const statuses: number[] = [];
      for (let n = 0; n < 3; n += 1) {
        const response = await fetch(`${own.url}/graphql?query={viewer{kind}}`, {
          headers: { 'x-forwarded-for': `203.0.113.${n}` },
        });
        statuses.push(response.status);
      }
      expect(statuses).toEqual([200, 200, 429]);
      await own.stop();
      await limited.stop();
    });
  });
});

withProgram('nginx', () => {
  test('SSE passes nginx as it comes, with nothing but a proxy_pass', async () => {
    const proxy = await startProxy(bareNginx, [gateway.url, gateway.url]);
    const after = await eventCursor(gateway, token);
    const through = await overSse(proxy.url, BANK_EVENTS, { after }, token);
    const told = [await tell(gateway.url), await tell(gateway.url)];
    expect(idsOf(await through.feed.events(2))).toEqual(told);
    const direct = await overWebSocket(gateway.url, BANK_EVENTS, {}, token);
    expect(median(await delays(direct, through))).toBeLessThan(PASSES_WITHIN);
    await Promise.all([direct.close(), through.close()]);
    await proxy.stop();
  });
});
