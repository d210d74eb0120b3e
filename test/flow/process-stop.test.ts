import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { logIn } from '../../src/sandbox/login.ts';
import { killChildren } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  overSse,
  overWebSocket,
  postCasso,
  SECURE_TOKEN,
} from '../support/news.ts';
import { startResuming } from '../support/resuming.ts';
import { connect } from '../support/ws-client.ts';

// Each start is a process of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let gateway: ProcessGateway;
let lastId = 1_000_000;
beforeAll(async () => {
  gateway = await prepareGatewayProcess();
});
afterEach(killChildren);
afterAll(() => gateway.remove());

const ask = async (query: string, token: string) => {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, ...(await response.json()) };
};

/** Posts until nobody listens any more. @returns the ids of what was acknowledged. */
async function postUntilRefused(begun: () => void): Promise<string[]> {
  const acknowledged: string[] = [];
  for (;;) {
    lastId += 1;
    const id = lastId;
    const response = await postCasso(gateway, cassoBody(cassoRow(id))).catch(() => null);
    if (!response) return acknowledged;
    if (response.ok) acknowledged.push(String(id));
    else expect(response.status).toBe(503);
    begun();
  }
}

test('SIGTERM under load: requests under way are answered, sockets closed with 1001, nothing acknowledged is lost, exit 0', async () => {
  const child = await gateway.start();
  const { url } = gateway;
  const operator = await gateway.operatorToken();
  const cardholder = await logIn({ ...gateway, app: { url } });
  const { data } = await ask('{ eventCursor }', operator);
  const bank = { url, token: operator, query: BANK_EVENTS, after: data.eventCursor };
  const subscribers = [overWebSocket, overSse].map((transport) => startResuming({ ...bank, transport }));
  const idle = await connect(url, cardholder);

  const posting = new Promise<string[][]>((resolve) => {
    let begun = 0;
    const writers = [1, 2, 3].map(() =>
      postUntilRefused(() => {
        begun += 1;
        if (begun === 60) child.signal('SIGTERM');
      }),
    );
    void Promise.all(writers).then(resolve);
  });
  // Under way when the signal comes: the provider takes its time.
  gateway.bongloy.control.setFault({ kind: 'delay', ms: 1_500, match: '/', times: 1 });
  const question = ask('{ accounts { nodes { id } } }', cardholder);

  const [acknowledged, answer] = await Promise.all([posting, question]);
  expect(answer).toMatchObject({ status: 200, data: { accounts: { nodes: expect.any(Array) } } });
  expect(answer.errors).toBeUndefined();
  expect(await idle.closed).toMatchObject({ code: 1001 });
  expect(await child.exit).toBe(0);
  expect(child.log.filter(({ level }) => level === 'error')).toEqual([]);

  const next = await gateway.start();
  const sent = acknowledged.flat();
  expect(sent.length).toBeGreaterThan(20);
  for (const subscriber of subscribers) {
    await subscriber.until(sent.length);
    const told = subscriber.handled.filter((id) => sent.includes(id));
    expect(told.toSorted()).toEqual(sent.toSorted());
    await subscriber.stop();
  }
  next.signal('SIGTERM');
  expect(await next.exit).toBe(0);
});

test('SIGTERM before twenty webhooks that were sent are read: each is answered, and what was answered 200 is kept', async () => {
  const child = await gateway.start();
  const token = await gateway.operatorToken();
  const { data } = await ask('{ eventCursor }', token);
  const first = lastId + 1;
  lastId += 20;
  // It reads nothing until it goes on, and meets everything at once then.
  child.signal('SIGSTOP');
  const webhooks = Array.from({ length: 20 }, (_, n) => {
    const body = cassoBody(cassoRow(first + n));
    const webhook = request(`${gateway.url}/webhooks/casso`, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        'secure-token': SECURE_TOKEN,
        'content-length': Buffer.byteLength(body),
      },
    });
    const answer = once(webhook, 'response').then(([response]) => response.resume().statusCode as number);
    webhook.end(body);
    return { id: String(first + n), sent: once(webhook, 'finish'), answer };
  });
  await Promise.all(webhooks.map(({ sent }) => sent));
  child.signal('SIGTERM');
  child.signal('SIGCONT');
  const kept: string[] = [];
  for (const { id, answer } of webhooks) {
    const status = await answer;
    expect([200, 503]).toContain(status);
    if (status === 200) kept.push(id);
  }
  expect(await child.exit).toBe(0);

  const next = await gateway.start();
  const { url } = gateway;
  const subscriber = startResuming({
    url,
    token,
    query: BANK_EVENTS,
    after: data.eventCursor,
    transport: overSse,
  });
  await subscriber.has(kept);
  await subscriber.stop();
  next.signal('SIGTERM');
  expect(await next.exit).toBe(0);
});

test('with SHUTDOWN_DELAY_SECONDS it is not ready first, and serves on until the time is over', async () => {
  const child = await gateway.start({ SHUTDOWN_DELAY_SECONDS: '3' });
  const status = async (path: string) => (await fetch(`${gateway.url}${path}`)).status;
  expect(await status('/readyz')).toBe(200);
  child.signal('SIGTERM');
  await expect.poll(() => status('/readyz')).toBe(503);
  // So that proxies which keep connections go elsewhere by themselves.
  expect((await fetch(`${gateway.url}/healthz`)).headers.get('connection')).toBe('close');
  expect(await status('/healthz')).toBe(200);
  expect((await ask('{ viewer { kind } }', await gateway.operatorToken())).data.viewer.kind).toBe('OPERATOR');
  expect(await child.exit).toBe(0);
});

test.each(['SIGHUP', 'SIGUSR2', 'SIGQUIT', 'SIGINT'] as const)(
  '%s ends it in order, as SIGTERM does',
  async (signal) => {
    const child = await gateway.start();
    const { feed } = await overWebSocket(gateway.url, BANK_EVENTS, {}, await gateway.operatorToken());
    child.signal(signal);
    expect(await child.exit).toBe(0);
    expect(child.log.find(({ msg }) => msg === 'stopping')).toMatchObject({ signal });
    expect(await feed.ended).toEqual({ kind: 'cut', code: 1001 });
  },
);
