import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SANDBOX_CARDHOLDERS } from '../../src/providers/bongloy/sandbox/index.ts';
import { logIn } from '../../src/sandbox/login.ts';
import { type Child, killChildren } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import {
  BONGLOY_SECRET,
  bongloyBody,
  overSse,
  overWebSocket,
  postBongloy,
  TRANSACTION_EVENTS,
} from '../support/news.ts';
import { type CollectedSpan, type Collector, startCollector } from '../support/otlp-collector.ts';
import { connect } from '../support/ws-client.ts';
import { startTap, type Tap } from './login-tap.ts';

// Each start is a process of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let gateway: ProcessGateway;
let collector: Collector;
let tap: Tap;
let child: Child;
let token: string;
beforeAll(async () => {
  [gateway, collector, tap] = await Promise.all([prepareGatewayProcess(), startCollector(), startTap()]);
  tap.connect(gateway.bongloy.url);
  child = await gateway.start({
    BONGLOY_API_URL: tap.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'mekong-under-test',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  token = await logIn({ ...gateway, app: { url: gateway.url } });
});
afterAll(async () => {
  killChildren();
  await Promise.all([gateway.remove(), collector.close(), tap.close()]);
});

const ask = (query: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query }),
  });
/** Waits for a span of that name that is not among those seen before. */
async function spanOf(
  name: string,
  more: (span: CollectedSpan) => boolean = () => true,
): Promise<CollectedSpan> {
  const find = () => collector.spans.find((span) => span.name === name && more(span));
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  return find() as CollectedSpan;
}

describe('a question', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const within = (span: CollectedSpan) => span.traceId === traceId;

  test('is one trace, that of the client: request, operation, root field, call to the provider', async () => {
    const from = tap.exchanges.length;
    const response = await ask('query Name1234 { accounts { nodes { id } } }', {
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      tracestate: 'secret1234=secret1234',
      baggage: 'secret1234=secret1234',
    });
    const request = await spanOf('POST /graphql', within);
    const operation = await spanOf('graphql query', within);
    const field = await spanOf('Query.accounts', within);
    const call = await spanOf('GET bongloy', within);
    expect(request).toMatchObject({
      parentSpanId: 'b7ad6b7169203331',
      kind: 2,
      service: 'mekong-under-test',
    });
    expect(operation.parentSpanId).toBe(request.spanId);
    expect(field.parentSpanId).toBe(operation.spanId);
    expect(call).toMatchObject({ parentSpanId: field.spanId, kind: 3 });
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/graphql',
      'http.response.status_code': 200,
      'mekong.request_id': response.headers.get('x-request-id'),
    });
    expect(call.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'mekong.provider': 'bongloy',
      'mekong.outcome': '2xx',
    });
    // The provider is told ids alone.
    const headers = tap.exchanges[from]?.headers;
    expect(headers?.['traceparent']).toBe(`00-${traceId}-${call.spanId}-01`);
    expect([headers?.['tracestate'], headers?.['baggage']]).toEqual([undefined, undefined]);
  });

  test('is the same trace when the same text comes again and again, however it is answered', async () => {
    const shapes: unknown[] = [];
    for (let time = 1; time <= 6; time += 1) {
      const id = `${time}`.repeat(32);
      await ask('query Again { viewer { kind } }', { traceparent: `00-${id}-b7ad6b7169203331-01` });
      await spanOf('POST /graphql', (span) => span.traceId === id);
      const spans = collector.spans.filter((span) => span.traceId === id);
      const nameOf = (spanId: string | undefined) => spans.find((span) => span.spanId === spanId)?.name;
      shapes.push(
        spans
          .map(({ name, kind, parentSpanId, attributes }) => ({
            name,
            kind,
            within: nameOf(parentSpanId),
            attributes: { ...attributes, 'mekong.request_id': typeof attributes['mekong.request_id'] },
          }))
          .toSorted((one, other) => one.name.localeCompare(other.name)),
      );
    }
    expect(shapes[0]).toMatchObject([
      { name: 'graphql query', within: 'POST /graphql' },
      { name: 'POST /graphql' },
      { name: 'Query.viewer', within: 'graphql query' },
    ]);
    expect(shapes).toEqual(shapes.map(() => shapes[0]));
  });

  test('its lines of the log carry the trace', async () => {
    const line = child.log.find(({ traceId: id }) => id === traceId);
    expect(line).toMatchObject({ msg: 'operation', operation: 'query' });
  });

  test('over a socket is a trace of its own for each operation', async () => {
    const client = await connect(gateway.url, token);
    const seen = collector.spans.length;
    await client.subscribe('{ viewer { kind } }').ended;
    await client.subscribe('{ viewer { kind } }').ended;
    const roots = () =>
      collector.spans
        .slice(seen)
        .filter(({ name, parentSpanId }) => name === 'graphql query' && !parentSpanId);
    await expect.poll(() => roots().length).toBe(2);
    expect(new Set(roots().map((span) => span.traceId)).size).toBe(2);
    await client.close();
  });
});

describe('news', () => {
  test('is one trace from the webhook to the subscriber, with the call that was made for it', async () => {
    const { feed, ...subscriber } = await overWebSocket(gateway.url, TRANSACTION_EVENTS, {}, token);
    await spanOf('graphql subscription');
    const { id } = gateway.bongloy.control.makePurchase({ cardholder: SANDBOX_CARDHOLDERS.main });
    await postBongloy(gateway, bongloyBody(id));
    await feed.event();
    const request = await spanOf('POST /webhooks/bongloy');
    const within = (span: CollectedSpan) => span.traceId === request.traceId;
    const append = await spanOf('append', within);
    const deliver = await spanOf('deliver', within);
    const call = await spanOf('GET bongloy', within);
    expect(append).toMatchObject({ parentSpanId: request.spanId, kind: 4 });
    expect(deliver).toMatchObject({ parentSpanId: append.spanId, kind: 5 });
    expect(call.parentSpanId).toBe(deliver.spanId);
    await subscriber.close();
  });

  test('are subscribed to over SSE in one trace with the request', async () => {
    const before = new Set(collector.spans);
    const stream = await overSse(gateway.url, TRANSACTION_EVENTS, {}, token);
    const subscription = await spanOf('graphql subscription', (span) => !before.has(span));
    await stream.close();
    const request = await spanOf('POST /graphql', (span) => span.traceId === subscription.traceId);
    expect(subscription.parentSpanId).toBe(request.spanId);
  });
});

test('nothing of a person, a token or a text of the client is in a span', async () => {
  await fetch(`${gateway.url}/graphql?secret1234`, { method: 'PROPFIND' });
  await ask('query Name1234 { alias1234: account(id: "value1234") { id } }');
  await spanOf('Query.account');
  const secrets = [
    '1234"',
    'Name1234',
    'alias1234',
    'value1234',
    'secret1234',
    token,
    BONGLOY_SECRET,
    SANDBOX_CARDHOLDERS.main,
  ];
  for (const secret of [...secrets, gateway.bongloy.application.clientSecret])
    expect(collector.sent).not.toContain(secret);
});

test('the last spans are sent before the process ends', async () => {
  const seen = collector.spans.length;
  await ask('{ viewer { kind } }');
  child.signal('SIGTERM');
  expect(await child.exit).toBe(0);
  expect(collector.spans.slice(seen).map(({ name }) => name)).toContain('POST /graphql');
});

test('a collector that is away changes nothing but a line in the log', async () => {
  child.signal('SIGTERM');
  await Promise.all([child.exit, collector.close()]);
  const alone = await gateway.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
  });
  expect((await ask('{ viewer { kind } }')).status).toBe(200);
  await alone.says('spans could not be sent');
  alone.signal('SIGTERM');
  expect(await alone.exit).toBe(0);
});
