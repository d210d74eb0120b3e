import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStoreForReading } from '../../src/app/store-sqlite.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { allAside, postSigned, v2Data } from '../support/aside.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Json } from '../support/json.ts';
import { cassoBody, cassoRow, postBongloy, postCasso, startNews } from '../support/news.ts';

const STORE_KEYS = randomBytes(32).toString('base64');
const lines: string[] = [];
let folder: string;
let gateway: Gateway;
let operator: string;
let before: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  gateway = await startNews({
    folder,
    env: { STORE_KEYS },
    logger: createLogger('warn', { write: (line: string) => void lines.push(line) }),
  });
  operator = await gateway.operatorToken();
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  lines.length = 0;
  const database = new SQLite(join(folder, 'mekong.db'));
  database.exec('DELETE FROM aside');
  database.close();
  before = (await gateway.ask('{ eventCursor }', {}, operator)).data?.eventCursor;
});

/** What is on disk beside the log. */
async function aside() {
  const store = openSqliteStoreForReading(join(folder, 'mekong.db'));
  try {
    return await allAside(store.aside, STORE_KEYS);
  } finally {
    await store.close();
  }
}

async function events(): Promise<Json[]> {
  const query = `query ($after: String) { bankTransactionEvents(first: 100, after: $after) {
    nodes { bankTransaction { providerId amount { decimal } } }
  } }`;
  const { data } = await gateway.ask(query, { after: before }, operator);
  return data?.bankTransactionEvents.nodes.map(({ bankTransaction }: Json) => bankTransaction);
}

async function metric(sample: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return Number(line?.slice(sample.length) ?? 0);
}

/** Of what was put aside; what a single row has wrong is warned of too. */
const warnings = (): Json[] =>
  lines
    .map((line) => JSON.parse(line))
    .filter(({ level, msg }) => level === 'warn' && msg.includes('mekong events aside'));

describe('a signed delivery that is not understood is answered 200 once it is kept as it came', () => {
  test.each([
    ['when', 'a time that is none', { transactionDateTime: null }],
    ['when', 'a day that no calendar has', { transactionDateTime: '2026-02-30 10:00:00' }],
    ['amount', 'an amount in words', { amount: '250000' }],
    ['amount', 'a fraction of a đồng', { amount: 250000.5 }],
    ['id', 'an id in words', { id: '900001' }],
    ['id', 'no id', { id: undefined }],
    ['bankSubAccId', 'no account', { accountNumber: null }],
    ['bankSubAccId', 'an account in figures, its zero gone', { accountNumber: 710008888 }],
    [
      'bankSubAccId',
      'an account with control characters',
      { accountNumber: '00710008888\u001b]0;x\u0007\u001b[2J\n{}' },
    ],
    ['bankSubAccId', 'no account but blanks', { accountNumber: ' - ' }],
    ['currency', 'another currency', { currency: 'USD' }],
  ])('V2: %s, as of %s', async (reason, _what, changes) => {
    const data = v2Data(900001, changes);
    const count = await metric('mekong_webhook_unknown_rows_total{provider="CASSO"}');
    const response = await postSigned(gateway, data);
    expect([response.status, await response.json()]).toEqual([200, { success: true }]);
    expect(await aside()).toEqual([
      {
        provider: 'CASSO',
        scheme: 'v2',
        reason,
        receivedAt: expect.any(Number),
        body: JSON.stringify({ error: 0, data }),
      },
    ]);
    expect(await events()).toEqual([]);
    expect(warnings()).toMatchObject([{ provider: 'CASSO', scheme: 'v2', reason, count: 1 }]);
    expect(await metric('mekong_webhook_unknown_rows_total{provider="CASSO"}')).toBe(count + 1);
    expect(await metric('mekong_aside_rows{provider="CASSO"}')).toBe(1);
    expect(await metric('mekong_aside_bytes{provider="CASSO"}')).toBeGreaterThan(100);
  });

  let told = 910_000;
  test.each([
    ['a time with a zone', { transactionDateTime: '2026-10-10T14:35:12+07:00' }],
    ['a time with a fraction and Z', { transactionDateTime: '2026-10-10T14:35:12.000Z' }],
    ['a time without seconds', { transactionDateTime: '2026-10-10 14:35' }],
    ['a balance with a fraction', { runningBalance: 3750000.25 }],
    ['a balance in words', { runningBalance: '3750000' }],
    ['an account in groups', { accountNumber: '0071 0008 888' }],
  ])('but one that says which account, how much and when is delivered, with %s', async (_name, changes) => {
    told += 1;
    expect((await postSigned(gateway, v2Data(told, changes))).status).toBe(200);
    expect((await events()).map(({ providerId }) => providerId)).toEqual([String(told)]);
    expect(await aside()).toEqual([]);
  });

  test.each([
    ['a row without id', cassoBody(cassoRow(1, { id: undefined }))],
    ['an envelope whose error is a text', JSON.stringify({ error: '0', data: [cassoRow(1)] })],
    ['an envelope that is new', JSON.stringify({ event: 'account.linked', account: '0909' })],
    ['no rows', cassoBody()],
  ])('V1 with %s', async (_name, body) => {
    expect((await postCasso(gateway, body)).status).toBe(200);
    expect(await aside()).toMatchObject([{ provider: 'CASSO', scheme: 'v1', body }]);
    expect(await events()).toEqual([]);
    expect(warnings()).toHaveLength(1);
  });

  test('one row of several, beside those that are delivered', async () => {
    const body = cassoBody(cassoRow(71), cassoRow(72, { amount: 'x' }), cassoRow(73));
    expect((await postCasso(gateway, body)).status).toBe(200);
    expect((await events()).map(({ providerId }) => providerId)).toEqual(['71', '73']);
    expect(await aside()).toMatchObject([{ body }]);
  });

  test.each([
    ['an event id that is no UUID', 'event-id', { id: 'evt_1' }],
    [
      'details as a text',
      'resource',
      { attributes: { type: 'transaction.created', details: '{"data":{}}' } },
    ],
  ])('Bongloy with %s', async (_name, reason, changes) => {
    const data = {
      id: randomUUID(),
      type: 'event',
      attributes: {
        type: 'transaction.created',
        details: { data: { id: randomUUID(), type: 'transaction' } },
      },
      ...changes,
    };
    const body = JSON.stringify({ data });
    expect((await postBongloy(gateway, body)).status).toBe(200);
    expect(await aside()).toMatchObject([{ provider: 'BONGLOY', scheme: 'jwt', reason, body }]);
    expect(warnings()).toMatchObject([{ provider: 'BONGLOY', reason }]);
  });

  test('once, however often it comes; and what is kept cannot be read in the file', async () => {
    const name = `NGUYEN ${randomUUID()}`;
    const body = cassoBody(cassoRow(1, { amount: null, corresponsiveName: name }));
    for (let n = 0; n < 3; n += 1) expect((await postCasso(gateway, body)).status).toBe(200);
    expect(await aside()).toHaveLength(1);
    for (const file of ['mekong.db', 'mekong.db-wal']) {
      expect((await readFile(join(folder, file))).includes(name)).toBe(false);
    }
  });

  test('and 503 as long as it cannot be kept', async () => {
    const database = new SQLite(join(folder, 'mekong.db'));
    const body = cassoBody(cassoRow(1, { amount: null }));
    try {
      database.exec('BEGIN IMMEDIATE');
      const response = await postCasso(gateway, body);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
      expect(
        await metric('mekong_webhooks_total{provider="CASSO",verdict="unavailable",reason="aside"}'),
      ).toBe(1);
    } finally {
      database.exec('ROLLBACK');
      database.close();
    }
    expect((await postCasso(gateway, body)).status).toBe(200);
    expect(await aside()).toHaveLength(1);
  });
});

test('what is kept aside is bounded, for each provider: then what is not understood is answered 503, and all else goes on', async () => {
  const database = new SQLite(join(folder, 'mekong.db'));
  database.exec(
    `INSERT INTO aside (id, version, provider, scheme, reason, received_at, size, sealed)
     VALUES ('full', 1, 'CASSO', 'v1', 'amount', 0, 64 * 1024 * 1024, '')`,
  );
  const notUnderstood = cassoBody(cassoRow(95), cassoRow(96, { amount: null }));
  const sample = 'mekong_webhooks_total{provider="CASSO",verdict="unavailable",reason="aside-full"}';
  expect((await postCasso(gateway, notUnderstood)).status).toBe(503);
  expect(await metric(sample)).toBe(1);
  expect((await postCasso(gateway, cassoBody(cassoRow(97)))).status).toBe(200);
  expect((await postBongloy(gateway, '{"data":null}')).status).toBe(200);
  database.exec("DELETE FROM aside WHERE id = 'full'");
  database.close();
  expect((await postCasso(gateway, notUnderstood)).status).toBe(200);
  expect((await events()).map(({ providerId }) => providerId)).toEqual(['95', '97']);
  expect((await aside()).map(({ provider }) => provider)).toEqual(['BONGLOY', 'CASSO']);
});

describe('what contradicts an earlier delivery', () => {
  const corrections = async () => (await aside()).map(({ reason }) => reason);

  test('in another delivery: readers see the first one, and the second one is kept aside', async () => {
    await postCasso(gateway, cassoBody(cassoRow(81, { amount: 250_000 })));
    const second = cassoBody(cassoRow(81, { amount: 999_000 }));
    expect((await postCasso(gateway, second)).status).toBe(200);
    expect(await events()).toEqual([{ providerId: '81', amount: { decimal: '250000' } }]);
    expect(await aside()).toMatchObject([{ reason: 'correction', body: second }]);
    expect(warnings()).toMatchObject([{ reason: 'correction', count: 1 }]);
  });

  test('twice in one body: the first is delivered, and the body is kept aside', async () => {
    const body = cassoBody(cassoRow(82, { amount: 1_000 }), cassoRow(83), cassoRow(82, { amount: 2_000 }));
    expect((await postCasso(gateway, body)).status).toBe(200);
    expect((await events()).map(({ amount }) => amount.decimal)).toEqual(['1000', '250000']);
    expect(await aside()).toMatchObject([{ reason: 'correction', body }]);
  });

  test.each([
    ['another account', { bank_sub_acc_id: '00719999999' }],
    ['the other direction', { amount: -250_000 }],
    ['another reference', { tid: 'FT-other' }],
  ])('%s is kept aside too', async (_name, changes) => {
    const id = 84;
    await postCasso(gateway, cassoBody(cassoRow(id)));
    await postCasso(gateway, cassoBody(cassoRow(id, changes)));
    expect(await corrections()).toEqual(['correction']);
  });

  test.each([
    ['a repetition', {}],
    ['the same with another balance', { cusum_balance: 7 }],
    ['the same without its reference', { tid: null }],
    ['the same with its account in groups', { bank_sub_acc_id: '0071 0008 888', bankName: 'Vietcombank' }],
  ])('%s is no correction', async (_name, changes) => {
    await postCasso(gateway, cassoBody(cassoRow(85)));
    await postCasso(gateway, cassoBody(cassoRow(85, changes)));
    expect(await corrections()).toEqual([]);
    expect(warnings()).toEqual([]);
  });
});

describe('what is nothing to us is ignored, and neither kept nor warned of', () => {
  test.each([
    ['the test call', 'CASSO', 'test-call', () => postCasso(gateway, cassoBody(cassoRow(0)))],
    [
      'an event of a card',
      'BONGLOY',
      'other-event',
      () =>
        postBongloy(
          gateway,
          JSON.stringify({
            data: {
              id: randomUUID(),
              type: 'event',
              attributes: { type: 'card.created', details: { data: { id: randomUUID(), type: 'card' } } },
            },
          }),
        ),
    ],
  ])('%s', async (_name, provider, reason, send) => {
    const sample = `mekong_webhooks_total{provider="${provider}",verdict="ignored",reason="${reason}"}`;
    const count = await metric(sample);
    expect((await send()).status).toBe(200);
    expect(await metric(sample)).toBe(count + 1);
    expect(await aside()).toEqual([]);
    expect(warnings()).toEqual([]);
  });
});
