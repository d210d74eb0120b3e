import { describe, expect, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../../src/providers/casso/sandbox/index.ts';
import { call, endpoint, start } from './support.ts';

const [FIRST, SECOND] = SANDBOX_BUSINESSES.main.accounts.map((account) => account.accountNumber);
const sync = (accountNumber: unknown) => ({ body: { bank_acc_id: accountNumber } });

describe('POST /sync', () => {
  test('brings what the bank has, with ids of that moment, and tells the webhook at once', async () => {
    const hook = await endpoint();
    const sandbox = await start({ webhook: { url: hook.url, version: 'v1', secret: 'token' } });
    const head = async () =>
      (await call(sandbox, 'main', 'GET /v2/transactions?sort=DESC&pageSize=2')).body.data.records;

    for (const reference of ['held-1', 'held-2']) {
      expect(sandbox.control.makeTransfer({ reference, viaSync: true })).toBeNull();
    }
    const made = sandbox.control.makeTransfer({ reference: 'at-once' });
    await sandbox.control.webhooksIdle();
    expect((await head())[0]).toEqual(made);

    await call(sandbox, 'main', 'POST /v2/sync', sync(SECOND));
    await sandbox.control.webhooksIdle();
    expect(hook.received).toHaveLength(1);

    const { status, body } = await call(sandbox, 'main', 'POST /v2/sync', sync(FIRST));
    expect([status, body]).toEqual([200, { error: 0, message: 'success', data: null }]);
    await hook.arrived(2);
    const found = hook.received[1]?.body.data;
    expect(found.map((row: { tid: string }) => row.tid)).toEqual(['held-1', 'held-2']);
    expect(found.map((row: { id: number }) => row.id)).toEqual([made.id + 1, made.id + 2]);
    expect((await head()).map((row: { tid: string }) => row.tid)).toEqual(['held-2', 'held-1']);

    await call(sandbox, 'main', 'POST /v2/sync', sync(FIRST));
    await sandbox.control.webhooksIdle();
    expect(hook.received).toHaveLength(2);
  });

  test.each(['99999999', '2101', SANDBOX_BUSINESSES.second.accounts[0].accountNumber])(
    'answers 200 with an error for %s, which is no account number of the business',
    async (number) => {
      const { status, body } = await call(await start(), 'main', 'POST /v2/sync', sync(number));
      expect(status).toBe(200);
      expect(body).toEqual({ error: 404, message: 'Bank account not found', data: null });
    },
  );

  test('refuses a number in the place of a text, no number, a form', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'main', 'POST /v2/sync', sync(Number(SECOND)))).status).toBe(400);
    expect((await call(sandbox, 'main', 'POST /v2/sync', { body: {} })).status).toBe(400);
    const form = await fetch(`${sandbox.url}/v2/sync`, {
      method: 'POST',
      headers: { authorization: `Apikey ${SANDBOX_BUSINESSES.main.apiKey}` },
      body: new URLSearchParams({ bank_acc_id: FIRST ?? '' }),
    });
    expect(form.status).toBe(400);
  });

  test('knows an account as soon as it is added', async () => {
    const sandbox = await start();
    const { id } = sandbox.control.addAccount({ accountNumber: '00042', balance: null });
    expect((await call(sandbox, 'main', 'POST /v2/sync', sync('00042'))).body.error).toBe(0);
    expect((await call(sandbox, 'main', `GET /v2/accounts/${id}`)).body.data).toMatchObject({
      accountNumber: '00042',
      balance: null,
    });
  });
});
