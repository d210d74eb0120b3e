import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  SANDBOX_ACCOUNTS,
  SANDBOX_TRANSACTIONS,
  WEBHOOK_MODES,
  SANDBOX_CARDHOLDERS as WHO,
} from '../../../src/providers/bongloy/sandbox/index.ts';
import { ids, type Json, movableClock, type Received, reader, receiver, start } from './support.ts';

const SECRET = 'abcdefghijklmnopqrstuvwxyz012345';

const decode = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString());

/** The token's parts; `signed` is recomputed here, independently of the sender's library. */
function tokenOf({ headers }: Received) {
  const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
  const [head = '', claims = '', signature] = token.split('.');
  const expected = createHmac('sha256', SECRET).update(`${head}.${claims}`).digest('base64url');
  return { scheme, head: decode(head), claims: decode(claims), signed: signature === expected };
}

async function endpoint(...statuses: [number, ...number[]]) {
  const { url, received } = await receiver(...statuses);
  const clock = movableClock();
  const sandbox = await start({ clock, webhook: { url, secret: SECRET }, webhookBaseWait: 0.01 });
  return { sandbox, received, clock, url };
}

describe('a purchase', () => {
  test('is the newest transaction, holds the money back, and is announced', async () => {
    const { sandbox, received, clock } = await endpoint(200);
    const read = reader(sandbox, WHO.main);
    const balance = async () =>
      (await read(`/accounts/${SANDBOX_ACCOUNTS.everyday}/balance`)).body.data.attributes;
    const before = await balance();
    const purchase = sandbox.control.makePurchase({ amount: 1250, merchant: 'Riverside Coffee' });
    await sandbox.control.webhooksIdle();

    expect(ids(await read('/transactions?page[size]=1'))).toEqual([purchase.id]);
    expect(purchase.relationships.account.data?.id).toBe(SANDBOX_ACCOUNTS.everyday);
    expect(await balance()).toEqual({
      balance: before.balance,
      available: { ...before.available, amount: before.available.amount - 1250 },
    });

    const [delivery] = received as [Received];
    expect(received).toHaveLength(1);
    expect(delivery.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Bongloy/1.0',
    });
    const { scheme, head, claims, signed } = tokenOf(delivery);
    expect([scheme, head.alg, signed]).toEqual(['Bearer', 'HS256', true]);
    expect(claims).toEqual({ iss: 'Bongloy', exp: Math.floor(clock.now() / 1000) + 300 });
    expect(JSON.parse(delivery.body)).toEqual({
      data: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/u),
        type: 'event',
        attributes: {
          created_at: '2020-05-25T05:08:23Z',
          updated_at: '2020-05-25T05:08:23Z',
          type: 'transaction.created',
          details: (await read(`/transactions/${purchase.id}`)).body,
        },
      },
    });
  });

  test('is taken from the balance and announced again when it is settled, once', async () => {
    const { sandbox, received } = await endpoint(200);
    const read = reader(sandbox, WHO.main);
    const { id } = sandbox.control.makePurchase({ accountId: SANDBOX_ACCOUNTS.savings, amount: 700 });
    const path = `/accounts/${SANDBOX_ACCOUNTS.savings}/balance`;
    const before = (await read(path)).body.data.attributes.balance.amount;
    const settled = sandbox.control.settle({ transactionId: id });
    await sandbox.control.webhooksIdle();

    expect(settled.attributes).toMatchObject({ status: 'settled', settlement_time: '2020-05-25T05:08:23Z' });
    expect((await read(path)).body.data.attributes.balance.amount).toBe(before - 700);
    expect((await read(`/transactions/${id}`)).body.data).toEqual(settled);
    const types = received
      .map(({ body }) => JSON.parse(body).data.attributes.type)
      .toSorted((a, b) => (a < b ? -1 : 1));
    expect(types).toEqual(['transaction.created', 'transaction.updated']);
    expect(() => sandbox.control.settle({ transactionId: id })).toThrow('it is not pending');
  });

  test('can name its card, its merchant’s currency and its status', async () => {
    const sandbox = await start();
    const { id: cardId } = sandbox.control.addCard({ accountId: SANDBOX_ACCOUNTS.riel, type: 'virtual' });
    const asked = {
      accountId: SANDBOX_ACCOUNTS.riel,
      cardId,
      amount: 5_000_000_000,
      status: 'settled',
    } as const;
    const purchase = sandbox.control.makePurchase({
      ...asked,
      currency: 'THB',
      transactionAmount: 4_400_000,
    });
    expect(purchase).toMatchObject({
      attributes: {
        currency: 'KHR',
        transaction_currency: 'THB',
        transaction_amount: 4_400_000,
        status: 'settled',
      },
      relationships: { card: { data: { id: cardId } } },
    });
    expect(sandbox.control.makePurchase({ cardId: null }).relationships.card.data).toBeNull();
  });
});

describe('delivery', () => {
  test('is tried again with a fresh token and the same event until a 2xx', async () => {
    const { sandbox, received } = await endpoint(500, 302, 404, 204);
    sandbox.control.makePurchase();
    await sandbox.control.webhooksIdle();
    const [eventId] = [...new Set(received.map(({ body }) => JSON.parse(body).data.id))];
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(received.every((delivery) => tokenOf(delivery).signed)).toBe(true);
    expect(sandbox.control.deliveries()).toEqual([
      { eventId, attempt: 1, status: 500 },
      { eventId, attempt: 2, status: 302 },
      { eventId, attempt: 3, status: 404 },
      { eventId, attempt: 4, status: 204 },
    ]);
  });

  test('is given up after nine attempts', async () => {
    const { sandbox, received } = await endpoint(503);
    sandbox.control.makePurchase();
    await sandbox.control.webhooksIdle();
    expect(received).toHaveLength(9);
  });

  test('counts no answer as a failure, and finds the endpoint when it has moved', async () => {
    const { url, received } = await receiver(200);
    const nowhere = { url: 'http://127.0.0.1:1/nobody', secret: SECRET };
    const sandbox = await start({ webhook: nowhere, webhookBaseWait: 50 });
    sandbox.control.makePurchase();
    await expect.poll(() => sandbox.control.deliveries()[0]?.status).toBeNull();
    sandbox.control.setWebhook({ url, secret: SECRET });
    await sandbox.control.webhooksIdle();
    expect(received).toHaveLength(1);
  });

  test('is dropped as often as asked', async () => {
    const { sandbox, received } = await endpoint(200);
    sandbox.control.dropNextWebhook(2);
    for (let count = 0; count < 3; count += 1) sandbox.control.makePurchase();
    await sandbox.control.webhooksIdle();
    expect([received.length, sandbox.control.deliveries().length]).toEqual([1, 1]);
  });

  test('ends with the simulator, also while it waits for hours', async () => {
    const { url, received } = await receiver(500);
    const sandbox = await start({ webhook: { url, secret: SECRET }, webhookBaseWait: 3_600_000 });
    sandbox.control.makePurchase();
    await expect.poll(() => received.length).toBe(1);
    await sandbox.close();
    await sandbox.control.webhooksIdle();
  });
});

const genuine = (delivery: Received) => {
  const { head, claims, signed } = tokenOf(delivery);
  return head.alg === 'HS256' && signed && claims.iss === 'Bongloy' && claims.exp > 1_590_383_303;
};

const transactionNamed = ({ body }: Received): Json => JSON.parse(body).data.attributes.details.data.id;

describe('the modes of sendWebhook', () => {
  test('each is sent once, without retries', async () => {
    const { sandbox, received } = await endpoint(401);
    for (const mode of WEBHOOK_MODES) {
      const { eventId, statuses } = await sandbox.control.sendWebhook({ mode });
      const twice = mode === 'replayed-header' || mode === 'duplicate-event';
      expect(statuses).toEqual(twice ? [401, 401] : [401]);
      expect(sandbox.control.deliveries().at(-1)?.eventId).toBe(eventId);
    }
    expect(received).toHaveLength(WEBHOOK_MODES.length + 2);
  });

  test.each([
    ['no-exp', { alg: 'HS256' }, { iss: 'Bongloy' }, true],
    ['wrong-iss', { alg: 'HS256' }, { iss: 'Other', exp: 1_590_383_603 }, true],
    ['alg-none', { alg: 'none' }, { iss: 'Bongloy', exp: 1_590_383_603 }, false],
    ['rs256', { alg: 'RS256' }, { iss: 'Bongloy', exp: 1_590_383_603 }, false],
    ['expired', { alg: 'HS256' }, { iss: 'Bongloy', exp: 1_590_383_003 }, true],
    ['wrong-secret', { alg: 'HS256' }, { iss: 'Bongloy', exp: 1_590_383_603 }, false],
  ] as const)('%s', async (mode, head, claims, signed) => {
    const { sandbox, received } = await endpoint(200);
    await sandbox.control.sendWebhook({ mode });
    const token = tokenOf(received[0] as Received);
    expect({ ...token, head: { alg: token.head.alg } }).toEqual({ scheme: 'Bearer', head, claims, signed });
  });

  test('valid, about the transaction and of the type asked for', async () => {
    const { sandbox, received } = await endpoint(200);
    const transactionId = SANDBOX_TRANSACTIONS.huge;
    await sandbox.control.sendWebhook({ mode: 'valid', transactionId, type: 'transaction.updated' });
    const [delivery] = received as [Received];
    const { attributes } = JSON.parse(delivery.body).data;
    expect([genuine(delivery), attributes.type, attributes.details.data.id]).toEqual([
      true,
      'transaction.updated',
      transactionId,
    ]);
  });

  test('replayed-header: the same header over a body that names another transaction', async () => {
    const { sandbox, received } = await endpoint(200);
    await sandbox.control.sendWebhook({ mode: 'replayed-header' });
    const [first, second] = received as [Received, Received];
    expect(second.headers.authorization).toBe(first.headers.authorization);
    expect(transactionNamed(second)).not.toBe(transactionNamed(first));
  });

  test('duplicate-event: the same body twice, each with a token of its own', async () => {
    const { sandbox, received } = await endpoint(200);
    await sandbox.control.sendWebhook({ mode: 'duplicate-event' });
    const [first, second] = received as [Received, Received];
    expect([second.body, genuine(first), genuine(second)]).toEqual([first.body, true, true]);
    expect(second.headers.authorization).not.toBe(first.headers.authorization);
  });

  test('unknown-type and garbage-body are validly signed', async () => {
    const { sandbox, received } = await endpoint(200);
    await sandbox.control.sendWebhook({ mode: 'unknown-type' });
    await sandbox.control.sendWebhook({ mode: 'garbage-body' });
    const [unknown, garbage] = received as [Received, Received];
    expect(JSON.parse(unknown.body).data.attributes.type).toBe('galaxy.exploded');
    expect(() => JSON.parse(garbage.body)).toThrow(SyntaxError);
    expect([genuine(unknown), genuine(garbage)]).toEqual([true, true]);
  });
});
