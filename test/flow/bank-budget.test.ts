import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { eventCursor } from '../support/news.ts';
import { movableClock, REGISTER, SYNC } from './login-support.ts';

const LIST = '{ bankTransactions(first: 20) { nodes { providerId } } }';
/** No rows of these days are held. */
const day = (n: number) =>
  `{ bankTransactions(first: 1, filter: { from: "2015-01-${String(n).padStart(2, '0')}", to: "2015-01-${String(n).padStart(2, '0')}" }) { nodes { id } } }`;
const ACCOUNT = SANDBOX_BUSINESSES.main.accounts[0].accountNumber;

let clock: ReturnType<typeof movableClock>;
let gateway: Gateway;
let token: string;
beforeEach(() => {
  clock = movableClock();
});
afterEach(() => gateway.stop());

/** Casso allows two requests a minute, and the gateway knows. */
async function start(options: Parameters<typeof startGateway>[0] = {}): Promise<void> {
  gateway = await startGateway({
    clock,
    casso: { requestsPerMinute: 2 },
    ...options,
    env: { CASSO_REQUESTS_PER_MINUTE: '2', ...options.env },
  });
  token = await gateway.operatorToken();
}
const asked = () =>
  gateway.casso.requests.map(({ method, path, status }) => `${method} ${path.split('?')[0]} ${status}`);
const codeOf = async (query: string) =>
  (await gateway.ask(query, {}, token)).errors?.[0]?.extensions?.['code'] ?? 'answered';
const syncs = () => gateway.ask(SYNC, { input: { bankAccountNumber: ACCOUNT } }, token);

describe('what a person asks for', () => {
  test('a sync that was refused goes before questions, and the answer says when', async () => {
    await start({ env: { CASSO_API_KEY: SANDBOX_BUSINESSES.main.apiKey } });
    expect(await codeOf(day(1))).toBe('answered');
    clock.advance(30 * SECOND);
    expect(await codeOf(day(2))).toBe('answered');
    const { data } = await syncs();
    expect(data?.['result']).toMatchObject({ __typename: 'RateLimitedError' });
    const { retryAfterSeconds } = data?.['result'] ?? {};
    expect(retryAfterSeconds).toBeGreaterThan(25);
    expect(retryAfterSeconds).toBeLessThanOrEqual(30);
    clock.advance(31 * SECOND);
    // One request is free, and both want it.
    const question = codeOf(day(3));
    const again = await syncs();
    expect(again.data?.['result']).toMatchObject({ __typename: 'SyncBankTransactionsPayload' });
    expect(await question).toBe('RATE_LIMITED');
    expect(asked().at(-1)).toBe('POST /v2/sync 200');
  });

  test('a webhook whose registration has begun is registered, however long that takes', async () => {
    await start({ env: { CASSO_WEBHOOK_SECURE_TOKENS: 'a'.repeat(40), PUBLIC_URL: 'https://shop.example' } });
    expect(await codeOf(day(1))).toBe('answered');
    clock.advance(54 * SECOND);
    const { data, errors } = await gateway.ask(REGISTER, { input: { incomeOnly: false } }, token);
    expect(errors).toBeUndefined();
    expect(data?.['result']).toMatchObject({ __typename: 'RegisterCassoWebhookPayload' });
    expect(asked().slice(1)).toEqual(['DELETE /v2/webhooks 200', 'POST /v2/webhooks 200']);
  });

  test('the login with a key, the operator and reconciliation share what the key is allowed', async () => {
    await start({ waits: { reconcileEvery: 20 } });
    const session = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
    expect(session).toMatch(/^mks_/);
    for (let n = 1; n <= 3; n += 1) await gateway.ask(day(n), {}, n % 2 === 0 ? token : session);
    expect(gateway.casso.requests.map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('reconciliation', () => {
  test('leaves the last request to people, whenever they ask', async () => {
    await start({ waits: { reconcileEvery: 20 } });
    await expect.poll(() => gateway.casso.requests.length).toBe(1);
    for (let minute = 0; minute < 3; minute += 1) {
      expect(await codeOf(day(minute + 1))).toBe('answered');
      clock.advance(61 * SECOND);
    }
    expect(gateway.casso.requests.map(({ status }) => status)).not.toContain(429);
  });

  test('finds what was lost once people are quiet', async () => {
    await start({ waits: { reconcileEvery: 20 } });
    const before = await eventCursor(gateway, token);
    // The baseline, and a first look.
    for (let n = 1; n <= 2; n += 1) {
      await expect.poll(() => gateway.casso.requests.length).toBe(n);
      clock.advance(2 * MINUTE);
    }
    gateway.casso.control.dropNextWebhook(1);
    const lost = String(gateway.casso.control.makeTransfer({}).id);
    const read = async () => {
      const query = `query ($after: String) { bankTransactionEvents(first: 9, after: $after) {
        nodes { bankTransaction { providerId } } } }`;
      const { data } = await gateway.ask(query, { after: before }, token);
      return data?.['bankTransactionEvents']?.nodes.map(
        ({ bankTransaction }: { bankTransaction: { providerId: string } }) => bankTransaction.providerId,
      );
    };
    await expect
      .poll(
        async () => {
          clock.advance(2 * MINUTE);
          return read();
        },
        { timeout: 10_000, interval: 200 },
      )
      .toEqual([lost]);
    expect(gateway.casso.requests.map(({ status }) => status)).not.toContain(429);
  });
});

test('what came of the requests is counted by rank, with how long they waited', async () => {
  await start({ waits: { reconcileEvery: 20 } });
  await expect.poll(() => gateway.casso.requests.length).toBe(1);
  expect([await codeOf(LIST), await codeOf(day(1))]).toEqual(['answered', 'RATE_LIMITED']);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  for (const line of [
    'mekong_budget_requests_total{rank="ANSWER",outcome="sent"} 1',
    'mekong_budget_requests_total{rank="ANSWER",outcome="refused"} 1',
    'mekong_budget_requests_total{rank="RECONCILIATION",outcome="sent"} 1',
    'mekong_budget_wait_seconds_count{rank="ANSWER"} 1',
    'mekong_budget_exceeded_total 0',
    'mekong_budget_uncounted_total 0',
  ])
    expect(metrics).toContain(line);
});
