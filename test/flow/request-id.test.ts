import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { SANDBOX_CARDHOLDERS } from '../../src/providers/bongloy/sandbox/index.ts';
import type { Gateway } from '../support/gateway.ts';
import {
  BONGLOY_SECRET,
  bongloyBody,
  cassoBody,
  cassoRow,
  overSse,
  overWebSocket,
  postBongloy,
  postCasso,
  startNews,
  TRANSACTION_EVENTS,
} from '../support/news.ts';
import { connect } from '../support/ws-client.ts';
import { startTap, type Tap } from './login-tap.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const ACCOUNTS = '{ accounts { nodes { id } } }';

let tap: Tap;
let gateway: Gateway;
let token: string;
const lines: Record<string, any>[] = [];
beforeAll(async () => {
  tap = await startTap();
  gateway = await startNews({
    logger: createLogger('debug', { write: (line) => void lines.push(JSON.parse(line)) }),
    env: { BONGLOY_API_URL: tap.url },
  });
  tap.connect(gateway.bongloy.url);
  token = await gateway.logIn();
});
afterAll(async () => {
  await gateway.stop();
  await tap.close();
});
beforeEach(() => {
  lines.length = 0;
});

const upstreamIds = (from: number) => tap.exchanges.slice(from).map(({ headers }) => headers['x-request-id']);
async function openSubscriptions(): Promise<number> {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  const counts = [...metrics.matchAll(/^mekong_subscriptions\{.*\} (\d+)$/gm)].map(([, count]) =>
    Number(count),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
const send = (headers: Record<string, string>, query = ACCOUNTS) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query }),
  });

describe('a request id', () => {
  test('that the client gives is in the answer, in every line of the log, and in the calls to the provider', async () => {
    const from = tap.exchanges.length;
    const response = await send({ 'x-request-id': 'client-given.id:1' });
    expect(response.headers.get('x-request-id')).toBe('client-given.id:1');
    await expect.poll(() => lines.map(({ msg }) => msg)).toEqual(['operation', 'answered']);
    expect(lines.map(({ requestId }) => requestId)).toEqual(lines.map(() => 'client-given.id:1'));
    expect(upstreamIds(from)).toEqual(['client-given.id:1']);
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['too long', 'x'.repeat(65)],
    ['not made of harmless signs', 'a b"c'],
  ])('that is %s is made anew', async (_what, given) => {
    const response = await send(given === undefined ? {} : { 'x-request-id': given });
    expect(response.headers.get('x-request-id')).toMatch(UUID);
  });

  test('is answered also where nothing is found, and for webhooks', async () => {
    const responses = await Promise.all([
      fetch(`${gateway.url}/nowhere`),
      fetch(`${gateway.url}/healthz`),
      postCasso(gateway, cassoBody(cassoRow(1)), { 'secure-token': 'wrong' }),
    ]);
    for (const { headers } of responses) expect(headers.get('x-request-id')).toMatch(UUID);
    const refusal = lines.find(
      ({ msg }) => msg === 'webhook refused: docs/providers.md tells what the reason means',
    );
    expect(refusal?.['requestId']).toBe(responses[2]?.headers.get('x-request-id'));
  });

  test('of a socket is another for each operation', async () => {
    const client = await connect(gateway.url, token);
    const from = tap.exchanges.length;
    for (const query of ['{ transactions(first: 3) { nodes { id } } }', '{ cards { nodes { id } } }'])
      await client.subscribe(query).ended;
    const ids = upstreamIds(from);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(UUID);
    expect(lines.filter(({ msg }) => msg === 'operation').map(({ requestId }) => requestId)).toEqual(ids);
    await client.close();
  });

  test.each([
    ['WebSocket', overWebSocket],
    ['SSE', overSse],
  ] as const)(
    'of a subscription over %s goes with the calls that its events need',
    async (_name, transport) => {
      const subscriber = await transport(gateway.url, TRANSACTION_EVENTS, {}, token);
      await expect.poll(() => lines.some(({ operation }) => operation === 'subscription')).toBe(true);
      const { requestId } = lines.find(({ operation }) => operation === 'subscription') ?? {};
      const from = tap.exchanges.length;
      for (let n = 0; n < 2; n += 1) {
        const { id } = gateway.bongloy.control.makePurchase({ cardholder: SANDBOX_CARDHOLDERS.main });
        await postBongloy(gateway, bongloyBody(id));
        await subscriber.feed.event();
      }
      expect(upstreamIds(from).length).toBeGreaterThan(0);
      for (const id of upstreamIds(from)) expect(id).toBe(requestId);
      await subscriber.close();
      // It shares what events need with whoever comes after it, until it is gone here too.
      await expect.poll(openSubscriptions).toBe(0);
    },
  );
});

describe('a line of the log about an operation', () => {
  test.each(['http', 'websocket'] as const)(
    'that failed by our fault names the request, over %s, and the client reads nothing of the fault',
    async (transport) => {
      const folder = mkdtempSync(join(tmpdir(), 'mekong-request-id-'));
      const file = join(folder, 'mekong.db');
      const broken = await startNews({
        logger: createLogger('debug', { write: (line) => void lines.push(JSON.parse(line)) }),
        env: { STORE_URL: `sqlite:${file}` },
      });
      onTestFinished(async () => {
        await broken.stop();
        rmSync(folder, { recursive: true });
      });
      const session = await broken.logIn();
      lines.length = 0;
      const client = await connect(broken.url, session);
      new Database(file).exec('ALTER TABLE sessions RENAME TO gone').close();
      const query = 'mutation { logout { __typename } }';
      const answer =
        transport === 'http' ? await broken.ask(query, {}, session) : await client.subscribe(query).next();
      expect(answer.errors).toMatchObject([
        {
          message: 'Something went wrong here. It was logged.',
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ]);
      const failure = lines.find(({ msg }) => msg === 'a resolver failed');
      const operation = lines.find(({ msg }) => msg === 'operation');
      expect(failure?.['requestId']).toMatch(UUID);
      expect(failure?.['requestId']).toBe(operation?.['requestId']);
      expect(lines.filter(({ msg }) => msg === 'a resolver failed')).toHaveLength(1);
      await client.close();
    },
  );

  test('tells what kind it was, who asked, what came of it and how long it took; no query, no variable, no name', async () => {
    await gateway.ask(
      'query Name1234($id: ID!) { alias1234: account(id: $id) { id } }',
      { id: 'value1234' },
      token,
    );
    const line = lines.find(({ msg }) => msg === 'operation');
    expect(line).toEqual({
      level: 'info',
      time: expect.any(String),
      requestId: expect.stringMatching(UUID),
      operation: 'query',
      transport: 'http',
      viewer: 'SESSION',
      outcome: expect.any(String),
      reason: 'BAD_USER_INPUT',
      ms: expect.any(Number),
      msg: 'operation',
    });
    expect(JSON.stringify(lines)).not.toContain('1234');
    expect(JSON.stringify(lines)).not.toContain(BONGLOY_SECRET);
  });
});
