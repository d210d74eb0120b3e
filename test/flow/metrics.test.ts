import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../support/gateway.ts';
import {
  BANK_EVENTS,
  bongloyBody,
  cassoBody,
  cassoRow,
  overSse,
  overWebSocket,
  postBongloy,
  postCasso,
  startNews,
} from '../support/news.ts';

let gateway: Gateway;
let operator: string;
let cardholder: string;
beforeAll(async () => {
  gateway = await startNews();
  operator = await gateway.operatorToken();
  cardholder = await gateway.logIn();
});
afterAll(() => gateway.stop());

/** Every sample: `name{label="value"}` and its number. */
async function scrape({ url }: { url: string } = gateway): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}
/** What grew by the work, and by how much; histograms by their count alone. */
async function growth(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await scrape();
  await work();
  const grown = [...(await scrape())].map(
    ([name, value]) => [name, value - (before.get(name) ?? 0)] as const,
  );
  return Object.fromEntries(
    grown.filter(([name, by]) => by !== 0 && name.startsWith('mekong_') && !/_bucket|_sum/.test(name)),
  );
}

describe('/metrics counts', () => {
  test('operations by kind and outcome, with how long they took, and what their errors were', async () => {
    expect(await growth(() => gateway.ask('{ accounts { nodes { id } } }', {}, cardholder))).toMatchObject({
      'mekong_operations_total{kind="query",transport="http",outcome="ok"}': 1,
      'mekong_operation_duration_seconds_count{kind="query"}': 1,
      'mekong_http_requests_total{route="/graphql",status="200"}': 1,
      'mekong_http_request_duration_seconds_count{route="/graphql"}': 1,
      'mekong_upstream_calls_total{provider="BONGLOY",outcome="2xx"}': 1,
      'mekong_upstream_call_duration_seconds_count{provider="BONGLOY"}': 1,
    });
    expect(await growth(() => gateway.ask('{ accounts { nodes { id } } viewer { kind } }'))).toMatchObject({
      'mekong_operations_total{kind="query",transport="http",outcome="partial"}': 1,
      'mekong_operation_errors_total{code="UNAUTHENTICATED"}': 1,
    });
    expect(await growth(() => gateway.ask('{ nothing }'))).toMatchObject({
      'mekong_operations_total{kind="unknown",transport="http",outcome="invalid"}': 1,
      'mekong_operation_errors_total{code="BAD_USER_INPUT"}': 1,
    });
    expect(await growth(() => gateway.ask('mutation { logout { __typename } }'))).toMatchObject({
      'mekong_operations_total{kind="mutation",transport="http",outcome="ok"}': 1,
    });
  });

  test('webhooks by provider, verdict and reason, and what the log took in', async () => {
    const body = cassoBody(cassoRow(5_000_001));
    expect(await growth(() => postCasso(gateway, body))).toMatchObject({
      'mekong_webhooks_total{provider="CASSO",verdict="accepted",reason=""}': 1,
      'mekong_webhook_duration_seconds_count{provider="CASSO"}': 1,
      'mekong_events_appended_total{provider="CASSO",source="WEBHOOK",result="added"}': 1,
      mekong_log_end_position: 1,
    });
    expect(await growth(() => postCasso(gateway, body))).toMatchObject({
      'mekong_events_appended_total{provider="CASSO",source="WEBHOOK",result="known"}': 1,
    });
    expect(await growth(() => postCasso(gateway, body, { 'secure-token': 'guessed' }))).toMatchObject({
      'mekong_webhooks_total{provider="CASSO",verdict="refused",reason="wrong-token"}': 1,
    });
    expect(
      await growth(() => postBongloy(gateway, bongloyBody('1'), { authorization: 'Bearer x' })),
    ).toMatchObject({
      'mekong_webhooks_total{provider="BONGLOY",verdict="refused",reason="malformed-token"}': 1,
    });
  });

  test.each([
    ['websocket', overWebSocket],
    ['sse', overSse],
  ] as const)('subscribers over %s, what they were given, and how late', async (transport, begin) => {
    const id = transport === 'sse' ? 5_100_000 : 5_200_000;
    const subscriber = await begin(gateway.url, BANK_EVENTS, {}, operator);
    const open = `mekong_subscriptions{transport="${transport}"}`;
    await expect.poll(async () => (await scrape()).get(open)).toBe(1);
    const grown = await growth(async () => {
      await postCasso(
        gateway,
        cassoBody(cassoRow(id, { bank_sub_acc_id: '0909123456', subAccId: '0909123456' })),
      );
      await subscriber.feed.event();
    });
    expect(grown).toMatchObject({
      [`mekong_deliveries_total{transport="${transport}"}`]: 1,
      'mekong_delivery_lag_seconds_count{provider="CASSO"}': 1,
    });
    await subscriber.close();
    await expect.poll(async () => (await scrape()).get(open)).toBe(0);
    await expect.poll(async () => (await scrape()).get('mekong_websockets')).toBe(0);
  });

  test('an open circuit breaker', async () => {
    const other = await startNews();
    try {
      const token = await other.logIn();
      const state = async (name: string) =>
        (await scrape(other)).get(`mekong_upstream_breaker_state{provider="BONGLOY",state="${name}"}`);
      expect([await state('closed'), await state('open')]).toEqual([1, 0]);
      other.bongloy.control.setFault({ kind: 'status', code: 500, match: '/', times: 1_000 });
      for (let n = 0; n < 12; n += 1) await other.ask('{ accounts { nodes { id } } }', {}, token);
      expect([await state('closed'), await state('open')]).toEqual([0, 1]);
    } finally {
      await other.stop();
    }
  });

  test('the process itself', async () => {
    const samples = [...(await scrape()).keys()];
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'process_open_fds',
    ])
      expect(samples).toContain(name);
  });
});

test('docs/operating.md names every metric that there is, and no other', async () => {
  const page = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
  const named = new Set([...page.matchAll(/\bmekong_\w+/g)].map(([name]) => name));
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const exist = [...text.matchAll(/^# TYPE (mekong_\w+)/gm)].map(([, name]) => name ?? '');
  expect([...named].toSorted()).toEqual(exist.toSorted());
});

test('no label holds what a client sent: names, ids, paths, methods', async () => {
  await gateway.ask(
    'query Secret1234($id: ID!) { Alias1234: account(id: $id) { id } }',
    { id: 'Id1234' },
    cardholder,
  );
  await fetch(`${gateway.url}/Path1234?Query1234`, { method: 'PROPFIND' });
  await postCasso(gateway, '{"Body1234":', { 'secure-token': 'Token1234' });
  await fetch(`${gateway.url}/graphql`, { headers: { 'x-request-id': 'Request1234' } });
  expect([...(await scrape()).keys()].filter((name) => name.includes('1234'))).toEqual([]);
});

describe('who may read /metrics', () => {
  test('with METRICS_TOKEN, whoever bears it', async () => {
    const token = 'a-token-of-these-tests-0123456789';
    const guarded = await startNews({ env: { METRICS_TOKEN: token, NODE_ENV: 'production' } });
    try {
      const statuses = [undefined, 'Bearer wrong-token-wrong-token', token, `Bearer ${token}`].map(
        async (authorization) =>
          (await fetch(`${guarded.url}/metrics`, { headers: authorization ? { authorization } : {} })).status,
      );
      expect(await Promise.all(statuses)).toEqual([401, 401, 200, 200]);
    } finally {
      await guarded.stop();
    }
  });

  test('without it, in production, nobody', async () => {
    const production = await startNews({ env: { NODE_ENV: 'production' } });
    expect((await fetch(`${production.url}/metrics`)).status).toBe(404);
    await production.stop();
  });
});
