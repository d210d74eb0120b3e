import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import fc from 'fast-check';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/domain/errors.ts';
import type { Child } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import { heapOf, INSPECTED } from '../support/heap.ts';
import { hostileBody } from '../support/hostile/bodies.ts';
import { hostileDocument } from '../support/hostile/documents.ts';
import { hostileFrames } from '../support/hostile/frames.ts';
import { hostileRequest } from '../support/hostile/requests.ts';
import { hostileDelivery } from '../support/hostile/webhooks.ts';
import { withNeeds } from '../support/needs.ts';

/** To run the same corpus again: HOSTILE_SEED=… */
const SEED = Number(process.env['HOSTILE_SEED'] ?? Date.now() % 2 ** 31);
const COUNTS = { documents: 18_000, bodies: 11_000, requests: 7_000, webhooks: 9_000, sockets: 1_000 };
/** Requests and sockets under way at once. */
const AT_ONCE = 16;
/** For a connection that does not close, in milliseconds: this machine may be busy. */
const PATIENCE = 20_000;
/** What the process may have grown by, between the middle of the corpus and its end, in MB. */
const MAY_GROW = 50;
/** The same of all its memory, of which the most depends on when V8 collects: for what is outside V8's sight. */
const MAY_GROW_IN_ALL = 200;

const outcomes = new Map<string, Map<string, number>>();
function count(kind: string, outcome: string, by = 1): void {
  const ofKind = outcomes.get(kind) ?? new Map<string, number>();
  outcomes.set(kind, ofKind.set(outcome, (ofKind.get(outcome) ?? 0) + by));
}
const total = () =>
  [...outcomes.values()].flatMap((kind) => [...kind.values()]).reduce((sum, n) => sum + n, 0);

let prepared: ProcessGateway;
let child: Child;
let pool: Pool;
let token: string;
beforeAll(async () => {
  // A leak of more than a few kilobytes a request would not fit.
  prepared = await prepareGatewayProcess({
    NODE_OPTIONS: `--max-old-space-size=256 ${INSPECTED}`,
    // Connections that rest are none of what is left behind.
    KEEP_ALIVE_SECONDS: '1',
  });
  child = await prepared.start();
  token = await prepared.operatorToken();
  pool = new Pool(prepared.url, { connections: AT_ONCE });
}, 60_000);
afterAll(async () => {
  await pool.destroy();
  child.signal('SIGTERM');
  await child.exit;
  await prepared.remove();
});

/** Sends what was generated, some at once. */
async function each<T>(arbitrary: fc.Arbitrary<T>, howMany: number, send: (value: T) => Promise<void>) {
  const values = fc.sample(arbitrary, { seed: SEED, numRuns: howMany }).values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const value of values) await send(value);
    }),
  );
}

/** An answer of GraphQL: below 500, JSON where it says so, and every error with a code that is promised. */
function judge(kind: string, sent: unknown, status: number, type: string, text: string): void {
  count(kind, String(status));
  const says = () => `${JSON.stringify(sent)?.slice(0, 2_000)} was answered ${status} ${text.slice(0, 500)}`;
  // A provider may be down for a moment when a subscription begins: 502 and 504 say so.
  if (status >= 500 && !/"UPSTREAM_/.test(text)) throw new Error(says());
  if (!type.includes('json')) return;
  const { data, errors = [] } = JSON.parse(text);
  if (data === undefined && errors.length === 0) throw new Error(says());
  for (const { message, extensions } of errors) {
    const code = extensions?.code;
    if (!(code in ERROR_CODES) || code === 'INTERNAL_SERVER_ERROR' || typeof message !== 'string')
      throw new Error(says());
    count(`${kind}: codes`, code);
  }
}

let odd = false;
async function post(kind: string, body: string): Promise<void> {
  // Every other one has a right to what it asks.
  odd = !odd;
  const {
    statusCode,
    headers,
    body: answer,
  } = await pool.request({
    method: 'POST',
    path: '/graphql',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(odd && { authorization: `Bearer ${token}` }),
    },
    body,
  });
  judge(kind, body, statusCode, String(headers['content-type']), await answer.text());
}

/** Sends bytes on a connection of their own. @returns what came back until it closed; null when it did not close. */
function exchange(parts: readonly Uint8Array[], half = true): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({
      port: Number(new URL(prepared.url).port),
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    let text = '';
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(null);
    }, PATIENCE);
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', done).on('end', done).on('close', done);
    for (const part of parts) socket.write(part);
    if (half) socket.end();
  });
}

/** What the gateway's process still holds when all garbage is collected. */
const megabytes = async () => (await heapOf(child)) / 2 ** 20;
const residentMegabytes = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
const handles = () => readdirSync(`/proc/${child.pid}/fd`).length;

const UPGRADE = Buffer.from(
  [
    'GET /graphql HTTP/1.1',
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n'),
);
const INIT = Buffer.concat([
  Buffer.from([0x81, 0x80 | 26, 0, 0, 0, 0]),
  Buffer.from('{"type":"connection_init"}'),
]);
/** A close frame, so that what was sent before is answered. */
const CLOSE = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);

/** Its /proc says what a process holds. */
const LINUX = process.platform === 'linux' ? null : 'Linux';

withNeeds([LINUX], () => {
  test('Fifty thousand malformed and nasty requests crash nothing, find no unmasked fault, and leave nothing behind', async () => {
    outcomes.clear();
    await post('first', '{"query":"{ viewer { kind } }"}');
    const handlesBefore = handles();

    await each(hostileBody, COUNTS.bodies, (body) => post('bodies', body));
    await each(hostileDocument, COUNTS.documents / 2, (query) =>
      post('documents', JSON.stringify({ query })),
    );
    // Its caches of documents are as full here as at the end.
    const memoryBefore = await megabytes();
    const residentBefore = residentMegabytes();

    await each(hostileRequest, COUNTS.requests, async (bytes) => {
      const answer = await exchange([bytes]);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer ?? '')?.[1];
      // CONNECT and what is no HTTP at all may be cut off without a word.
      count('requests', status ?? (answer === null ? 'late' : 'cut off'));
      // 408: it was given up, and not seen to be over.
      if (answer === null || status === '408' || Number(status) >= 500)
        throw new Error(`${bytes.toString('latin1')} got ${answer}`);
    });

    await each(hostileDelivery, COUNTS.webhooks, async ({ provider, headers, body }) => {
      const path = `/webhooks/${provider}`;
      const { statusCode, body: answer } = await pool.request({
        method: 'POST',
        path,
        headers: { ...headers },
        body,
      });
      count('webhooks', String(statusCode));
      const text = await answer.text();
      if (statusCode >= 500)
        throw new Error(`${JSON.stringify({ headers, body })} was answered ${statusCode} ${text}`);
    });

    await each(hostileFrames, COUNTS.sockets, async (frames) => {
      const answer = await exchange([UPGRADE, INIT, ...frames, CLOSE], false);
      count('frames', answer?.startsWith('HTTP/1.1 101 ') ? 'taken' : 'refused', frames.length);
      if (answer?.includes('INTERNAL_SERVER_ERROR'))
        throw new Error(`${Buffer.concat(frames).toString('latin1')} got ${answer}`);
    });

    await each(hostileDocument, COUNTS.documents / 2, (query) =>
      post('documents', JSON.stringify({ query, operationName: 'Q0' })),
    );

    process.stdout.write(
      `hostile corpus, HOSTILE_SEED=${SEED}: ${total()} outcomes\n${[...outcomes]
        .map(([kind, of]) => `  ${kind}: ${[...of].map(([what, n]) => `${what} ${n}`).join(', ')}`)
        .join('\n')}\n`,
    );
    const sent = (kind: string) => [...(outcomes.get(kind)?.values() ?? [])].reduce((sum, n) => sum + n, 0);
    expect(sent('documents')).toBe(COUNTS.documents);
    expect(sent('bodies')).toBe(COUNTS.bodies);
    expect(sent('requests')).toBe(COUNTS.requests);
    expect(sent('webhooks')).toBe(COUNTS.webhooks);
    expect(outcomes.get('frames')?.get('taken')).toBeGreaterThan(5_000);
    expect(
      ['documents', 'bodies', 'requests', 'webhooks', 'frames'].reduce((sum, kind) => sum + sent(kind), 0),
    ).toBeGreaterThan(50_000);

    // Nothing that a client sends is a fault of ours.
    expect(child.log.filter(({ level }) => level === 'error' || level === 50)).toEqual([]);
    await expect.poll(handles, { timeout: 20_000 }).toBeLessThanOrEqual(handlesBefore + 2);
    const grown = (await megabytes()) - memoryBefore;
    const grownInAll = residentMegabytes() - residentBefore;
    process.stdout.write(
      `  memory: ${memoryBefore.toFixed(1)} MB in the middle, ${grown.toFixed(1)} MB more at the end (in all ${grownInAll.toFixed()})\n`,
    );
    expect(grown).toBeLessThan(MAY_GROW);
    expect(grownInAll).toBeLessThan(MAY_GROW_IN_ALL);
    await post('last', '{"query":"{ viewer { kind } }"}');
    expect(outcomes.get('last')?.get('200')).toBe(1);
  }, 600_000);
});
