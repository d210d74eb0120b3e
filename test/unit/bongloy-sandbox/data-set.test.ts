import { describe, expect, test } from 'vitest';
import {
  SANDBOX_TRANSACTIONS as ROWS,
  SANDBOX_CARDHOLDERS as WHO,
} from '../../../src/providers/bongloy/sandbox/index.ts';
import { cursor, type Json, movableClock, reader, start } from './support.ts';

async function everything(read: ReturnType<typeof reader>, path: string): Promise<Json[]> {
  const rows: Json[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const { body } = await read(`${path}?page[size]=100&page[after]=${after}`);
    rows.push(...body.data);
    after = cursor(body.links.next, 'after');
  }
  return rows;
}

describe('the demo data', () => {
  test.each([
    ['main', 3, 14, 300],
    ['manyAccounts', 12, 12, 0],
    ['roundTotal', 1, 1, 100],
    ['empty', 0, 0, 0],
  ] as const)('%s has %i accounts, %i cards and %i transactions', async (name, ...counts) => {
    const read = reader(await start(), WHO[name]);
    const lists = [];
    for (const path of ['/accounts', '/cards', '/transactions']) lists.push(await everything(read, path));
    expect(lists.map((rows) => rows.length)).toEqual(counts);
  });

  test('joins up: each row names an account and a card of the same cardholder, in the account’s currency', async () => {
    const sandbox = await start();
    for (const cardholder of Object.values(WHO)) {
      const read = reader(sandbox, cardholder);
      const accounts = new Map((await everything(read, '/accounts')).map((row) => [row.id, row]));
      const cards = new Map((await everything(read, '/cards')).map((row) => [row.id, row]));
      const code = (await read('/card_issuer')).body.data.attributes.code;
      for (const { attributes, relationships } of accounts.values()) {
        expect(relationships.cardholder.data.id).toBe(cardholder);
        expect(attributes.account_identifier).toBe(code + attributes.number);
      }
      for (const { attributes, relationships } of await everything(read, '/transactions')) {
        expect(attributes.currency).toBe(accounts.get(relationships.account.data.id).attributes.currency);
        const card = relationships.card.data;
        if (card === null) continue;
        expect(cards.get(card.id).relationships.account).toEqual(relationships.account);
      }
    }
  });

  test('is the same at every start', async () => {
    const [one, two] = [await start({ clock: movableClock() }), await start({ clock: movableClock() })];
    expect(await everything(reader(one, WHO.main), '/transactions')).toEqual(
      await everything(reader(two, WHO.main), '/transactions'),
    );
  });

  test('has the oddities that a client must survive', async () => {
    const read = reader(await start(), WHO.main);
    const row = async (id: string) => (await read(`/transactions/${id}`)).body.data;

    expect(await row(ROWS.withoutCard)).toMatchObject({
      attributes: { status: 'pending', settlement_time: null },
      relationships: { card: { data: null } },
    });
    const { attributes } = await row(ROWS.unknownKinds);
    expect(attributes).toMatchObject({
      type: 'loyalty_bonus',
      transaction_details: { type: 'loyalty', loyalty: expect.any(Object) },
      exchange_rate: '4100.00',
    });
    expect(attributes.fees).not.toEqual([]);
    expect((await row(ROWS.withoutSettlementTime)).attributes).not.toHaveProperty('settlement_time');
    const huge = (await row(ROWS.huge)).attributes;
    expect([huge.currency, huge.amount > 2 ** 31]).toEqual(['KHR', true]);
    const foreign = (await row(ROWS.foreign)).attributes;
    expect([foreign.currency, foreign.transaction_currency]).toEqual(['USD', 'VND']);
    for (const [first, second] of [ROWS.tiedAtTen, ROWS.tiedAtTwenty]) {
      expect((await row(first)).attributes.transaction_time).toBe(
        (await row(second)).attributes.transaction_time,
      );
    }
    const names = (await everything(read, '/transactions')).map(
      ({ attributes }) => attributes.transaction_details.card?.merchant_data.name ?? '',
    );
    expect(names.some((name) => /\p{Script=Khmer}/u.test(name))).toBe(true);
    expect(names).toContain('Riverside Coffee');
  });

  test('holds pending money back from what is available', async () => {
    const read = reader(await start(), WHO.main);
    const accounts = await everything(read, '/accounts');
    const pending = (await read('/transactions?filter[status]=pending')).body.data;
    for (const { id } of accounts) {
      const { available, balance } = (await read(`/accounts/${id}/balance`)).body.data.attributes;
      const held = pending
        .filter((row: Json) => row.relationships.account.data.id === id)
        .reduce((sum: number, row: Json) => sum + row.attributes.amount, 0);
      expect(balance.amount - available.amount).toBe(held);
      expect(available.amount).toBeGreaterThan(0);
    }
  });
});
