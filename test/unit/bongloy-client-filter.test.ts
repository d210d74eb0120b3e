import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TransactionFilter } from '../../src/domain/transaction.ts';
import { filterQuery } from '../../src/providers/bongloy/query.ts';
import { call, clientOf } from './bongloy-client-support.ts';

const NOW = Date.parse('2024-03-02T08:00:00.500Z');
const clock = { now: () => NOW };
const EMPTY_PAGE = { body: '{"data":[],"links":{"prev":null,"next":null}}' };

/** The query that one call sends, decoded; null when it sends none. */
async function sent(filter?: TransactionFilter): Promise<Record<string, string> | null> {
  const { client, requests, url } = await clientOf([EMPTY_PAGE], clock);
  const slice = await client.transactions(call(), { size: 10 }, filter);
  expect(slice).toStrictEqual({ rows: [], hasOlder: false, hasNewer: false });
  const [request] = requests;
  if (!request) return null;
  const { 'page[size]': size, ...conditions } = Object.fromEntries(
    new URL(`${url}${request.url}`).searchParams,
  );
  expect(size).toBe('10');
  return conditions;
}

describe('a filter on transactions', () => {
  test('is not sent when there is none', async () => {
    expect(await sent()).toEqual({});
    expect(await sent({})).toEqual({});
  });

  test("is sent in the provider's own words", async () => {
    expect(await sent({ status: 'PENDING', direction: 'CREDIT' })).toEqual({
      'filter[status]': 'pending',
      'filter[balance_adjustment_type]': 'credit',
    });
  });

  test('with a start alone ends a day from now, as one bound alone is refused', async () => {
    expect(await sent({ from: new Date('2024-01-01T00:00:00Z') })).toEqual({
      'filter[from_date]': '2024-01-01T00:00:00Z',
      'filter[to_date]': '2024-03-03T08:00:00Z',
    });
  });

  test('with an end alone begins long ago', async () => {
    expect(await sent({ to: new Date('2024-01-01T23:59:59Z') })).toEqual({
      'filter[from_date]': '1970-01-01T00:00:00Z',
      'filter[to_date]': '2024-01-01T23:59:59Z',
    });
  });

  test('with a start in the far future is still a range', async () => {
    expect(await sent({ from: new Date('2030-01-01T00:00:00Z') })).toEqual({
      'filter[from_date]': '2030-01-01T00:00:00Z',
      'filter[to_date]': '2030-01-02T00:00:00Z',
    });
  });

  test('of one instant includes that instant', async () => {
    const instant = new Date('2024-01-01T00:00:00Z');
    expect(await sent({ from: instant, to: instant })).toEqual({
      'filter[from_date]': '2024-01-01T00:00:00Z',
      'filter[to_date]': '2024-01-01T00:00:00Z',
    });
  });

  test('that nothing can match gives no rows without a request', async () => {
    const later = new Date('2024-01-02T00:00:00Z');
    const earlier = new Date('2024-01-01T00:00:00Z');
    expect(await sent({ from: later, to: earlier })).toBeNull();
    expect(await sent({ to: new Date('1969-12-31T23:59:59Z') })).toBeNull();
  });

  test('sends both bounds or none, never the wrong way round, and keeps exactly the seconds asked for', () => {
    const time = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    const filter = fc.record({ from: time, to: time }, { requiredKeys: [] });
    const second = time.map((date) => Math.floor(date.getTime() / 1000) * 1000);
    fc.assert(
      fc.property(filter, fc.array(second), (asked, others) => {
        const query = filterQuery(asked, NOW);
        const from = query?.['filter[from_date]'];
        const to = query?.['filter[to_date]'];
        const bounded = asked.from !== undefined || asked.to !== undefined;
        expect([from === undefined, to === undefined]).toEqual(
          query && bounded ? [false, false] : [true, true],
        );
        expect(Date.parse(from ?? '1970-01-01')).toBeLessThanOrEqual(Date.parse(to ?? '9999-12-31'));
        // What the provider would keep of these whole seconds is what was asked for, up to a day from now.
        const edges = [asked.from, asked.to].flatMap((date) => {
          if (!date) return [];
          const floor = Math.floor(date.getTime() / 1000) * 1000;
          return [floor - 1000, floor, floor + 1000];
        });
        for (const at of [...edges, ...others].filter((at) => at <= NOW)) {
          const wanted = at >= (asked.from?.getTime() ?? 0) && at <= (asked.to?.getTime() ?? NOW);
          const kept = query !== null && (!from || at >= Date.parse(from)) && (!to || at <= Date.parse(to));
          expect(kept).toBe(wanted);
        }
      }),
    );
  });
});
