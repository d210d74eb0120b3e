import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BankTransaction } from '../../src/domain/bank-transaction.ts';
import type { RowOutcome } from '../../src/domain/unreadable-row.ts';
import * as map from '../../src/providers/casso/map.ts';
import { vietnamDate } from '../../src/providers/casso/map.ts';
import * as transactions from '../../src/providers/casso/map-transaction.ts';
import type { WireAccount, WireTransaction, WireUserInfo } from '../../src/providers/casso/wire.ts';
import type { ToRow } from '../../src/providers/row-reader.ts';
import { fixture } from './casso-client-support.ts';

const ROW: WireTransaction = JSON.parse(fixture('transactions')).data.records[0];
const ACCOUNT: WireAccount = JSON.parse(fixture('accounts')).data[0];
const USER: WireUserInfo = JSON.parse(fixture('user-info')).data;

const WRONG_SHAPE = expect.objectContaining({ name: 'UpstreamFailure', kind: 'wrong-shape' });
const money = (minorUnits: number) => ({ minorUnits, currency: 'VND', exponent: 0 });

/** The members that became null, of the row that was mapped last. */
let odd: string[];

const mapped =
  <T>(toRow: ToRow<T>) =>
  (value: unknown): T => {
    odd = [];
    return toRow(value, (member) => odd.push(member));
  };
const toBankTransaction = mapped((raw, onOdd) => transactions.toBankTransaction(raw, onOdd));
const toBankAccount = mapped(map.toBankAccount);
const toBusiness = mapped(map.toBusiness);
const toWebhook = mapped(map.toWebhook(null));
const toBankTransactionsPage = (
  wire: unknown,
  number: number,
  row: (raw: unknown) => RowOutcome<BankTransaction> = toBankTransaction,
) => mapped(transactions.toBankTransactionsPage({ page: number, pageSize: 100 }, row))(wire);

const vietnamTime = (when: unknown) => toBankTransaction(row({ when })).occurredAt;
const vnd = (amount: unknown) => toBankTransaction(row({ amount }));
const movement = (amount: unknown) => {
  const { amount: moved, direction } = vnd(amount);
  return { amount: moved, direction };
};

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
    ['2021-04-15T00:00', '2021-04-14T17:00:00.000Z'],
    ['2026-10-10 14:35', '2026-10-10T07:35:00.000Z'],
    ['2026-10-10T14:35:12+07:00', '2026-10-10T07:35:12.000Z'],
    ['2026-10-10T14:35:12+0700', '2026-10-10T07:35:12.000Z'],
    ['2026-10-10T14:35:12Z', '2026-10-10T14:35:12.000Z'],
    ['2026-10-10T14:35:12.000Z', '2026-10-10T14:35:12.000Z'],
    ['2026-10-10T14:35:12.5', '2026-10-10T07:35:12.500Z'],
    ['2026-10-10 14:35:12.123456', '2026-10-10T07:35:12.123Z'],
    ['2026-10-10T02:35:12-05:00', '2026-10-10T07:35:12.000Z'],
  ])('%s is %s', (wallTime, instant) => {
    expect(vietnamTime(wallTime).toISOString()).toBe(instant);
  });

  test.each([
    '',
    'today',
    '2021-04-15  00:00:00',
    '15/04/2021',
    '2021-13-01',
    '2021-02-29',
    '2021-04-31 10:00:00',
    '2021-04-15 24:00:00',
    '2021-04-15 10:60:00',
    '2021-04-15\n',
    '2021-04-15T10:00:00+25:00',
    '2021-04-15+07:00',
    '0000-00-00 00:00:00',
    '0000-01-01 00:00:00',
    '0001-01-01 00:00:00',
  ])('%j is refused', (wallTime) => {
    expect(() => vietnamTime(wallTime)).toThrow(WRONG_SHAPE);
  });

  test.each<unknown>([null, undefined, 1_618_444_800_000, {}])(
    '%j, which is no text, is refused',
    (value) => {
      expect(() => vietnamTime(value)).toThrow(WRONG_SHAPE);
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
    expect(vnd(2_147_483_648).amount).toEqual(money(2_147_483_648));
    expect(vnd(Number.MAX_SAFE_INTEGER).amount).toEqual(money(Number.MAX_SAFE_INTEGER));
    expect(toBankTransaction(row({ amount: 5_000_000_000, cusumBalance: 12_345_678_901 }))).toMatchObject({
      amount: money(5_000_000_000),
      runningBalance: money(12_345_678_901),
    });
  });

  test('an amount written as 1.0 is an integer', () => {
    expect(vnd(JSON.parse('1.0')).amount).toEqual(money(1));
    expect(movement(JSON.parse('-250000.0'))).toEqual({ amount: money(250_000), direction: 'DEBIT' });
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), '250000', null, undefined, {}])(
    '%j is no amount',
    (amount) => {
      expect(() => vnd(amount)).toThrow(WRONG_SHAPE);
      expect(() => movement(amount)).toThrow(WRONG_SHAPE);
    },
  );

  test('the sign is the direction, and the amount has none', () => {
    expect(movement(250_000)).toEqual({ amount: money(250_000), direction: 'CREDIT' });
    expect(movement(-193_000)).toEqual({ amount: money(193_000), direction: 'DEBIT' });
    expect(movement(0)).toEqual({ amount: money(0), direction: 'CREDIT' });
  });

  test('a balance may be negative, nothing, or unknown', () => {
    expect(balance({ cusumBalance: -1 })).toEqual(money(-1));
    expect(balance({ cusumBalance: 0 })).toEqual(money(0));
    expect(balance({ cusumBalance: null })).toBeNull();
    expect(balance({ cusumBalance: undefined })).toBeNull();
  });
});

describe('texts', () => {
  const description = (value: unknown) => toBankTransaction(row({ description: value })).description;

  test('an empty text is absent, and every other is kept as it is', () => {
    expect(description('')).toBeNull();
    expect(description(null)).toBeNull();
    expect(description(undefined)).toBeNull();
    expect(description(' Ngân hàng ')).toBe(' Ngân hàng ');
    expect(description('0')).toBe('0');
    expect(odd).toEqual([]);
  });

  test('a number where a text should be is its digits', () => {
    expect(description(970_422)).toBe('970422');
    expect(description(0)).toBe('0');
  });

  test.each([true, {}, [], 1.5])('%j is no text, and not told', (value) => {
    expect(description(value)).toBeNull();
    expect(odd).toEqual(['description']);
  });

  test('an id is a text of an integer', () => {
    expect(toBankTransaction(row({ id: 100_001 })).id).toBe('100001');
    for (const id of [0, -1, 1.5, '100001', 2 ** 53]) {
      expect(() => toBankTransaction(row({ id }))).toThrow(WRONG_SHAPE);
    }
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
    const account = toBankTransaction(row({ corresponsiveAccount: 8_888_888_888 })).counterparty
      ?.accountNumber;
    expect(account).toBe('8888888888');
  });

  test('a virtual account needs a number', () => {
    const of = (virtualAccount: string, virtualAccountName: string) =>
      toBankTransaction(row({ virtualAccount, virtualAccountName })).virtualAccount;
    expect(of('', 'SHOP')).toBeNull();
    expect(of('0099', '')).toEqual({ number: '0099', name: null });
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
    { bankSubAccId: 909_123_456 },
    { currency: 'USD' },
  ])('%j is no bank transaction', (changes) => {
    expect(() => toBankTransaction(row(changes))).toThrow(WRONG_SHAPE);
  });

  test.each<[Readonly<Record<string, unknown>>, object]>([
    [{ cusumBalance: '3750000' }, { runningBalance: null }],
    [{ cusumBalance: 3_750_000.25 }, { runningBalance: null }],
    [{ accountId: 'x' }, { bankAccountId: null }],
    [{ virtualAccount: {} }, { virtualAccount: null }],
    [{ tid: [] }, { reference: '' }],
  ])('%j of a bank transaction is not told', (changes, expected) => {
    expect(toBankTransaction(row(changes))).toMatchObject(expected);
    expect(odd).toEqual(Object.keys(changes));
  });

  test('a failure never shows what was in the row', () => {
    const secret = 'SECRET';
    const failing = ['id', 'amount', 'when', 'currency'].map((name) => row({ [name]: secret }));
    for (const wire of failing) expect(() => toBankTransaction(wire)).toThrow(/^(?!.*SECRET)/);
  });
});

describe('a page of bank transactions', () => {
  test('more follow until the last page, whatever nextPage says', () => {
    expect(toBankTransactionsPage(page({ totalPages: 2, nextPage: null }), 1).hasMore).toBe(true);
    expect(toBankTransactionsPage(page({ totalPages: 2, nextPage: 2 }), 2).hasMore).toBe(false);
    expect(toBankTransactionsPage(page({ totalPages: 2, nextPage: 3 }), 3).hasMore).toBe(false);
  });

  test('what a page says of itself, and cannot be read, is reckoned from its rows', () => {
    const rows = Array.from({ length: 100 }, () => ROW);
    expect(toBankTransactionsPage(page({ totalPages: '2', records: rows }), 1).hasMore).toBe(true);
    expect(toBankTransactionsPage(page({ totalPages: null }), 1).hasMore).toBe(false);
    expect(toBankTransactionsPage(page({ totalPages: 9, records: [] }), 1).hasMore).toBe(false);
    for (const totalRecords of [3e9, -1, '12', 1.5, null]) {
      expect(toBankTransactionsPage(page({ totalRecords }), 1).total).toBeNull();
    }
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

  test.each([
    { balance: 1_250_000.5 },
    { balance: '1250000' },
    { balance: 1250, currency: 'USD' },
    { balance: 1250, currency: 'vnd' },
    { balance: 1250, currency: 7 },
  ])('%j is no balance', (changes) => {
    expect(toBankAccount({ ...ACCOUNT, ...changes })).toMatchObject({ id: '2001', balance: null });
    expect(odd).toEqual(['currency' in changes ? 'currency' : 'balance']);
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

  test.each([{ business: null }, { business: { id: 'x' } }])('%j is no business', (changes) => {
    expect(() => toBusiness({ ...USER, ...changes })).toThrow(WRONG_SHAPE);
  });

  test.each([{ bankAccs: null }, { bankAccs: [null] }, { bankAccs: [{ id: 1 }] }, { bankAccs: 7 }])(
    '%j has no account that can be read',
    (changes) => {
      expect(toBusiness({ ...USER, ...changes }).bankAccounts).toEqual([]);
    },
  );
});

describe('a webhook', () => {
  const wire = JSON.parse(fixture('webhook-reply')).data;

  test('income only is told as a number', () => {
    expect(toWebhook(wire).incomeOnly).toBe(true);
    expect(toWebhook({ ...wire, send_only_income: 0 }).incomeOnly).toBe(false);
  });

  test('what it was asked to be stands in for what cannot be read: it was made', () => {
    const asked = { url: 'https://gw.example.com/h', incomeOnly: true };
    const made = mapped(map.toWebhook(asked));
    for (const changes of [{ param1: 'no URL' }, { param1: 7 }, { send_only_income: 'x' }, { id: 'x' }]) {
      expect(made({ ...wire, param1: asked.url, ...changes })).toMatchObject(asked);
      expect(odd).toEqual(Object.keys(changes));
    }
  });

  test('it must have a URL', () => {
    expect(() => toWebhook({ ...wire, param1: '' })).toThrow(WRONG_SHAPE);
  });
});
