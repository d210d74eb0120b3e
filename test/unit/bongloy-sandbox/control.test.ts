import { describe, expect, test } from 'vitest';
import { SANDBOX_CARDHOLDERS as WHO } from '../../../src/providers/bongloy/sandbox/index.ts';
import { call, ids, movableClock, postJson, reader, start } from './support.ts';

describe('the control calls over HTTP', () => {
  test('do what the functions do, under their names in kebab case', async () => {
    const sandbox = await start();
    const control = (name: string, input: unknown) => postJson(`${sandbox.url}/_sandbox/${name}`, input);
    const idToken = await control('firebase-token', { phoneNumber: '85513333333', code: '123456' });
    expect(idToken.body).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/u);
    const purchase = await control('make-purchase', { cardholder: WHO.roundTotal, amount: 5 });
    expect(ids(await reader(sandbox, WHO.roundTotal)('/transactions?page[size]=1'))).toEqual([
      purchase.body.id,
    ]);
    const tokens = await control('issue-tokens', { cardholder: WHO.empty });
    const headers = { authorization: `Bearer ${tokens.body.access_token}` };
    expect((await call(`${sandbox.url}/connect/v1/cardholder`, { headers })).body.data.id).toBe(WHO.empty);
    expect((await control('set-rotation', 'strict')).body).toBeNull();
  });

  test('are listed at /_sandbox/, with what each of them takes and the settings of a gateway', async () => {
    const sandbox = await start();
    const { status, body } = await call(`${sandbox.url}/_sandbox/`);
    expect(status).toBe(200);
    expect(body.calls).toContain('POST /_sandbox/make-purchase');
    expect(body.arguments['make-purchase'].properties).toMatchObject({
      amount: { type: 'integer', default: 1000 },
      status: { enum: ['pending', 'settled'] },
    });
    // Each that takes something at all is listed in full.
    for (const name of Object.keys(body.arguments)) expect(body.calls).toContain(`POST /_sandbox/${name}`);
    const { clientId, clientSecret, apiToken } = sandbox.application;
    expect(Object.values(body.settings)).toEqual([clientId, clientSecret, apiToken]);
  });

  test('take no input where none is needed', async () => {
    const sandbox = await start();
    const answer = await call(`${sandbox.url}/_sandbox/make-purchase`, { method: 'POST' });
    expect([answer.status, answer.body.type]).toEqual([200, 'transaction']);
  });

  test.each([
    ['make-purchase', '{"amount":-1}', 422],
    ['make-purchase', '{"cardholder":"nobody"}', 422],
    ['settle', '{"transactionId":"nobody"}', 422],
    ['firebase-token', '{"phoneNumber":"85513333333","code":"0"}', 422],
    ['send-webhook', '{"mode":"valid"}', 422],
    ['set-webhook', '{"url":"ftp://here","secret":"x"}', 422],
    ['set-fault', '{"match":"/","kind":"earthquake"}', 422],
    ['make-purchase', '{"marchant":"A name that is not read"}', 422],
    ['set-fault', '{"match":"/","kind":"hang","time":2}', 422],
    ['make-purchase', '{"amount":', 400],
  ])('%s %s is refused with %i and a reason', async (name, body, status) => {
    const sandbox = await start();
    const answer = await call(`${sandbox.url}/_sandbox/${name}`, { method: 'POST', body });
    expect([answer.status, answer.body]).toEqual([status, { error: expect.any(String) }]);
  });

  test.each(['constructor', 'no-such-call'])(
    '%s is none: 404, a reason, and those that there are',
    async (name) => {
      const sandbox = await start();
      const answer = await call(`${sandbox.url}/_sandbox/${name}`, { method: 'POST', body: '{}' });
      expect(answer.status).toBe(404);
      expect(answer.body).toEqual({
        error: expect.any(String),
        calls: expect.arrayContaining(['GET /_sandbox/state', 'POST /_sandbox/make-purchase']),
      });
    },
  );

  test('tell the state, and are neither recorded nor disturbed by faults', async () => {
    const sandbox = await start({ before: 'newest' });
    sandbox.control.setFault({ match: '/', kind: 'status', code: 500 });
    const { body } = await call(`${sandbox.url}/_sandbox/state`);
    expect(body).toMatchObject({
      paging: { before: 'newest', next: 'exact', strictTies: false },
      rotation: 'grace',
      faults: 1,
      requests: 0,
      webhooks: { pending: 0, attempts: 0 },
    });
    const main = { id: WHO.main, phoneNumber: '85513333333', accounts: 3, cards: 14, transactions: 300 };
    expect(body.cardholders).toContainEqual(expect.objectContaining(main));
    expect(sandbox.requests).toEqual([]);
  });
});

describe('new rows', () => {
  test('an added account and its card are first in their lists, and the account can be verified', async () => {
    const sandbox = await start();
    const account = sandbox.control.addAccount({ cardholder: WHO.empty, currency: 'KHR', balance: 4100 });
    const card = sandbox.control.addCard({ accountId: account.id });
    const read = reader(sandbox, WHO.empty);
    expect([ids(await read('/accounts')), ids(await read('/cards'))]).toEqual([[account.id], [card.id]]);
    expect((await read(`/accounts/${account.id}/balance`)).body.data.attributes.available).toEqual({
      amount: 4100,
      currency: 'KHR',
    });
    expect(account.attributes.account_identifier).toBe(`204${account.attributes.number}`);
  });
});

describe('the record of requests', () => {
  test('holds method, decoded path, status and time, until it is cleared', async () => {
    const lines: string[] = [];
    const clock = movableClock();
    const sandbox = await start({ clock, log: (line) => lines.push(line) });
    const read = reader(sandbox, WHO.main);
    await read('/transactions?filter%5Bfrom_date%5D=2020-01-01T00%3A00%3A00Z&page[size]=2');
    clock.advance(1000);
    await read('/accounts/7');
    const at = clock.now();
    const paths = [
      '/connect/v1/transactions?filter[from_date]=2020-01-01T00:00:00Z&page[size]=2',
      '/connect/v1/accounts/7',
    ] as const;
    expect(sandbox.requests).toEqual([
      { method: 'GET', path: paths[0], status: 400, at: at - 1000 },
      { method: 'GET', path: paths[1], status: 404, at },
    ]);
    await expect.poll(() => lines).toEqual([`GET ${paths[0]} 400`, `GET ${paths[1]} 404`]);
    sandbox.clearRequests();
    expect(sandbox.requests).toEqual([]);
  });
});
