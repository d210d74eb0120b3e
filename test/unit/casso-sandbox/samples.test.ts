import { describe, expect, test } from 'vitest';
import { call, sample, start } from './support.ts';

describe('the documented samples are served value by value', () => {
  test('GET /accounts', async () => {
    const { status, body } = await call(await start(), 'sample', 'GET /v2/accounts');
    expect(status).toBe(200);
    expect(body).toEqual(sample('accounts'));
  });

  test('GET /accounts/:id, as an object', async () => {
    const { body } = await call(await start(), 'sample', 'GET /v2/accounts/2001');
    expect(body).toEqual({ error: 0, message: 'Successful', data: sample('accounts').data[0] });
  });

  test('GET /transactions: the page of twelve, and its first row', async () => {
    const documented = sample('transactions');
    const { body } = await call(await start(), 'sample', 'GET /v2/transactions?fromDate=2021-04-15');
    expect({ ...body, data: { ...body.data, records: body.data.records.slice(0, 1) } }).toEqual(documented);
    expect(body.data.records).toHaveLength(10);
  });

  test('GET /transactions/:id', async () => {
    const { body } = await call(await start(), 'sample', 'GET /v2/transactions/100001');
    expect(body).toEqual({ error: 0, message: 'success', data: sample('transactions').data.records[0] });
  });

  test('GET /userInfo', async () => {
    const { body } = await call(await start(), 'sample', 'GET /v2/userInfo');
    expect(body).toEqual(sample('user-info'));
  });

  test('POST /sync', async () => {
    const { status, body } = await call(await start(), 'sample', 'POST /v2/sync', {
      body: sample('sync-request'),
    });
    expect(status).toBe(200);
    expect(body).toEqual(sample('sync-success'));
  });

  test('POST /webhooks, GET and PUT /webhooks/:id', async () => {
    const sandbox = await start();
    const request = sample('webhook-request');
    const reply = sample('webhook-reply');
    expect((await call(sandbox, 'sample', 'POST /v2/webhooks', { body: request })).body).toEqual(reply);
    expect((await call(sandbox, 'sample', 'GET /v2/webhooks/3001')).body).toEqual(reply);
    expect((await call(sandbox, 'sample', 'PUT /v2/webhooks/3001', { body: request })).body).toEqual(reply);
  });
});
