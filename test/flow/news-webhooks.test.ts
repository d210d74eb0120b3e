import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../support/gateway.ts';
import type { Json } from '../support/json.ts';
import {
  BONGLOY_SECRET,
  bongloyAuthorization,
  bongloyBody,
  cassoBody,
  cassoRow,
  post,
  postBongloy,
  postCasso,
  SECURE_TOKEN,
  startNews,
  useCassoWebhook,
} from '../support/news.ts';

const SUCCESS = { success: true };

let folder: string;
let gateway: Gateway;
let cardholder: string;
let operator: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  gateway = await startNews({ folder, casso: { strictWebhooks: true }, waits: { webhookWithin: 300 } });
  cardholder = await gateway.logIn();
  operator = await gateway.operatorToken();
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

/** Where the log ended before the test. */
let before: string;
beforeEach(async () => {
  before = (await gateway.ask('{ eventCursor }', {}, operator)).data?.eventCursor;
});

/** The events that the log took in during the test, as their transactions' ids. */
async function keptBankEvents(): Promise<string[]> {
  const query = `query ($after: String) { bankTransactionEvents(first: 100, after: $after) {
    nodes { bankTransaction { providerId } }
  } }`;
  const { data } = await gateway.ask(query, { after: before }, operator);
  return data?.bankTransactionEvents.nodes.map((node: Json) => node.bankTransaction.providerId);
}

async function keptCardEvents(): Promise<string[]> {
  const query = `query ($after: String) { transactionEvents(first: 100, after: $after) {
    nodes { transaction { providerId } }
  } }`;
  const { data } = await gateway.ask(query, { after: before }, cardholder);
  return data?.transactionEvents.nodes.map((node: Json) => node.transaction.providerId);
}

/** Nothing at all was appended: what nobody may see included. */
async function expectNothingKept(): Promise<void> {
  const { data } = await gateway.ask('{ eventCursor }', {}, operator);
  expect(data?.eventCursor).toBe(before);
}

describe('a Bongloy webhook', () => {
  const send = (mode: Parameters<Gateway['bongloy']['control']['sendWebhook']>[0]['mode']) =>
    gateway.bongloy.control.sendWebhook({ mode });

  test('that is signed is taken in', async () => {
    expect((await send('valid')).statuses).toEqual([200]);
    expect(await keptCardEvents()).toHaveLength(1);
  });

  test('is answered {"success":true}', async () => {
    const response = await postBongloy(gateway, bongloyBody(crypto.randomUUID()));
    expect([response.status, await response.json()]).toEqual([200, SUCCESS]);
  });

  test.each(['wrong-iss', 'alg-none', 'rs256', 'expired', 'wrong-secret'] as const)(
    'that is forged (%s) is refused with a constant 401 and leaves nothing',
    async (mode) => {
      expect((await send(mode)).statuses).toEqual([401]);
      await expectNothingKept();
    },
  );

  test('a refusal tells nobody what was wrong', async () => {
    const none = await post(`${gateway.url}/webhooks/bongloy`, bongloyBody(crypto.randomUUID()));
    const wrong = await postBongloy(gateway, bongloyBody(crypto.randomUUID()), {
      authorization: bongloyAuthorization('another0secret0of0the0same0size0'),
    });
    expect([none.status, await none.json()]).toEqual([401, { error: 'refused' }]);
    expect([wrong.status, await wrong.json()]).toEqual([401, { error: 'refused' }]);
  });

  test('without exp is taken in, unless BONGLOY_WEBHOOK_REQUIRE_EXP', async () => {
    expect((await send('no-exp')).statuses).toEqual([200]);
    const strict = await startNews({ env: { BONGLOY_WEBHOOK_REQUIRE_EXP: 'true' } });
    try {
      expect((await strict.bongloy.control.sendWebhook({ mode: 'no-exp' })).statuses).toEqual([401]);
      expect((await strict.bongloy.control.sendWebhook({ mode: 'valid' })).statuses).toEqual([200]);
    } finally {
      await strict.stop();
    }
  });

  test('may be signed with any of several secrets, so that one can be replaced', async () => {
    const old = 'the0old0secret000000000000000000';
    const rotating = await startNews({ env: { BONGLOY_WEBHOOK_SECRETS: `${BONGLOY_SECRET},${old}` } });
    try {
      for (const secret of [BONGLOY_SECRET, old]) {
        const headers = { authorization: bongloyAuthorization(secret) };
        expect((await postBongloy(rotating, bongloyBody(crypto.randomUUID()), headers)).status).toBe(200);
      }
    } finally {
      await rotating.stop();
    }
  });

  test('that is repeated is one event', async () => {
    expect((await send('duplicate-event')).statuses).toEqual([200, 200]);
    expect(await keptCardEvents()).toHaveLength(1);
  });

  test('whose header is used again for another body tells nobody of anything', async () => {
    expect((await send('replayed-header')).statuses).toEqual([200, 200]);
    expect(await keptCardEvents()).toHaveLength(1);
  });

  test('of a kind that we do not know is answered 2xx and kept out', async () => {
    expect((await send('unknown-type')).statuses).toEqual([200]);
    await expectNothingKept();
  });
});

describe('a Casso webhook', () => {
  const send = async (
    mode: Parameters<Gateway['casso']['control']['sendWebhook']>[0]['mode'],
    version: 'v1' | 'v2',
  ) => {
    useCassoWebhook(gateway, version);
    const deliveries = await gateway.casso.control.sendWebhook({ mode });
    return deliveries.map(({ status, accepted, transactionIds }) => ({
      status,
      accepted,
      ids: transactionIds.map(String),
    }));
  };

  test.each([
    ['valid', 'v1', 1],
    ['valid', 'v2', 1],
    ['php-form', 'v2', 1],
    ['several-rows', 'v1', 3],
  ] as const)(
    'that is genuine (%s, %s) is taken in whole and answered as Casso wants it',
    async (mode, version, rows) => {
      const [delivery] = await send(mode, version);
      expect(delivery).toMatchObject({ status: 200, accepted: true });
      expect(delivery?.ids).toHaveLength(rows);
      expect(await keptBankEvents()).toEqual(delivery?.ids);
    },
  );

  test.each([
    ['wrong-secret', 'v1'],
    ['wrong-secret', 'v2'],
    ['missing-header', 'v1'],
    ['missing-header', 'v2'],
    ['altered-body', 'v2'],
  ] as const)('that is forged (%s, %s) is refused with 401 and leaves nothing', async (mode, version) => {
    expect(await send(mode, version)).toMatchObject([{ status: 401, accepted: false }]);
    await expectNothingKept();
  });

  test.each(['v1', 'v2'] as const)(
    'of the web app, to try us out (%s), is answered and kept out',
    async (version) => {
      expect(await send('test-call', version)).toMatchObject([{ status: 200, accepted: true }]);
      await expectNothingKept();
    },
  );

  test.each(['v1', 'v2'] as const)('that is repeated (%s) is one event', async (version) => {
    const [first] = await send('valid', version);
    const repeated = await send('duplicate-id', version);
    expect(repeated.map(({ status }) => status)).toEqual([200, 200]);
    expect(await keptBankEvents()).toEqual(first?.ids);
  });

  test('the published vector passes under its key, and under no other', async () => {
    const vector = JSON.parse(
      readFileSync(new URL('../fixtures/casso/webhook-v2-vector.json', import.meta.url), 'utf8'),
    );
    const headers = { 'x-casso-signature': vector.header };
    const keyed = await startNews({ env: { CASSO_WEBHOOK_CHECKSUM_KEYS: `another,${vector.checksumKey}` } });
    try {
      const body = JSON.stringify(vector.payload);
      const response = await post(`${keyed.url}/webhooks/casso`, body, headers);
      expect([response.status, await response.json()]).toEqual([200, SUCCESS]);
      expect((await post(`${gateway.url}/webhooks/casso`, body, headers)).status).toBe(401);
    } finally {
      await keyed.stop();
    }
  });

  test('of a version without a secret is refused', async () => {
    const onlyV2 = await startNews({ env: { CASSO_WEBHOOK_SECURE_TOKENS: undefined } });
    try {
      expect((await postCasso(onlyV2, cassoBody(cassoRow(1)))).status).toBe(401);
    } finally {
      await onlyV2.stop();
    }
  });

  test('with a row that we cannot read keeps the readable ones', async () => {
    const body = cassoBody(cassoRow(7001), { id: 'seven' }, cassoRow(7003));
    expect((await postCasso(gateway, body)).status).toBe(200);
    expect(await keptBankEvents()).toEqual(['7001', '7003']);
  });
});

describe('what is no webhook', () => {
  test('GET is refused with 405 and what to do', async () => {
    for (const provider of ['bongloy', 'casso']) {
      const response = await fetch(`${gateway.url}/webhooks/${provider}`);
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  test('another media type is refused with 415', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect((await postBongloy(gateway, bongloyBody(crypto.randomUUID()), headers)).status).toBe(415);
    expect((await postCasso(gateway, cassoBody(cassoRow(1)), headers)).status).toBe(415);
    await expectNothingKept();
  });

  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  test.each([
    ['truncated JSON', '{"data":'],
    ['nothing', ''],
    ['a repeated key', '{"error":0,"error":0,"data":[]}'],
    ['__proto__', `{"error":0,"data":[],"__proto__":{"polluted":true}}`],
    ['deep nesting', `{"error":0,"data":${deep}}`],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
  ])('%s, though authentic, is refused with 400', async (_what, body) => {
    expect((await postBongloy(gateway, body)).status).toBe(400);
    expect((await postCasso(gateway, body)).status).toBe(400);
    await expectNothingKept();
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('a megabyte is read, and a byte more is refused with 413', async () => {
    const body = (size: number) => cassoBody(cassoRow(7100)).padEnd(size, ' ');
    expect((await postCasso(gateway, body(1024 * 1024))).status).toBe(200);
    expect((await postCasso(gateway, body(1024 * 1024 + 1))).status).toBe(413);
  });

  describe('on the wire', () => {
    let socket: Socket;
    beforeEach(() => {
      const { port } = new URL(gateway.url);
      socket = connectTcp(Number(port), '127.0.0.1').on('error', () => {});
    });
    afterEach(() => {
      socket.destroy();
    });

    const head = (...lines: string[]) =>
      `${['POST /webhooks/casso HTTP/1.1', 'Host: x', `Secure-Token: ${SECURE_TOKEN}`, ...lines].join('\r\n')}\r\n\r\n`;
    const answer = async () => {
      let text = '';
      for await (const chunk of socket.setEncoding('utf8')) text += chunk;
      return text;
    };

    test('a body that never ends is refused at one megabyte, however it is sent', async () => {
      socket.write(head('Transfer-Encoding: chunked'));
      const chunk = `${(64 * 1024).toString(16)}\r\n${' '.repeat(64 * 1024)}\r\n`;
      for (let sent = 0; sent <= 17; sent += 1) socket.write(chunk);
      expect(await answer()).toMatch(/^HTTP\/1\.1 413 /);
    });

    test('a body that was announced as too large is refused before a byte of it', async () => {
      socket.write(head('Content-Length: 1048577'));
      expect(await answer()).toMatch(/^HTTP\/1\.1 413 /);
    });

    test('a body that does not come in time is refused with 408', async () => {
      socket.write(`${head('Content-Length: 1000')}{"error":0,`);
      expect(await answer()).toMatch(/^HTTP\/1\.1 408 /);
      await expectNothingKept();
    });

    test('a body that breaks off leaves nothing, and the next delivery is taken in', async () => {
      socket.write(`${head('Content-Length: 1000')}{"error":0,`);
      socket.end();
      await answer();
      await expectNothingKept();
      expect((await postCasso(gateway, cassoBody(cassoRow(7200)))).status).toBe(200);
    });
  });
});

test('a log that cannot be written asks the provider to come back; nothing is lost, nothing is half there', async () => {
  const other = new SQLite(join(folder, 'mekong.db'));
  const body = cassoBody(cassoRow(7301), cassoRow(7302), cassoRow(7303));
  try {
    other.exec('BEGIN IMMEDIATE');
    const response = await postCasso(gateway, body);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    other.exec('ROLLBACK');
    await expectNothingKept();
    expect((await postCasso(gateway, body)).status).toBe(200);
    expect(await keptBankEvents()).toEqual(['7301', '7302', '7303']);
  } finally {
    other.close();
  }
});
