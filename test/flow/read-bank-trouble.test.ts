import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/lib/duration.ts';
import { vietnamDate } from '../../src/providers/casso/map.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import { freePorts } from '../support/free-ports.ts';
import type { Gateway } from '../support/gateway.ts';
import { startNews } from '../support/news.ts';
import { type SpoiledAnswers, startSpoiledAnswers } from '../support/spoiled-answers.ts';
import { listCasso } from '../support/walk.ts';
import { movableClock } from './login-support.ts';

const clock = movableClock();
let casso: SpoiledAnswers;
let gateway: Gateway;
let token: string;
beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  casso = await startSpoiledAnswers(`http://127.0.0.1:${port}`);
  // Without the operator's key nothing is reconciled: nothing but the tests' own queries asks Casso.
  gateway = await startNews({ clock, casso: { port }, env: { CASSO_API_KEY: '', CASSO_API_URL: casso.url } });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await casso.close();
});
beforeEach(async () => {
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
});
afterEach(() => {
  casso.spoil = null;
  gateway.casso.control.clearFaults();
  gateway.casso.control.setRequestsPerMinute(null);
});

const PAGE = `query ($after: String) {
  bankTransactions(first: 20, after: $after) {
    asOf totalCount nodes { id providerId amount { minorUnits } } pageInfo { endCursor }
  }
}`;
const ACCOUNTS = '{ bankAccounts { nodes { providerId balance { minorUnits } } } }';

async function page(after: string | null = null) {
  const { data, errors, upstream } = await gateway.ask(PAGE, { after }, token);
  expect(errors).toBeUndefined();
  const { nodes, ...rest } = data?.bankTransactions ?? {};
  return {
    ...rest,
    nodes,
    ids: nodes.map((node: { providerId: string }) => node.providerId),
    calls: upstream?.casso,
  };
}

async function balances(): Promise<Record<string, number | null>> {
  const { data } = await gateway.ask(ACCOUNTS, {}, token);
  const nodes: { providerId: string; balance: { minorUnits: number } | null }[] = data?.bankAccounts.nodes;
  return Object.fromEntries(
    nodes.map(({ providerId, balance }) => [providerId, balance?.minorUnits ?? null]),
  );
}

async function transfer(input: object = {}) {
  const row = gateway.casso.control.makeTransfer(input);
  await gateway.casso.control.webhooksIdle();
  return row;
}

const listed = async () => (await listCasso(gateway, 'main')).map(({ id }) => String(id));
const daysAgo = (days: number) => vietnamDate(new Date(clock.now() - days * DAY));

describe('a row that the bank posts today for yesterday', () => {
  test('stands where its time puts it, at once; cursors go on, and the balance is read again', async () => {
    const before = await page();
    const balance = await balances();
    const row = await transfer({ when: `${daysAgo(1)}T12:00:00`, amount: 7_000 });
    const now = await page();
    const all = await listed();
    expect(now).toMatchObject({ calls: 0, ids: all.slice(0, 20), totalCount: before.totalCount + 1 });
    const last = all.indexOf(before.ids.at(-1));
    expect((await page(before.pageInfo.endCursor)).ids).toEqual(all.slice(last + 1, last + 21));
    const id = String(row.accountId);
    expect((await balances())[id]).toBe((balance[id] ?? 0) + 7_000);
  });
});

test('an account that is linked with a burst of old rows: pages stay right, and the rows are where they belong', async () => {
  const first = await page();
  await balances();
  const accountNumber = `77${Date.now()}`;
  gateway.casso.control.addAccount({ accountNumber });
  for (let days = 3; days < 33; days += 1)
    await transfer({ accountNumber, when: daysAgo(days), amount: days });
  expect(await page(first.pageInfo.endCursor)).toMatchObject({ calls: 0 });
  clock.advance(31 * SECOND);
  const now = await page();
  const all = await listed();
  expect(now.ids).toEqual(all.slice(0, 20));
  expect(now.totalCount).toBe(all.length);
  const walked: string[] = [...now.ids];
  for (let after = now.pageInfo.endCursor; walked.length < 400; ) {
    const next = await page(after);
    walked.push(...next.ids);
    after = next.pageInfo.endCursor;
  }
  expect(walked).toEqual(all.slice(0, walked.length));
});

test('a row that Casso corrects: the next page that shows it corrects it, also for the row by its id', async () => {
  const { nodes } = await page();
  const [row] = nodes;
  casso.spoil = (document: any) => {
    for (const one of document.data?.records ?? [])
      if (String(one.id) === row.providerId) one.amount = 123_456;
  };
  expect((await page()).nodes[0]).toEqual(row);
  clock.advance(31 * SECOND);
  expect((await page()).nodes[0].amount.minorUnits).toBe(123_456);
  const alone = await gateway.ask(
    'query ($id: ID!) { bankTransaction(id: $id) { amount { minorUnits } } }',
    { id: row.id },
    token,
  );
  expect(alone.data?.bankTransaction.amount.minorUnits).toBe(123_456);
  expect(alone.upstream?.casso).toBe(0);
});

test('a credential that loses an account: its rows go when the list of accounts says so, and news of it stays away', async () => {
  const accountNumber = `88${Date.now()}`;
  const lost = gateway.casso.control.addAccount({ accountNumber });
  const row = await transfer({ accountNumber });
  expect((await page()).ids[0]).toBe(String(row.id));
  expect(Object.keys(await balances())).toContain(String(lost.id));
  casso.spoil = (document: any, path) => {
    if (path === '/v2/accounts')
      document.data = document.data.filter(({ id }: { id: number }) => id !== lost.id);
    const { data } = document;
    if (data?.records)
      data.records = data.records.filter((one: { accountId: number }) => one.accountId !== lost.id);
  };
  clock.advance(31 * SECOND);
  expect(Object.keys(await balances())).not.toContain(String(lost.id));
  const other = await transfer({ accountNumber });
  const { ids } = await page();
  expect(ids).not.toContain(String(row.id));
  expect(ids).not.toContain(String(other.id));
});

test('a provider that is down: what is held and young, and pages behind a cursor, are answered; the rest says so', async () => {
  const first = await page();
  gateway.casso.control.setFault({ kind: 'status', code: 500, match: '/v2', times: 1_000 });
  const row = await transfer();
  expect((await page()).ids[0]).toBe(String(row.id));
  clock.advance(MINUTE);
  expect((await page(first.pageInfo.endCursor)).ids).toHaveLength(20);
  const { data, errors } = await gateway.ask(PAGE, {}, token);
  expect(data?.bankTransactions).toBeNull();
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', provider: 'CASSO' } }]);
  gateway.casso.control.clearFaults();
  clock.advance(HOUR);
  expect((await page()).ids).toEqual((await listed()).slice(0, 20));
});

test('a budget that is spent: what is held stands and says its age, and what is not is refused with the seconds', async () => {
  const first = await page();
  await balances();
  clock.advance(5 * MINUTE);
  gateway.casso.control.setFault({ kind: 'status', code: 429, retryAfter: 30, match: '/v2', times: 1_000 });
  const { asOf, ids } = await page();
  expect(ids).toEqual(first.ids);
  expect(asOf).toBe(first.asOf);
  expect(clock.now() - Date.parse(asOf)).toBeGreaterThanOrEqual(5 * MINUTE);
  const row = await transfer({ amount: 9_000 });
  expect((await page()).ids[0]).toBe(String(row.id));
  expect((await balances())[String(row.accountId)]).toBe(row.cusumBalance);
  const unread = await gateway.ask(
    '{ bankTransactions(filter: { from: "2026-02-01", to: "2026-02-02" }) { nodes { id } } }',
    {},
    token,
  );
  expect(unread.errors).toMatchObject([
    { extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } },
  ]);
});
