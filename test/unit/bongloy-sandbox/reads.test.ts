import { describe, expect, test } from 'vitest';
import {
  SANDBOX_ACCOUNTS,
  SANDBOX_TRANSACTIONS,
  SANDBOX_CARDHOLDERS as WHO,
} from '../../../src/providers/bongloy/sandbox/index.ts';
import { type Answer, call, ids, type Json, movableClock, reader, start } from './support.ts';

const pointers = (answer: Answer) => answer.body.errors.map((error: Json) => error.source.pointer);

describe('who may read what', () => {
  test('a cardholder sees nothing of another one', async () => {
    const sandbox = await start();
    const read = reader(sandbox, WHO.empty);
    for (const path of ['/accounts', '/cards', '/transactions']) {
      expect((await read(path)).body).toEqual({ data: [], links: { prev: null, next: null } });
    }
    for (const path of [
      `/accounts/${SANDBOX_ACCOUNTS.everyday}`,
      `/accounts/${SANDBOX_ACCOUNTS.everyday}/balance`,
      `/transactions/${SANDBOX_TRANSACTIONS.huge}`,
      '/cards/86dbf71d-8fba-43ba-a1bc-a62385c68e62',
    ]) {
      expect((await read(path)).status).toBe(404);
    }
    expect((await read('/cardholder')).body.data.id).toBe(WHO.empty);
  });

  test.each(['no token', 'an unknown one', 'an expired one', 'a revoked one', 'a refresh token'])(
    'with %s the answer is 401 with a challenge and no body',
    async (what) => {
      const clock = movableClock();
      const sandbox = await start({ clock });
      const pair = sandbox.control.issueTokens({ cardholder: WHO.main });
      if (what === 'an expired one') clock.advance(7_200_000);
      if (what === 'a revoked one') sandbox.control.revokeTokens();
      const [token, reason] =
        {
          'no token': ['', 'is invalid'],
          'an unknown one': ['nobody', 'is invalid'],
          'an expired one': [pair.access_token, 'expired'],
          'a revoked one': [pair.access_token, 'was revoked'],
          'a refresh token': [pair.refresh_token, 'is invalid'],
        }[what] ?? [];
      const answer = await call(`${sandbox.url}/connect/v1/accounts`, {
        headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      });
      expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([401, '', null]);
      expect(answer.headers.get('www-authenticate')).toBe(
        `Bearer realm="Doorkeeper", error="invalid_token", error_description="The access token ${reason}"`,
      );
    },
  );

  test('an access token lives two hours, to the second', async () => {
    const clock = movableClock();
    const sandbox = await start({ clock });
    const read = reader(sandbox, WHO.main);
    clock.advance(7_199_999);
    expect((await read('/cardholder')).status).toBe(200);
    clock.advance(1);
    expect((await read('/cardholder')).status).toBe(401);
  });
});

describe('what is not there', () => {
  test.each(['application/json', 'application/vnd.api+json'])('is a JSON 404 for %s', async (accept) => {
    const read = reader(await start(), WHO.main);
    const answer = await read('/accounts/00000000-0000-4000-8000-000000000000', { accept });
    expect([answer.status, answer.body]).toEqual([404, { status: 404, error: 'Not Found' }]);
  });

  test('is an HTML page for everybody else, also for unknown paths', async () => {
    const sandbox = await start();
    const answers = [
      await reader(sandbox, WHO.main)('/accounts/7', { accept: '*/*' }),
      await call(`${sandbox.url}/elsewhere`),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
      expect(answer.text).toMatch(/^<!DOCTYPE html>/u);
    }
  });
});

const filtered = async (query: string) => {
  const read = reader(await start(), WHO.main);
  return read(`/transactions?${query}`);
};

describe('filters', () => {
  test('are combined with AND', async () => {
    const answer = await filtered(
      `filter[account]=${SANDBOX_ACCOUNTS.riel}&filter[status]=settled&filter[balance_adjustment_type]=debit&page[size]=100`,
    );
    expect(answer.body.data.length).toBeGreaterThan(5);
    for (const { attributes, relationships } of answer.body.data) {
      expect([attributes.status, attributes.balance_adjustment_type]).toEqual(['settled', 'debit']);
      expect(relationships.account.data.id).toBe(SANDBOX_ACCOUNTS.riel);
    }
    const pending = await filtered('filter[status]=pending');
    expect(ids(pending)).toEqual([
      SANDBOX_TRANSACTIONS.pending,
      SANDBOX_TRANSACTIONS.withoutCard,
      SANDBOX_TRANSACTIONS.withoutSettlementTime,
    ]);
  });

  test('include both ends of a date range', async () => {
    const sandbox = await start();
    const read = reader(sandbox, WHO.sampleTransactions);
    const between = async (from: string, to: string) =>
      ids(await read(`/transactions?filter[from_date]=${from}&filter[to_date]=${to}`)).length;
    expect(await between('2020-01-01T00:00:00Z', '2020-01-03T00:00:00Z')).toBe(3);
    expect(await between('2020-01-01T00:00:01Z', '2020-01-02T23:59:59Z')).toBe(1);
    expect(await between('2020-01-03T07:00:00%2B07:00', '2020-01-03T07:00:00%2B07:00')).toBe(1);
  });

  test.each([
    ['filter[status]=lost', ['/filter/status']],
    ['filter[status]', ['/filter/status']],
    ['filter[account]=', ['/filter/account']],
    ['filter[balance_adjustment_type]=both', ['/filter/balance_adjustment_type']],
    ['filter[from_date]=2020-01-01T00:00:00Z', ['/filter/to_date']],
    ['filter[to_date]=2020-01-01T00:00:00Z', ['/filter/from_date']],
    ['filter[from_date]=2020-01-02T00:00:00Z&filter[to_date]=2020-01-01T00:00:00Z', ['/filter/to_date']],
    ['filter[from_date]=yesterday&filter[to_date]=today', ['/filter/from_date', '/filter/to_date']],
  ])('%s is refused with an error document', async (query, expected) => {
    const answer = await filtered(query);
    expect(answer.status).toBe(400);
    expect(pointers(answer)).toEqual(expected);
    expect(answer.body.errors[0].title).toBe('is invalid');
  });

  test.each([
    'filter[account]=00000000-0000-4000-8000-000000000000',
    'filter[card]=nonsense',
    'filter[account]=105563c0-e136-43ba-88d4-de968b4110c1',
  ])('%s, unknown or foreign, is an empty list', async (query) => {
    const answer = await filtered(query);
    expect([answer.status, answer.body.data]).toEqual([200, []]);
  });

  test('that nobody knows are ignored', async () => {
    expect((await filtered('filter[colour]=red')).body.data).toHaveLength(10);
  });
});
