import { describe, expect, test } from 'vitest';
import { type CassoClient, cassoApiKeyCredential } from '../../src/providers/casso/index.ts';
import type { ProviderCall } from '../../src/providers/provider.ts';
import { call, clientOf, envelope, FIRST_TOKEN, fixture } from './casso-client-support.ts';

const vnd = (minorUnits: number) => ({ minorUnits, currency: 'VND', exponent: 0 });

const ACCOUNT = {
  id: '2001',
  accountNumber: '0123456789',
  accountName: 'CONG TY VI DU',
  bank: { code: 'mbbank', name: 'Ngân hàng Ví Dụ', bin: '970422' },
  balance: vnd(3_750_000),
};

const TRANSACTION = {
  provider: 'CASSO',
  id: '100001',
  reference: 'FT21000000000001',
  amount: vnd(250_000),
  direction: 'CREDIT',
  runningBalance: vnd(3_750_000),
  occurredAt: new Date('2021-04-14T17:00:00Z'),
  description: 'CHUYEN TIEN DON HANG 42',
  counterparty: null,
  virtualAccount: null,
  bankAccountId: '2001',
  bankAccountNumber: '0123456789',
  bank: { code: 'mbbank', name: null, bin: null },
};

const USER_ACCOUNT = {
  id: '2001',
  accountNumber: '0123456789',
  bank: { code: 'mbbank', name: null, bin: '970422' },
};

const SETTINGS = {
  url: 'https://gw.example.com/hooks/casso',
  secureToken: 'a-long-random-text',
  incomeOnly: true,
};
const WEBHOOK = { id: '3001', url: 'https://gw.example.com/hooks/casso', incomeOnly: true };

const WINDOW = { from: '2021-04-01', to: '2021-04-15', page: 1, pageSize: 10, sort: 'DESC' } as const;
const WINDOW_QUERY = 'fromDate=2021-04-01&toDate=2021-04-15&page=1&pageSize=10&sort=DESC';

const ACCOUNT_ROW: unknown = JSON.parse(fixture('accounts')).data[0];
const TRANSACTION_ROW: unknown = JSON.parse(fixture('transactions')).data.records[0];

interface Sample {
  readonly title: string;
  readonly ask: (client: CassoClient, call: ProviderCall) => Promise<unknown>;
  readonly method: string;
  readonly url: string;
  /** What is sent. */
  readonly body?: string;
  /** What comes. */
  readonly reply: string;
  readonly answer: unknown;
}

const SAMPLES: readonly Sample[] = [
  {
    title: 'the business of a credential',
    ask: (client, call) => client.userInfo(call),
    method: 'GET',
    url: '/v2/userInfo',
    reply: fixture('user-info'),
    answer: { id: '22', name: 'Vi Du', bankAccounts: [USER_ACCOUNT] },
  },
  {
    title: 'the bank accounts',
    ask: (client, call) => client.accounts(call),
    method: 'GET',
    url: '/v2/accounts',
    reply: fixture('accounts'),
    answer: [ACCOUNT],
  },
  {
    title: 'one bank account',
    ask: (client, call) => client.account(call, '2001'),
    method: 'GET',
    url: '/v2/accounts/2001',
    reply: envelope(ACCOUNT_ROW),
    answer: ACCOUNT,
  },
  {
    title: 'one bank account that comes as a list of one',
    ask: (client, call) => client.account(call, '2001'),
    method: 'GET',
    url: '/v2/accounts/2001',
    reply: fixture('accounts'),
    answer: ACCOUNT,
  },
  {
    title: 'a page of bank transactions',
    ask: (client, call) => client.transactions(call, WINDOW),
    method: 'GET',
    url: `/v2/transactions?${WINDOW_QUERY}`,
    reply: fixture('transactions'),
    answer: { rows: [TRANSACTION], total: 12, hasMore: true },
  },
  {
    title: "a page of one account's bank transactions",
    ask: (client, call) =>
      client.transactions(call, { ...WINDOW, bankAccountId: '2001', page: 2, sort: 'ASC' }),
    method: 'GET',
    url: '/v2/accounts/2001/transactions?fromDate=2021-04-01&toDate=2021-04-15&page=2&pageSize=10&sort=ASC',
    reply: fixture('transactions'),
    answer: { rows: [TRANSACTION], total: 12, hasMore: false },
  },
  {
    title: 'a bare list of bank transactions, as the only page',
    ask: (client, call) => client.transactions(call, WINDOW),
    method: 'GET',
    url: `/v2/transactions?${WINDOW_QUERY}`,
    reply: envelope([TRANSACTION_ROW]),
    answer: { rows: [TRANSACTION], total: null, hasMore: false },
  },
  {
    title: 'one bank transaction',
    ask: (client, call) => client.transaction(call, '100001'),
    method: 'GET',
    url: '/v2/transactions/100001',
    reply: envelope(TRANSACTION_ROW),
    answer: TRANSACTION,
  },
  {
    title: 'a sync, by the number of the bank and not by the id',
    ask: (client, call) => client.sync(call, '0123456789'),
    method: 'POST',
    url: '/v2/sync',
    body: JSON.stringify(JSON.parse(fixture('sync-request'))),
    reply: fixture('sync-success'),
    answer: undefined,
  },
  {
    title: 'a sync whose reply carries data, which is not looked at',
    ask: (client, call) => client.sync(call, '0123456789'),
    method: 'POST',
    url: '/v2/sync',
    body: '{"bank_acc_id":"0123456789"}',
    reply: envelope([{ id: 1, message: 'queued' }]),
    answer: undefined,
  },
  {
    title: 'a new webhook',
    ask: (client, call) => client.createWebhook(call, SETTINGS),
    method: 'POST',
    url: '/v2/webhooks',
    body: JSON.stringify(JSON.parse(fixture('webhook-request'))),
    reply: fixture('webhook-reply'),
    answer: WEBHOOK,
  },
  {
    title: 'a webhook',
    ask: (client, call) => client.getWebhook(call, '3001'),
    method: 'GET',
    url: '/v2/webhooks/3001',
    reply: fixture('webhook-reply'),
    answer: WEBHOOK,
  },
  {
    title: 'a changed webhook',
    ask: (client, call) => client.updateWebhook(call, '3001', { ...SETTINGS, incomeOnly: false }),
    method: 'PUT',
    url: '/v2/webhooks/3001',
    body: `{"webhook":"${SETTINGS.url}","secure_token":"a-long-random-text","income_only":false}`,
    reply: fixture('webhook-reply').replace('"send_only_income": 1', '"send_only_income": 0'),
    answer: { ...WEBHOOK, incomeOnly: false },
  },
  {
    title: 'a deleted webhook',
    ask: (client, call) => client.deleteWebhook(call, '3001'),
    method: 'DELETE',
    url: '/v2/webhooks/3001',
    reply: envelope(null),
    answer: true,
  },
  {
    title: 'all deleted webhooks of a URL',
    ask: (client, call) => client.deleteWebhooks(call, 'https://gw.example.com/hooks/casso?a=1&b=ờ'),
    method: 'DELETE',
    url: '/v2/webhooks?webhook=https%3A%2F%2Fgw.example.com%2Fhooks%2Fcasso%3Fa%3D1%26b%3D%E1%BB%9D',
    reply: envelope([{ id: 3001 }]),
    answer: true,
  },
];

describe('each call sends exactly the documented request and reads the documented answer', () => {
  test.each(SAMPLES)('$title', async ({ ask, method, url, body, reply, answer }) => {
    const { client, requests, host } = await clientOf([{ body: reply }]);
    expect(await ask(client, call())).toEqual(answer);
    expect(requests).toEqual([
      {
        method,
        url,
        body: body ?? '',
        headers: {
          host,
          connection: 'keep-alive',
          'user-agent': 'mekong',
          authorization: FIRST_TOKEN,
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(body)),
          }),
        },
      },
    ]);
  });
});

describe('answers', () => {
  test('201 is a success as much as 200', async () => {
    const { client } = await clientOf([{ status: 201, body: fixture('webhook-reply') }]);
    expect(await client.createWebhook(call(), SETTINGS)).toEqual(WEBHOOK);
  });

  test('the text of the envelope decides nothing', async () => {
    const { client } = await clientOf([{ body: JSON.stringify({ error: 0, message: 'Failed', data: [] }) }]);
    expect(await client.accounts(call())).toEqual([]);
  });

  test('the secure token that comes back is left behind', async () => {
    const { client } = await clientOf([{ body: fixture('webhook-reply') }]);
    expect(JSON.stringify(await client.getWebhook(call(), '3001'))).not.toContain('a-long-random-text');
  });

  test('an id can never lead to another path', async () => {
    const { client, requests } = await clientOf([{ body: envelope(null) }]);
    await client.transaction(call(), '1/../2?x=#');
    expect(requests[0]?.url).toBe('/v2/transactions/1%2F..%2F2%3Fx%3D%23');
  });
});

describe('the API key credential', () => {
  test('is sent in the documented spelling', async () => {
    const { client, requests } = await clientOf([{ body: fixture('accounts') }]);
    await client.accounts(call({ credential: cassoApiKeyCredential('AK_CS.key.value', 'grant-9') }));
    expect(requests[0]?.headers.authorization).toBe('Apikey AK_CS.key.value');
  });

  test('has nothing better to offer when it is refused', async () => {
    const credential = cassoApiKeyCredential('AK_CS.key.value', 'grant-9');
    const { signal } = new AbortController();
    expect(await credential.renew('Apikey AK_CS.key.value', { signal })).toBeNull();
    expect(credential).toMatchObject({ provider: 'CASSO', id: 'grant-9' });
  });
});
