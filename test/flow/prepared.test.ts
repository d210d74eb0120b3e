import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { createLogger } from '../../src/lib/logger.ts';
import {
  SANDBOX_ACCOUNTS,
  SANDBOX_CARDHOLDERS,
  SANDBOX_TRANSACTIONS,
} from '../../src/providers/bongloy/sandbox/index.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { schema } from '../../src/schema/index.ts';
import { type CardholderName, LOGIN_DOCUMENTS, linkCasso, logInAs } from '../support/cardholder.ts';
import { comparable } from '../support/comparable-answer.ts';
import { type Answer, type Gateway, startGateway } from '../support/gateway.ts';
import { metricOf } from '../support/gauges.ts';
import { type RandomOperation, randomQuery } from '../support/random-operation.ts';
import { postByHand } from '../support/raw-http.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** A query is compiled when it comes for the third time, and answered the short way from then on. */
const TIMES_BEFORE = 3;
const ORIGIN = 'https://app.example.com';

const VALUES = {
  first: [0, 1, 3, 101, -1],
  last: [2],
  after: ['no cursor'],
  before: ['no cursor'],
  ID: [
    encodeGlobalId('Account', SANDBOX_ACCOUNTS.everyday),
    encodeGlobalId('Transaction', SANDBOX_TRANSACTIONS.pending),
    'no id',
  ],
  locale: ['vi-VN', 'km-KH', 'no locale'],
  DateTime: ['2020-01-01T00:00:00Z', '2026-02-03T04:05:06.789+07:00'],
  Date: ['2020-01-01', '2026-02-28'],
  SafeInt: [0, 50_000],
  String: ['', 'text'],
};

/** The same ones each time, so that a manifest can hold them. */
const OPERATIONS: readonly RandomOperation[] = fc
  .sample(fc.gen(), { seed: 15, numRuns: 40 })
  .map((draw) =>
    randomQuery(draw, { schema, values: VALUES, depth: 4, directives: false, nullsAnywhere: true }),
  );

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

interface Raw {
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly text: string;
}

/** A POST as a page sends it. @returns what came, without what differs from one answer to the next. */
function post(url: string, body: object, token: string | undefined, accept = '*/*'): Promise<Raw> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      origin: ORIGIN,
      accept,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'x-request-id': 'the-same',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const sent = request(`${url}/graphql`, { method: 'POST', headers }, (response) => {
      let got = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        got += chunk;
      });
      response.on('end', () => {
        const { rawHeaders, statusCode: status } = response;
        const kept = rawHeaders.filter((_, at) => rawHeaders[at - (at % 2)] !== 'Date');
        resolve({ status, headers: kept, text: got });
      });
    });
    sent.on('error', reject).end(text);
  });
}

/** Yoga runs what has a parameter that it ignores. */
const byYoga = (body: object) => ({ ...body, unknown: null });

async function expectSame(
  gateway: Gateway,
  body: object,
  token: string | undefined,
  accept?: string,
): Promise<Raw> {
  for (let time = 1; time < TIMES_BEFORE; time += 1) await post(gateway.url, byYoga(body), token, accept);
  const yoga = await post(gateway.url, byYoga(body), token, accept);
  const short = await post(gateway.url, body, token, accept);
  expect({ ...short, text: told(short) }).toEqual({ ...yoga, text: told(yoga) });
  return short;
}

/** A stream's answer is no JSON. */
const told = ({ text }: Raw): string => (text.startsWith('{') ? comparable(text) : text);

const VIEWERS = {
  'an anonymous viewer': async () => undefined,
  'a cardholder': (gateway: Gateway) => logInAs(gateway, 'main'),
  'a business': (gateway: Gateway) => linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey),
  'a session of both': async (gateway: Gateway) =>
    linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey, await logInAs(gateway, 'main')),
  'an operator': (gateway: Gateway) => gateway.operatorToken(),
};

const folder = mkdtempSync(join(tmpdir(), 'mekong-prepared-'));
const manifest = join(folder, 'manifest.json');
const texts = [...LOGIN_DOCUMENTS, ...OPERATIONS.map(({ query }) => query)];
writeFileSync(manifest, JSON.stringify(Object.fromEntries(texts.map((text) => [sha256(text), text]))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Time stands still, so that what is kept at one time is kept at the other, too. */
function startAt(env: NodeJS.ProcessEnv = {}): Promise<Gateway> {
  const now = Date.now();
  return startGateway({ env: { CORS_ORIGINS: ORIGIN, ...env }, clock: { now: () => now } });
}

describe.each<[string, NodeJS.ProcessEnv, (operation: RandomOperation) => object]>([
  ['', {}, (operation) => operation],
  [' as a trusted document, by its text', { TRUSTED_DOCUMENTS_FILE: manifest }, (operation) => operation],
  [
    ' as a trusted document, by its id',
    { TRUSTED_DOCUMENTS_FILE: manifest },
    ({ query, variables }) => ({ documentId: `sha256:${sha256(query)}`, variables }),
  ],
  [
    " as a trusted document, in Apollo's words",
    { TRUSTED_DOCUMENTS_FILE: manifest },
    ({ query, variables }) => ({
      variables,
      extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } },
    }),
  ],
])('A query that comes again%s has the status, headers and bytes of the first times', (_, env, bodyOf) => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startAt(env);
  });
  afterAll(() => gateway.stop());

  test.each(Object.entries(VIEWERS))('for %s', async (who, logIn) => {
    const token = await logIn(gateway);
    expect(typeof token).toBe(who === 'an anonymous viewer' ? 'undefined' : 'string');
    for (const operation of OPERATIONS) await expectSame(gateway, bodyOf(operation), token);
  });
});

describe('It has them', () => {
  let gateway: Gateway;
  let token: string;
  beforeAll(async () => {
    gateway = await startAt();
    token = await gateway.logIn();
  });
  afterAll(() => gateway.stop());

  const query = 'query Own { viewer { kind } accounts(first: 1) { nodes { number } } }';

  test.each([
    'application/json',
    'application/graphql-response+json',
    'application/graphql-response+json, application/json;q=0.9',
    'application/graphql-response+json;q=0.5, application/json;q=0.9',
    'text/event-stream, application/json',
    'text/event-stream',
    'application/*',
    'image/png',
  ])('where it accepts %s', async (accept) => {
    await expectSame(gateway, { query }, token, accept);
  });

  test.each<[string, object]>([
    ['its own name', { operationName: 'Own' }],
    ['no name', { operationName: null }],
    ['an empty name', { operationName: '' }],
    ["another operation's name", { operationName: 'Other' }],
    ['a name that is none', { operationName: 7 }],
    ['no variables', { variables: null }],
    ['variables that it does not have', { variables: { other: 1 } }],
    ['variables that are a list', { variables: [] }],
    ['variables that are a text', { variables: 'first' }],
    ['extensions', { extensions: { clientLibrary: { name: '@apollo/client' } } }],
    ['extensions that are a list', { extensions: [] }],
    ['an id', { documentId: 'sha256:0' }],
    ['a parameter that there is not', { other: 1 }],
  ])('with %s', async (_what, others) => {
    await expectSame(gateway, { query, ...others }, token);
  });

  test.each<[string, string | undefined]>([
    ['none', undefined],
    ['one that is not valid', 'mst_unknown'],
    ['one that is no token', '{}'],
  ])('with another token: %s', async (_what, other) => {
    await expectSame(gateway, { query }, token);
    await expectSame(gateway, { query }, other);
  });

  test('whatever a variable holds', async () => {
    const page =
      'query Page($n: Int! = 1, $after: String) { transactions(first: $n, after: $after) { nodes { id } } }';
    for (const n of [undefined, null, 0, 2, 100, 101, -1, 1.5, '1', true, [1], {}]) {
      for (const after of [undefined, null, '', 'no cursor', 7, {}]) {
        await expectSame(gateway, { query: page, variables: { n, after } }, token);
      }
    }
  });
});

test('It is counted and logged once, and as the first times', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => lines.push(line) });
  const now = Date.now();
  const gateway = await startGateway({ logger, clock: { now: () => now } });
  const token = await gateway.logIn();
  const counted = async () => {
    const response = await fetch(`${gateway.url}/metrics`);
    const series = (await response.text()).split('\n').filter((line) => COUNTED.test(line));
    return new Map(
      series.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  };
  /** What one request adds to the metrics and to the log. */
  async function added(body: object) {
    const before = await counted();
    const logged = lines.length;
    await post(gateway.url, body, token);
    // The response is over for the client before it is for the server.
    await expect
      .poll(async () => (await counted()).get(ANSWERED), { timeout: 10_000 })
      .toBe((before.get(ANSWERED) ?? 0) + 1);
    const after = await counted();
    const more = [...after].filter(([name, value]) => value !== before.get(name));
    return {
      metrics: more.map(([name, value]) => [name, value - (before.get(name) ?? 0)]),
      log: lines.slice(logged).map((line) => ({ ...JSON.parse(line), time: 0, ms: 0 })),
    };
  }

  const query =
    'query Own($id: ID! = "no id") { viewer { kind } node(id: $id) { id } accounts(first: 1) { nodes { id } } }';
  for (let time = 1; time <= TIMES_BEFORE; time += 1) await post(gateway.url, { query }, token);
  for (const [variables, outcome] of [
    [{ id: encodeGlobalId('Account', SANDBOX_ACCOUNTS.everyday) }, 'ok'],
    [{}, 'partial'],
    [{ id: {} }, 'failed'],
  ] as const) {
    // What it reads is kept, for one and the other.
    await post(gateway.url, { query, variables }, token);
    const yoga = await added(byYoga({ query, variables }));
    const short = await added({ query, variables });
    expect(short).toEqual(yoga);
    expect(short.log).toMatchObject([{ msg: 'operation', operation: 'query', outcome }]);
    expect(short.metrics).toContainEqual([
      `mekong_operations_total{kind="query",transport="http",outcome="${outcome}"}`,
      1,
    ]);
  }
  await gateway.stop();
});

test('A client that leaves before its answer costs no call any more', async () => {
  const gateway = await startGateway();
  const token = await gateway.logIn();
  const query = 'query Own { cards(first: 1) { nodes { id } } }';
  for (let time = 0; time <= TIMES_BEFORE; time += 1) await gateway.ask(query, {}, token);
  const other = await logInAs(gateway, 'main');
  gateway.bongloy.control.setFault({ kind: 'delay', ms: 20_000, match: '/connect/v1/cards' });
  gateway.bongloy.clearRequests();
  const leaving = await postByHand(gateway.url, { accept: 'application/json', query, token: other });
  await expect.poll(() => gateway.bongloy.requests.length, { timeout: 10_000 }).toBe(1);
  leaving.socket.destroy();
  await expect.poll(() => metricOf(gateway, ABORTED), { timeout: 10_000 }).toBe(1);
  await gateway.stop();
});

const COUNTED =
  /^mekong_(operations_total|operation_errors_total|operation_duration_seconds_count|http_requests_total|upstream_calls_total)/;
const ANSWERED = 'mekong_http_requests_total{route="/graphql",status="200"}';
const ABORTED = 'mekong_upstream_calls_total{provider="BONGLOY",outcome="aborted"}';

test('It has them while the providers refuse', async () => {
  const gateway = await startAt();
  const token = await gateway.logIn();
  for (const match of ['/connect/v1/cards', '/connect/v1/cardholder', '/connect/v1/accounts']) {
    gateway.bongloy.control.setFault({ kind: 'status', code: 403, match, times: 1_000_000 });
  }
  gateway.casso.control.setFault({ kind: 'status', code: 403, match: '/v2/accounts', times: 1_000_000 });
  let failures = 0;
  for (const operation of OPERATIONS) {
    const { text } = await expectSame(gateway, operation, token);
    if (text.includes('UPSTREAM_REJECTED') || text.includes('FORBIDDEN')) failures += 1;
  }
  expect(failures).toBeGreaterThan(5);
  await gateway.stop();
});

test('Nothing of one viewer comes to another, however many ask for the same at once', async () => {
  const gateway = await startGateway();
  const names = Object.keys(SANDBOX_CARDHOLDERS).filter((name) => name !== 'empty') as CardholderName[];
  const businesses = Object.values(SANDBOX_BUSINESSES);
  const tokens = [
    undefined,
    await gateway.operatorToken(),
    ...(await Promise.all([...names, ...names].map((name) => logInAs(gateway, name)))),
    ...(await Promise.all(businesses.map(({ apiKey }) => linkCasso(gateway, apiKey)))),
    await gateway.logIn(),
  ];
  const query = `query Own($first: Int) {
    viewer { kind }
    cardholder { id name phoneNumber }
    accounts(first: $first) { nodes { id number balance { available { minorUnits } } } }
    bankAccounts { nodes { id accountNumber } }
    transactions(first: $first) { nodes { id card { lastFour } } }
  }`;
  const own: string[] = [];
  const variables = { first: 3 };
  for (const token of tokens) own.push(await gateway.ask(query, variables, token).then(dataOf));
  expect(new Set(own).size).toBeGreaterThan(names.length);

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: tokens.length - 1 }), { minLength: 20, maxLength: 60 }),
      async (askers) => {
        const answers = await Promise.all(
          askers.map((asker) => gateway.ask(query, variables, tokens[asker]).then(dataOf)),
        );
        expect(answers).toEqual(askers.map((asker) => own[asker]));
      },
    ),
    { numRuns: 10 },
  );
  await gateway.stop();
});

const dataOf = ({ data, errors }: Answer): string =>
  JSON.stringify([data, errors?.map((error) => JSON.stringify(error)).toSorted()]);
