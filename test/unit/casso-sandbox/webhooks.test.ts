import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { cassoSignature } from '../../../src/providers/casso/sandbox/signature.ts';
import { clockAt, endpoint, NOW, sample, start } from './support.ts';

const KEY = 'checksum-key';
/** In the order in which they are signed, written down by hand from the published vector. */
const SIGNED_ORDER = [
  'data',
  'accountNumber',
  'amount',
  'bankAbbreviation',
  'bankName',
  'counterAccountBankId',
  'counterAccountBankName',
  'counterAccountName',
  'counterAccountNumber',
  'description',
  'id',
  'reference',
  'runningBalance',
  'transactionDateTime',
  'virtualAccountName',
  'virtualAccountNumber',
  'error',
];

const header = (text: string) =>
  `t=${NOW},v1=${createHmac('sha512', KEY).update(`${NOW}.${text}`).digest('hex')}`;
const signedText = (body: object) => JSON.stringify(body, SIGNED_ORDER);

test('a signature is the published one for the published payload, key and time', () => {
  const { payload, checksumKey, header: published } = sample('webhook-v2-vector');
  expect(cassoSignature(payload, checksumKey, 1_727_948_258_788)).toBe(published);
});

describe('a transfer is told at once', () => {
  test('in V1 as a list, with the token in a header', async () => {
    const hook = await endpoint();
    const sandbox = await start({ webhook: { url: hook.url, version: 'v1', secret: KEY } });
    const documented = sample('webhook-v1');
    const row = documented.data[0];
    const { id } = sandbox.control.makeTransfer({
      business: 'main',
      accountNumber: '0909123456',
      reference: row.tid,
      description: row.description,
      when: '2021-04-15T09:30:00',
    });
    await sandbox.control.webhooksIdle();

    const { headers, body } = hook.only();
    expect(headers['secure-token']).toBe(KEY);
    expect(headers).not.toHaveProperty('x-casso-signature');
    expect(headers['content-type']).toBe('application/json');
    const number = { bank_sub_acc_id: '0909123456', subAccId: '0909123456' };
    const known = { ...row, ...number, id, cusum_balance: expect.any(Number) };
    expect(body).toEqual({ ...documented, data: [known] });
  });

  test('in V2 as one object in the documented order, signed in the sorted order', async () => {
    const hook = await endpoint();
    const sandbox = await start({ webhook: { url: hook.url, version: 'v2', secret: KEY } });
    const documented = sample('webhook-v2');
    sandbox.control.makeTransfer({ description: 'Nguyễn & "con" 1/2' });
    await sandbox.control.webhooksIdle();

    const { headers, body } = hook.only();
    expect(headers['x-casso-signature']).toBe(header(signedText(body)));
    expect(headers).not.toHaveProperty('secure-token');
    expect(Object.keys(body)).toEqual(Object.keys(documented));
    expect(Object.keys(body.data)).toEqual(Object.keys(documented.data));
    expect(body.data).toMatchObject({
      description: 'Nguyễn & "con" 1/2',
      transactionDateTime: '2025-03-10 12:30:00',
      accountNumber: '00710008888',
      bankName: 'Vietcombank',
    });
  });

  test('in V2 at seven in the morning where the bank gives a date alone', async () => {
    const hook = await endpoint();
    const sandbox = await start({ webhook: { url: hook.url, version: 'v2', secret: KEY } });
    expect(sandbox.control.makeTransfer({ when: '2025-03-09' }).when).toBe('2025-03-09');
    await sandbox.control.webhooksIdle();
    expect(hook.received[0]?.body.data.transactionDateTime).toBe('2025-03-09 07:00:00');
  });

  test('only as money in, if the webhook is so set', async () => {
    const hook = await endpoint();
    const sandbox = await start();
    sandbox.control.setWebhook({ url: hook.url, version: 'v1', secret: KEY, incomeOnly: true });
    sandbox.control.makeTransfer({ amount: -1_000 });
    const { id } = sandbox.control.makeTransfer({ amount: 1_000 });
    await sandbox.control.webhooksIdle();
    expect(sandbox.control.deliveries().map((delivery) => delivery.transactionIds)).toEqual([[id]]);
  });

  test('to nobody when it is dropped, though it is there', async () => {
    const hook = await endpoint();
    const sandbox = await start({ webhook: { url: hook.url, version: 'v1', secret: KEY } });
    sandbox.control.dropNextWebhook(1);
    sandbox.control.makeTransfer();
    const { id } = sandbox.control.makeTransfer();
    await sandbox.control.webhooksIdle();
    expect(hook.received.map(({ body }) => body.data[0].id)).toEqual([id]);
  });
});

describe('a delivery that is not accepted', () => {
  test('is sent again, the same to the last byte', async () => {
    const clock = clockAt(NOW);
    const hook = await endpoint({ status: 500 }, { status: 201 }, { status: 200 });
    const sandbox = await start({ clock, webhook: { url: hook.url, version: 'v2', secret: KEY } });
    sandbox.control.makeTransfer();
    clock.time += 60_000;
    await sandbox.control.webhooksIdle();
    const [first, second, third] = hook.received.map(({ headers, text }) => [
      headers['x-casso-signature'],
      text,
    ]);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(
      sandbox.control.deliveries().map(({ attempt, status, accepted }) => [attempt, status, accepted]),
    ).toEqual([
      [1, 500, false],
      [2, 201, false],
      [3, 200, true],
    ]);
  });

  test('is given up after seventeen retries', async () => {
    const hook = await endpoint(...Array.from({ length: 18 }, () => ({ status: 503 })));
    const sandbox = await start({
      webhookBaseWait: 0,
      webhook: { url: hook.url, version: 'v1', secret: KEY },
    });
    sandbox.control.makeTransfer();
    await sandbox.control.webhooksIdle();
    expect(hook.received).toHaveLength(18);
  });

  test('is, to a strict integration, any without success in its body', async () => {
    const hook = await endpoint({ status: 200, body: 'OK' }, { status: 200, body: '{"success":false}' });
    const sandbox = await start({
      strictWebhooks: true,
      webhook: { url: hook.url, version: 'v1', secret: KEY },
    });
    sandbox.control.makeTransfer();
    await sandbox.control.webhooksIdle();
    expect(sandbox.control.deliveries().map(({ accepted }) => accepted)).toEqual([false, false, true]);
  });

  test('is one to which nobody answers', async () => {
    const sandbox = await start({
      webhookBaseWait: 0,
      webhook: { url: 'http://127.0.0.1:1/', version: 'v1', secret: KEY },
    });
    sandbox.control.makeTransfer();
    await sandbox.control.webhooksIdle();
    expect(sandbox.control.deliveries().at(-1)).toMatchObject({ attempt: 18, status: null, accepted: false });
  });
});
