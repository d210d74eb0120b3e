import { describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../src/lib/duration.ts';
import { type Answer, call, clockAt, NOW, start } from './support.ts';

interface Row {
  readonly id: number;
  readonly when: string;
  readonly accountId: number;
  readonly amount: number;
  readonly cusumBalance?: number | null;
  readonly cusum_balance?: number | null;
  readonly corresponsiveName?: string;
  readonly description: string;
}

const ALL = 'fromDate=2020-01-01&pageSize=1000';

describe('a list without parameters', () => {
  test('is the oldest ten of the last seven days, as Casso does it', async () => {
    const sandbox = await start();
    const plain = (await call(sandbox, 'main', 'GET /v2/transactions')).body.data;
    const said = 'fromDate=2025-03-03&toDate=2025-03-10&page=1&pageSize=10&sort=ASC';
    const spelledOut = (await call(sandbox, 'main', `GET /v2/transactions?${said}`)).body.data;
    expect(plain).toEqual(spelledOut);
    expect(plain).toMatchObject({ page: 1, pageSize: 10, nextPage: 2, prevPage: null });
    expect(plain.records[0].when).toMatch(/^2025-03-03/u);
  });

  test('reckons its days on the clock of Vietnam', async () => {
    // 18:00 on the 9th in UTC is 01:00 on the 10th in Vietnam.
    const clock = { now: () => Date.parse('2025-03-09T18:00:00Z') };
    const sandbox = await start({ clock });
    const { when } = sandbox.control.makeTransfer();
    expect(when).toBe('2025-03-10T01:00:00');
    const onThe9th = (await call(sandbox, 'main', `GET /v2/transactions?toDate=2025-03-09&pageSize=1000`))
      .body;
    const byDefault = (await call(sandbox, 'main', 'GET /v2/transactions?pageSize=1000')).body;
    expect(onThe9th.data.records.map((row: Row) => row.when)).not.toContain(when);
    expect(byDefault.data.records.at(-1).when).toBe(when);
  });
});

describe('paging', () => {
  test('walks every row once, in either direction', async () => {
    const sandbox = await start();
    const walk = async (sort: string): Promise<number[]> => {
      const ids: number[] = [];
      for (let page: number | null = 1; page !== null; ) {
        const query: string = `fromDate=2020-01-01&pageSize=100&sort=${sort}&page=${page}`;
        const { body }: Answer = await call(sandbox, 'main', `GET /v2/transactions?${query}`);
        const { data } = body;
        expect(data).toMatchObject({ page, prevPage: page === 1 ? null : page - 1, totalPages: 5 });
        expect(data.totalRecords).toBe(459);
        ids.push(...data.records.map((row: Row) => row.id));
        page = data.nextPage;
      }
      return ids;
    };
    const ascending = await walk('ASC');
    expect(new Set(ascending).size).toBe(459);
    expect(await walk('DESC')).toEqual(ascending.toReversed());
  });

  test('has nothing after the end, and says so', async () => {
    const { data } = (await call(await start(), 'second', `GET /v2/transactions?${ALL}&page=9`)).body;
    expect(data).toMatchObject({
      nextPage: null,
      prevPage: 8,
      totalPages: 1,
      totalRecords: 120,
      records: [],
    });
  });

  test('of a business without transactions has no pages', async () => {
    const { data } = (await call(await start(), 'empty', 'GET /v2/transactions')).body;
    expect(data).toMatchObject({
      nextPage: null,
      prevPage: null,
      totalPages: 0,
      totalRecords: 0,
      records: [],
    });
  });

  test.each(['page=0', 'page=x', 'pageSize=0', 'sort=desc', 'fromDate=2025-02-30', 'toDate=10/03/2025'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await call(await start(), 'main', `GET /v2/transactions?${query}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({ error: 400, data: null });
    },
  );

  test("holds within an account's own list", async () => {
    const sandbox = await start();
    const { data } = (await call(sandbox, 'main', `GET /v2/accounts/2102/transactions?${ALL}`)).body;
    const everything = (await call(sandbox, 'main', `GET /v2/transactions?${ALL}`)).body.data;
    expect(data.totalRecords).toBeGreaterThan(50);
    expect(data.records).toEqual(everything.records.filter((row: Row) => row.accountId === 2102));
  });
});

describe('the rows', () => {
  test('have all the shapes that Casso is known for', async () => {
    const { data } = (await call(await start(), 'main', `GET /v2/transactions?${ALL}`)).body;
    const rows: Row[] = data.records;
    const some = (has: (row: Row) => boolean) => expect(rows.filter(has).length).toBeGreaterThan(0);
    some((row) => 'cusumBalance' in row && !('cusum_balance' in row));
    some((row) => 'cusum_balance' in row && !('cusumBalance' in row));
    some((row) => row.cusumBalance === null);
    some((row) => (row.cusumBalance ?? 0) > 2 ** 31);
    some((row) => row.amount > 2 ** 31);
    some((row) => row.amount < 0);
    some((row) => !('corresponsiveName' in row));
    some((row) => row.corresponsiveName === '');
    some((row) => /^\d{4}-\d\d-\d\d$/u.test(row.when));
    some((row) => row.when.endsWith('T00:00:00'));
    some((row) => row.description.includes('Nguyễn Thị Ánh'));
    expect(rows.every((row) => Number.isInteger(row.id))).toBe(true);
    expect(rows.every((row) => Date.parse(`${row.when.slice(0, 10)}T00:00:00+07:00`) <= NOW)).toBe(true);
    expect(rows.every((row) => Date.parse(`${row.when.slice(0, 10)}T00:00:00+07:00`) > NOW - 91 * DAY)).toBe(
      true,
    );
  });

  test('spell the balance in camel case when they are read alone', async () => {
    const sandbox = await start();
    const { data } = (await call(sandbox, 'main', `GET /v2/transactions?${ALL}`)).body;
    const snake = data.records.find((row: Row) => 'cusum_balance' in row);
    const alone = (await call(sandbox, 'main', `GET /v2/transactions/${snake.id}`)).body.data;
    const { cusum_balance, ...rest } = snake;
    expect(alone).toEqual({ ...rest, cusumBalance: cusum_balance });
  });

  test('are the same for the same clock', async () => {
    const [one, other] = [await start(), await start()];
    const list = `GET /v2/transactions?${ALL}`;
    expect((await call(one, 'second', list)).body).toEqual((await call(other, 'second', list)).body);
  });

  test('agree with the balance of their account', async () => {
    const sandbox = await start();
    const accounts = (await call(sandbox, 'main', 'GET /v2/accounts')).body.data;
    for (const { id, balance, endingBalance } of accounts) {
      const { data } = (await call(sandbox, 'main', `GET /v2/accounts/${id}/transactions?${ALL}&sort=DESC`))
        .body;
      const [newest] = data.records;
      expect('cusumBalance' in newest ? newest.cusumBalance : newest.cusum_balance).toBe(balance);
      expect(endingBalance).toBe(balance);
    }
    expect(accounts.map((account: { balance: number | null }) => account.balance)).toContain(null);
  });

  test('of a transfer stand at the head', async () => {
    const sandbox = await start();
    const made = sandbox.control.makeTransfer({
      amount: -193_000,
      description: 'Tiền điện',
      reference: 'R-1',
    });
    const { data } = (await call(sandbox, 'main', 'GET /v2/transactions?sort=DESC&pageSize=1')).body;
    expect(data.records).toEqual([made]);
    expect(made).toMatchObject({
      amount: -193_000,
      description: 'Tiền điện',
      tid: 'R-1',
      bankSubAccId: '00710008888',
    });
  });
});

describe('an unknown id', () => {
  test.each([
    ['null', 200, { error: 0, data: null }],
    ['status-404', 404, { error: 404, data: null }],
    ['error-404', 200, { error: 404, data: null }],
  ] as const)('is answered with %s, if so chosen', async (unknown, status, body) => {
    const sandbox = await start({ unknown });
    for (const path of ['transactions/77', 'transactions/abc', 'accounts/77', 'accounts/77/transactions']) {
      const answer = await call(sandbox, 'main', `GET /v2/${path}`);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject(body);
    }
  });
});

test('userInfo leaves out the number of a bank that has none, and shows what a live capture shows', async () => {
  const { data } = (await call(await start(), 'main', 'GET /v2/userInfo')).body;
  expect(data.bankAccs).toHaveLength(4);
  expect(data.bankAccs[0]).toMatchObject({ bank: { bin: 970_436, fullName: expect.any(String) } });
  expect(data.bankAccs[3].bank).not.toHaveProperty('bin');
  expect(data.bankAccs[3].balance).toBeNull();
});

test.each(['00:10', '12:00', '23:50'])(
  'the past is as dense as ever when it is %s in Vietnam',
  async (time) => {
    const now = Date.parse(`2025-03-10T${time}:00+07:00`);
    const sandbox = await start({ clock: clockAt(now) });
    const { body } = await call(sandbox, 'main', 'GET /v2/transactions?sort=DESC&pageSize=100');
    const hoursAgo = (body.data.records as { when: string }[]).map(
      ({ when }) => (now - Date.parse(`${when.replace(' ', 'T')}+07:00`)) / HOUR,
    );
    expect(Math.min(...hoursAgo)).toBeGreaterThanOrEqual(0);
    expect(hoursAgo.filter((hours) => hours < 3).length).toBeLessThan(20);
  },
);
