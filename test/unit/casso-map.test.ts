import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blankToNull,
  cassoId,
  counterparty,
  movement,
  toBankAccount,
  toBankTransaction,
  toBankTransactionsPage,
  toBusiness,
  toWebhook,
  vietnamDate,
  vietnamTime,
  virtualAccount,
  vnd,
  vndOrNull,
} from '../../src/providers/casso/map.ts';
import type { WireAccount, WireTransaction, WireUserInfo } from '../../src/providers/casso/wire.ts';
import { fixture } from './casso-client-support.ts';

const ROW: WireTransaction = JSON.parse(fixture('transactions')).data.records[0];
const ACCOUNT: WireAccount = JSON.parse(fixture('accounts')).data[0];
const USER: WireUserInfo = JSON.parse(fixture('user-info')).data;

const WRONG_SHAPE = expect.objectContaining({ name: 'UpstreamFailure', kind: 'wrong-shape' });
const money = (minorUnits: number) => ({ minorUnits, currency: 'VND', exponent: 0 });

/** The row as a document would bring it: any member can be anything. */
const row = (changes: Readonly<Record<string, unknown>>): WireTransaction =>
  JSON.parse(JSON.stringify({ ...ROW, ...changes }));

const balance = (changes: Readonly<Record<string, unknown>>) =>
  toBankTransaction(row(changes)).runningBalance;

/** The page with other members. */
const page = (changes: object) => ({ ...JSON.parse(fixture('transactions')).data, ...changes });

describe("Vietnam's time", () => {
  test.each([
    ['2021-04-15', '2021-04-14T17:00:00.000Z'],
    ['2021-04-15T00:00:00', '2021-04-14T17:00:00.000Z'],
    ['2021-04-15T23:59:59', '2021-04-15T16:59:59.000Z'],
    ['2025-02-12 15:36:21', '2025-02-12T08:36:21.000Z'],
    ['2024-02-29 06:59:59', '2024-02-28T23:59:59.000Z'],
    ['2025-01-01 00:00:00', '2024-12-31T17:00:00.000Z'],
  ])('%s is %s', (wallTime, instant) => {
    expect(vietnamTime(wallTime).toISOString()).toBe(instant);
  });

  test.each([
    '',
    'today',
    '2021-04-15T00:00',
    '2021-04-15T00:00:00Z',
    '2021-04-15T00:00:00+07:00',
    '2021-04-15  00:00:00',
    '15/04/2021',
    '2021-13-01',
    '2021-02-29',
    '2021-04-31 10:00:00',
    '2021-04-15 24:00:00',
    '2021-04-15 10:60:00',
    '2021-04-15\n',
  ])('%j is refused', (wallTime) => {
    expect(() => vietnamTime(wallTime)).toThrow(WRONG_SHAPE);
  });

  test.each<unknown>([null, undefined, 1_618_444_800_000, {}])(
    '%j, which is no text, is refused',
    (value) => {
      expect(() => vietnamTime(value as string)).toThrow(WRONG_SHAPE);
    },
  );

  test("a date's midnight belongs to that date, and so does its last second", () => {
    const dates = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        const day = date.toISOString().slice(0, 10);
        expect(vietnamDate(vietnamTime(day))).toBe(day);
        expect(vietnamDate(vietnamTime(`${day} 23:59:59`))).toBe(day);
        expect(vietnamTime(`${day}T12:00:00`)).toEqual(vietnamTime(`${day} 12:00:00`));
      }),
    );
  });

  test('the new day begins at 17:00 UTC', () => {
    expect(vietnamDate(new Date('2024-12-31T16:59:59.999Z'))).toBe('2024-12-31');
    expect(vietnamDate(new Date('2024-12-31T17:00:00.000Z'))).toBe('2025-01-01');
  });
});

describe('money', () => {
  test('an amount beyond 32 bits stays exact', () => {
    expect(vnd(2_147_483_648)).toEqual(money(2_147_483_648));
    expect(vnd(Number.MAX_SAFE_INTEGER)).toEqual(money(Number.MAX_SAFE_INTEGER));
    expect(toBankTransaction(row({ amount: 5_000_000_000, cusumBalance: 12_345_678_901 }))).toMatchObject({
      amount: money(5_000_000_000),
      runningBalance: money(12_345_678_901),
    });
  });

  test('an amount written as 1.0 is an integer', () => {
    expect(vnd(JSON.parse('1.0'))).toEqual(money(1));
    expect(movement(JSON.parse('-250000.0'))).toEqual({ amount: money(250_000), direction: 'DEBIT' });
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), '250000', null, undefined, {}])(
    '%j is no amount',
    (amount) => {
      expect(() => vnd(amount as number)).toThrow(WRONG_SHAPE);
      expect(() => movement(amount as number)).toThrow(WRONG_SHAPE);
    },
  );

  test('the sign is the direction, and the amount has none', () => {
    expect(movement(250_000)).toEqual({ amount: money(250_000), direction: 'CREDIT' });
    expect(movement(-193_000)).toEqual({ amount: money(193_000), direction: 'DEBIT' });
    expect(movement(0)).toEqual({ amount: money(0), direction: 'CREDIT' });
  });

  test('a balance may be negative, nothing, or unknown', () => {
    expect(vndOrNull(-1)).toEqual(money(-1));
    expect(vndOrNull(0)).toEqual(money(0));
    expect(vndOrNull(null)).toBeNull();
    expect(vndOrNull(undefined)).toBeNull();
  });
});

describe('texts', () => {
  test('an empty text is absent, and every other is kept as it is', () => {
    expect(blankToNull('')).toBeNull();
    expect(blankToNull(null)).toBeNull();
    expect(blankToNull(undefined)).toBeNull();
    expect(blankToNull(' Ngân hàng ')).toBe(' Ngân hàng ');
    expect(blankToNull('0')).toBe('0');
  });

  test('a number where a text should be is its digits', () => {
    expect(blankToNull(970_422)).toBe('970422');
    expect(blankToNull(0)).toBe('0');
  });

  test.each([true, {}, [], 1.5])('%j is no text', (value) => {
    expect(() => blankToNull(value as unknown as string)).toThrow(WRONG_SHAPE);
  });

  test('an id is a text of an integer', () => {
    expect(cassoId(100_001)).toBe('100001');
    expect(cassoId(0)).toBe('0');
    expect(() => cassoId('100001' as unknown as number)).toThrow(WRONG_SHAPE);
    expect(() => cassoId(1.5)).toThrow(WRONG_SHAPE);
  });
});

describe('a bank transaction', () => {
  test('the running balance is read in either spelling', () => {
    expect(balance({ cusumBalance: 1, cusum_balance: undefined })).toEqual(money(1));
    expect(balance({ cusumBalance: undefined, cusum_balance: 2 })).toEqual(money(2));
    expect(balance({ cusumBalance: null, cusum_balance: 2 })).toEqual(money(2));
    expect(balance({ cusumBalance: 0, cusum_balance: 2 })).toEqual(money(0));
    expect(balance({ cusumBalance: 1, cusum_balance: 2 })).toEqual(money(1));
    expect(balance({ cusumBalance: null })).toBeNull();
    expect(balance({ cusumBalance: undefined })).toBeNull();
  });

  test('an old row has no more than seven members', () => {
    const { id, tid, description, amount, cusumBalance, when, bankSubAccId } = ROW;
    const old = { id, tid, description, amount, cusumBalance, when, bankSubAccId } as WireTransaction;
    expect(toBankTransaction(old)).toEqual({
      provider: 'CASSO',
      id: '100001',
      reference: 'FT21000000000001',
      amount: money(250_000),
      direction: 'CREDIT',
      runningBalance: money(3_750_000),
      occurredAt: new Date('2021-04-14T17:00:00Z'),
      description: 'CHUYEN TIEN DON HANG 42',
      counterparty: null,
      virtualAccount: null,
      bankAccountId: null,
      bankAccountNumber: '0123456789',
      bank: null,
    });
  });

  test('what the bank does not tell is null, and the reference then empty', () => {
    expect(toBankTransaction(row({ tid: null, description: '', accountId: null }))).toMatchObject({
      reference: '',
      description: null,
      bankAccountId: null,
    });
    expect(toBankTransaction(row({ tid: '', description: null })).reference).toBe('');
  });

  test('the other side is there as soon as anything is known of it', () => {
    const known = { corresponsiveBankId: '970415', corresponsiveName: 'NGUYEN VAN A' };
    expect(toBankTransaction(row(known)).counterparty).toEqual({
      accountNumber: null,
      name: 'NGUYEN VAN A',
      bankId: '970415',
      bankName: null,
    });
    expect(counterparty('', null, undefined, '')).toBeNull();
    expect(counterparty(8_888_888_888, '', '', '')?.accountNumber).toBe('8888888888');
  });

  test('a virtual account needs a number', () => {
    expect(virtualAccount('', 'SHOP')).toBeNull();
    expect(virtualAccount('0099', '')).toEqual({ number: '0099', name: null });
    expect(
      toBankTransaction(row({ virtualAccount: '0099', virtualAccountName: 'SHOP' })).virtualAccount,
    ).toEqual({
      number: '0099',
      name: 'SHOP',
    });
  });

  test.each<Readonly<Record<string, unknown>>>([
    { id: null },
    { amount: '250000' },
    { amount: 0.5 },
    { when: '' },
    { when: null },
    { bankSubAccId: '' },
    { bankSubAccId: null },
    { cusumBalance: '1' },
    { description: {} },
  ])('%j is no bank transaction', (changes) => {
    expect(() => toBankTransaction(row(changes))).toThrow(WRONG_SHAPE);
  });

  test('a failure never shows what was in the row', () => {
    const secret = 'SECRET';
    const failing = ['id', 'amount', 'when', 'cusumBalance'].map((name) => row({ [name]: secret }));
    for (const wire of failing) expect(() => toBankTransaction(wire)).toThrow(/^(?!.*SECRET)/);
  });
});

describe('a page of bank transactions', () => {
  test('more follow until the last page, whatever nextPage says', () => {
    expect(toBankTransactionsPage(page({ totalPages: 2, nextPage: null }), 1).hasMore).toBe(true);
    expect(toBankTransactionsPage(page({ totalPages: 2, nextPage: 2 }), 2).hasMore).toBe(false);
    expect(toBankTransactionsPage(page({ totalPages: 2, nextPage: 3 }), 3).hasMore).toBe(false);
  });

  test('an empty window has no rows', () => {
    const empty = page({ records: [], totalRecords: 0, totalPages: 0, nextPage: null });
    expect(toBankTransactionsPage(empty, 1)).toEqual({ rows: [], total: 0, hasMore: false });
    expect(toBankTransactionsPage([], 1)).toEqual({ rows: [], total: null, hasMore: false });
  });
});

describe('a bank account', () => {
  test('blank members are null, and so is a balance that the bank does not give', () => {
    const blank = { accountName: '', bankName: '', bankCodeName: '', BIN: null, balance: null };
    expect(toBankAccount({ ...ACCOUNT, ...blank })).toEqual({
      id: '2001',
      accountNumber: '0123456789',
      accountName: null,
      bank: { code: null, name: null, bin: null },
      balance: null,
    });
  });

  test('the two members that it always has are enough', () => {
    expect(toBankAccount({ id: 7, accountNumber: '007' })).toMatchObject({ id: '7', accountNumber: '007' });
  });

  test('a balance beyond 32 bits stays exact', () => {
    expect(toBankAccount({ ...ACCOUNT, balance: 98_765_432_100 }).balance).toEqual(money(98_765_432_100));
  });
});

describe('a business', () => {
  test('nothing of the person is kept', () => {
    expect(JSON.stringify(toBusiness(USER))).not.toContain('example.com');
    expect(Object.keys(toBusiness(USER))).toEqual(['id', 'name', 'bankAccounts']);
  });

  test('it may have no bank accounts yet', () => {
    expect(toBusiness({ ...USER, bankAccs: [] })).toEqual({ id: '22', name: 'Vi Du', bankAccounts: [] });
  });

  test.each([{ business: null }, { bankAccs: null }, { bankAccs: [null] }, { bankAccs: [{ id: 1 }] }])(
    '%j is no business',
    (changes) => {
      expect(() => toBusiness({ ...USER, ...changes } as unknown as WireUserInfo)).toThrow(WRONG_SHAPE);
    },
  );
});

describe('a webhook', () => {
  const wire = JSON.parse(fixture('webhook-reply')).data;

  test('income only is told as a number', () => {
    expect(toWebhook(wire).incomeOnly).toBe(true);
    expect(toWebhook({ ...wire, send_only_income: 0 }).incomeOnly).toBe(false);
  });

  test('it must have a URL', () => {
    expect(() => toWebhook({ ...wire, param1: '' })).toThrow(WRONG_SHAPE);
  });
});
