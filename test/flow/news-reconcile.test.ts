import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStoreForReading } from '../../src/app/store-sqlite.ts';
import type { Waits } from '../../src/app/waits.ts';
import { type App, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/logger.ts';
import {
  type CassoSandbox,
  SANDBOX_BUSINESSES,
  startCassoSandbox,
} from '../../src/providers/casso/sandbox/index.ts';
import { allAside } from '../support/aside.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Json } from '../support/json.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  type Open,
  overWebSocket,
  postCasso,
  SECURE_TOKEN,
  startNews,
} from '../support/news.ts';
import { startSpoiledAnswers } from '../support/spoiled-answers.ts';

const opened: Open[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((open) => open.close()));
});

async function open(url: string, after: string, token: string) {
  const subscription = await overWebSocket(url, BANK_EVENTS, { after }, token);
  opened.push(subscription);
  return subscription.feed;
}

describe('a webhook that never came', () => {
  let gateway: Gateway;
  let token: string;
  let before: string;
  beforeAll(async () => {
    gateway = await startNews({ waits: { reconcileEvery: 100 } });
    token = await gateway.operatorToken();
  });
  afterAll(() => gateway.stop());
  beforeEach(async () => {
    before = await eventCursor(gateway, token);
  });

  /** Money moves, and Casso's webhook of it is lost. */
  const lost = (input: object = {}): string => {
    gateway.casso.control.dropNextWebhook(1);
    return String(gateway.casso.control.makeTransfer(input).id);
  };
  const told = async (): Promise<string> => {
    const { id } = gateway.casso.control.makeTransfer();
    await gateway.casso.control.webhooksIdle();
    return String(id);
  };

  test('the transaction appears all the same, once, and says that it was found', async () => {
    const feed = await open(gateway.url, before, token);
    const id = lost();
    const event = await feed.event();
    expect(event).toMatchObject({ type: 'bank_transaction.created', source: 'RECONCILIATION' });
    expect(idsOf([event])).toEqual([id]);

    // Its webhook comes after all, and then another one: the order tells that nothing stands between.
    await postCasso(gateway, cassoBody(cassoRow(Number(id))));
    const next = await told();
    const following = await feed.event();
    expect([following.source, ...idsOf([following])]).toEqual(['WEBHOOK', next]);
  });

  test('several, more than a page of them, appear oldest first, among those that were told', async () => {
    const feed = await open(gateway.url, before, token);
    const ids = Array.from({ length: 130 }, () => lost());
    const events = await feed.events(ids.length);
    expect(idsOf(events)).toEqual(ids);
    const last = await told();
    expect(idsOf([await feed.event()])).toEqual([last]);
  });

  test('a query after it sees the new balance', async () => {
    const query = '{ bankAccounts(first: 1) { nodes { balance { minorUnits } } } }';
    const balance = async () =>
      (await gateway.ask(query, {}, token)).data?.bankAccounts.nodes[0].balance.minorUnits;
    const first = await balance();
    const feed = await open(gateway.url, before, token);
    lost({ amount: 5_000 });
    await feed.event();
    expect(await balance()).toBe(first + 5_000);
  });
});

describe('a gateway that was down', () => {
  let folder: string;
  let casso: CassoSandbox;
  let app: App | null = null;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mekong-'));
    casso = await startCassoSandbox();
  });
  afterEach(async () => {
    await app?.stop();
    app = null;
    await casso.close();
    await rm(folder, { recursive: true });
  });

  const KEY = Buffer.from(Array.from({ length: 32 }, (_, n) => (n * 37 + 11) % 256)).toString('base64');
  const { apiKey } = SANDBOX_BUSINESSES.main;
  const start = async ({
    apiUrl = casso.url,
    waits = {},
  }: {
    apiUrl?: string;
    waits?: Partial<Waits>;
  } = {}) => {
    app = await startApp(
      readConfig({
        PORT: '0',
        STORE_URL: `sqlite:${join(folder, 'mekong.db')}`,
        STORE_KEYS: KEY,
        CASSO_API_URL: apiUrl,
        CASSO_API_KEY: apiKey,
        CASSO_WEBHOOK_SECURE_TOKENS: SECURE_TOKEN,
      }),
      { logger: createLogger('silent'), waits },
    );
    casso.control.setWebhook({ url: `${app.url}/webhooks/casso`, version: 'v1', secret: SECURE_TOKEN });
    return app;
  };
  const ask = async (query: string, token?: string): Promise<Json> => {
    const response = await fetch(`${app?.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query }),
    });
    return (await response.json()).data;
  };
  const link = async (): Promise<string> => {
    const data = await ask(`mutation { linkCassoApiKey(input: { apiKey: "${apiKey}" }) {
      ... on LinkCassoApiKeyPayload { session { token } }
    } }`);
    return data.linkCassoApiKey.session.token;
  };
  const compared = async () => {
    while (
      !casso.requests.some(({ path, status }) => path.startsWith('/v2/transactions') && status === 200)
    ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  test('publishes no history at first; what came while it was down is there when it is back, once', async () => {
    await start();
    await compared();
    const token = await link();
    const { eventCursor: cursor } = await ask('{ eventCursor }', token);
    const heard = String(casso.control.makeTransfer().id);
    await casso.control.webhooksIdle();
    await app?.stop();

    casso.control.dropNextWebhook(2);
    const missed = [casso.control.makeTransfer(), casso.control.makeTransfer()].map(({ id }) => String(id));
    await start();
    const feed = await open(app?.url ?? '', cursor, token);
    const events = await feed.events(3);
    expect(idsOf(events)).toEqual([heard, ...missed]);
    expect(events.map(({ source }) => source)).toEqual(['WEBHOOK', 'RECONCILIATION', 'RECONCILIATION']);
    const page = await ask(
      '{ bankTransactionEvents(first: 100) { nodes { bankTransaction { providerId } } } }',
      token,
    );
    expect(idsOf(page.bankTransactionEvents.nodes)).toEqual([heard, ...missed]);
  });

  test('a row that cannot be read keeps no other from being told, and is kept aside once', async () => {
    const spoiled = await startSpoiledAnswers(casso.url);
    try {
      await start({ apiUrl: spoiled.url, waits: { reconcileEvery: 50 } });
      await compared();
      const token = await link();
      const { eventCursor: cursor } = await ask('{ eventCursor }', token);
      casso.control.dropNextWebhook(2);
      const odd = casso.control.makeTransfer().id;
      const reads = new EventEmitter();
      let count = 0;
      spoiled.spoil = (document, path) => {
        if (!path.startsWith('/v2/transactions')) return;
        count += 1;
        reads.emit('read');
        const row = (document as Json).data.records.find(({ id }: Json) => id === odd);
        if (row) row.amount = `${row.amount}, read ${count} times`;
      };
      const missed = String(casso.control.makeTransfer().id);
      const feed = await open(app?.url ?? '', cursor, token);
      expect(idsOf(await feed.events(1))).toEqual([missed]);
      for (let n = 0; n < 4; n += 1) await once(reads, 'read');
      await app?.stop();
      app = null;
      const store = openSqliteStoreForReading(join(folder, 'mekong.db'));
      const kept = await allAside(store.aside, KEY);
      await store.close();
      expect(kept).toMatchObject([{ provider: 'CASSO', scheme: 'list', reason: 'amount' }]);
      expect(JSON.parse(kept[0]?.body ?? '')).toMatchObject({ id: odd });
    } finally {
      await spoiled.close();
    }
  });
});

describe('a sync', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startNews();
  });
  afterAll(() => gateway.stop());

  test('what it brings is delivered to whoever subscribes after its cursor, also when the webhook came first', async () => {
    const token = await gateway.operatorToken(['casso:sync', 'events:read']);
    const { accountNumber } = SANDBOX_BUSINESSES.main.accounts[0];
    gateway.casso.control.makeTransfer({ accountNumber, viaSync: true, description: 'by sync 1' });
    gateway.casso.control.makeTransfer({ accountNumber, viaSync: true, description: 'by sync 2' });
    const { data } = await gateway.ask(
      `mutation { syncBankTransactions(input: { bankAccountNumber: "${accountNumber}" }) {
        ... on SyncBankTransactionsPayload { eventCursor }
      } }`,
      {},
      token,
    );
    await gateway.casso.control.webhooksIdle();
    expect(gateway.casso.control.deliveries().map(({ status }) => status)).toEqual([200, 200]);

    const query = `subscription ($after: String) { bankTransactionEvents(after: $after) {
      bankTransaction { description }
    } }`;
    const after = data?.syncBankTransactions.eventCursor;
    const subscription = await overWebSocket(gateway.url, query, { after }, token);
    opened.push(subscription);
    const events = await subscription.feed.events(2);
    expect(events.map(({ bankTransaction }) => bankTransaction.description)).toEqual(
      expect.arrayContaining(['by sync 1', 'by sync 2']),
    );
  });
});

test('a key of the shop that Casso refuses has an error of its own, and not that of a session', async () => {
  const warnings: { msg: string; err?: { message: string } }[] = [];
  let onWarning = () => {};
  const warned = new Promise<void>((resolve) => {
    onWarning = () => {
      if (warnings.some(({ msg }) => msg.startsWith('reconciliation goes on later'))) resolve();
    };
  });
  const logger = createLogger('warn', {
    write(line) {
      warnings.push(JSON.parse(line));
      onWarning();
    },
  });
  const gateway = await startNews({ waits: { reconcileEvery: 100 }, logger });
  try {
    gateway.casso.control.revokeKey();
    await warned;
    expect(JSON.stringify(warnings)).toContain('CASSO_API_KEY');
    expect(JSON.stringify(warnings)).not.toContain('session');
    const { errors } = await gateway.ask(
      '{ bankAccounts { nodes { id } } }',
      {},
      await gateway.operatorToken(),
    );
    expect(errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_REJECTED', provider: 'CASSO' });
  } finally {
    await gateway.stop();
  }
});
