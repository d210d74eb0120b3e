import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GatewayError } from '../../src/domain/errors.ts';
import { DeadlineExceeded } from '../../src/lib/deadline.ts';
import { MINUTE, SECOND } from '../../src/lib/duration.ts';
import { createBudget } from '../../src/providers/casso/budget.ts';
import {
  call,
  clientOf,
  credential,
  fixture,
  never,
  refusal,
  rejection,
  SECOND_TOKEN,
} from './casso-client-support.ts';

describe('the budget', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('lets as many requests leave at once as there are in a minute', async () => {
    const budget = createBudget(3);
    const begun = performance.now();
    for (let taken = 0; taken < 3; taken += 1) await budget.take('grant-1', never());
    expect(performance.now()).toBe(begun);
  });

  test('says how long to wait when the next turn is too far away', async () => {
    const budget = createBudget(2);
    await budget.take('grant-1', never());
    vi.advanceTimersByTime(10 * SECOND);
    await budget.take('grant-1', never());
    const error = await refusal(budget.take('grant-1', never()));
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      details: { provider: 'CASSO', retryAfterSeconds: 50 },
    });
  });

  test('a refused request takes no turn', async () => {
    const budget = createBudget(1);
    await budget.take('grant-1', never());
    for (let asked = 0; asked < 5; asked += 1) await refusal(budget.take('grant-1', never()));
    vi.advanceTimersByTime(MINUTE);
    const now = performance.now();
    await budget.take('grant-1', never());
    expect(performance.now()).toBe(now);
  });

  test('waits for a turn that is near', async () => {
    const budget = createBudget(1);
    const begun = performance.now();
    await budget.take('grant-1', never());
    vi.advanceTimersByTime(56 * SECOND);
    let left = false;
    const waiting = budget.take('grant-1', never()).then(() => (left = true));
    await vi.advanceTimersByTimeAsync(4 * SECOND - 1);
    expect(left).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect(performance.now() - begun).toBe(MINUTE);
  });

  test('the longest wait can be set', async () => {
    const budget = createBudget(1, MINUTE);
    await budget.take('grant-1', never());
    const waiting = budget.take('grant-1', never());
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(await waiting).toBeUndefined();
  });

  test('is counted for each credential alone', async () => {
    const budget = createBudget(1);
    await budget.take('grant-1', never());
    await budget.take('grant-2', never());
    expect((await refusal(budget.take('grant-1', never()))).code).toBe('RATE_LIMITED');
    expect((await refusal(budget.take('grant-2', never()))).code).toBe('RATE_LIMITED');
  });

  test('who gives up while waiting leaves the turn to the next', async () => {
    const budget = createBudget(1);
    await budget.take('grant-1', never());
    vi.advanceTimersByTime(58 * SECOND);
    const caller = new AbortController();
    const given = rejection(budget.take('grant-1', caller.signal));
    const left = budget.take('grant-2', never());
    caller.abort(new Error('gone'));
    expect(await given).toMatchObject({ name: 'UpstreamFailure', kind: 'aborted' });
    await left;
    const next = budget.take('grant-1', never());
    await vi.advanceTimersByTimeAsync(2 * SECOND);
    expect(await next).toBeUndefined();
  });

  test('who had given up before takes no turn', async () => {
    const budget = createBudget(1);
    expect(await rejection(budget.take('grant-1', AbortSignal.abort()))).toMatchObject({ kind: 'aborted' });
    expect(await budget.take('grant-1', never())).toBeUndefined();
  });

  test.each([
    ['REFRESH', 2, 1],
    ['REFRESH', 8, 6],
    ['RECONCILIATION', 2, 1],
    ['RECONCILIATION', 8, 4],
  ] as const)(
    '%s has %i a minute, takes %i, and leaves the others to people',
    async (rank, perMinute, takes) => {
      const budget = createBudget(perMinute);
      for (let taken = 0; taken < takes; taken += 1) await budget.take('grant-1', never(), rank);
      expect((await refusal(budget.take('grant-1', never(), rank))).code).toBe('RATE_LIMITED');
      for (let left = takes; left < perMinute; left += 1) await budget.take('grant-1', never(), 'ANSWER');
      expect((await refusal(budget.take('grant-1', never(), 'CHANGE'))).code).toBe('RATE_LIMITED');
    },
  );

  test('an operation whose deadline passes while it waits is told when to come back', async () => {
    const budget = createBudget(1);
    await budget.take('grant-1', never());
    vi.advanceTimersByTime(56 * SECOND);
    const operation = new AbortController();
    const waiting = refusal(budget.take('grant-1', operation.signal));
    await vi.advanceTimersByTimeAsync(1 * SECOND);
    operation.abort(new DeadlineExceeded());
    expect(await waiting).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 3 } });
  });

  test('leaves no timer behind', async () => {
    const budget = createBudget(1);
    await budget.take('grant-1', never());
    vi.advanceTimersByTime(58 * SECOND);
    const caller = new AbortController();
    const given = rejection(budget.take('grant-1', caller.signal));
    caller.abort();
    await given;
    // The cache's own, of a millisecond.
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('never more than the number leave in any sixty seconds, whatever is asked, awaited and given up', async () => {
    const steps = fc.array(
      fc.record({
        after: fc.integer({ min: 0, max: 25 * SECOND }),
        givesUpAfter: fc.option(fc.nat(6 * SECOND)),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (perMinute, asks) => {
        const budget = createBudget(perMinute);
        const left: number[] = [];
        const answers: Promise<string>[] = [];
        for (const { after, givesUpAfter } of asks) {
          await vi.advanceTimersByTimeAsync(after);
          const caller = new AbortController();
          if (givesUpAfter !== null) setTimeout(() => caller.abort(), givesUpAfter);
          const asked = performance.now();
          const full = left.filter((at) => at > asked - MINUTE).length > 0;
          const leaves = () => {
            left.push(performance.now());
            return performance.now() - asked > 5 * SECOND ? 'late' : 'in time';
          };
          const stays = (error: unknown) => {
            if (!(error instanceof GatewayError)) return 'given up';
            return full ? 'refused' : 'refused although nothing had left';
          };
          answers.push(budget.take('grant-1', caller.signal).then(leaves, stays));
        }
        await vi.advanceTimersByTimeAsync(6 * SECOND);
        expect(['in time', 'given up', 'refused']).toEqual(
          expect.arrayContaining(await Promise.all(answers)),
        );
        const gaps = left.slice(perMinute).map((at, index) => at - (left[index] ?? at));
        expect(Math.min(MINUTE, ...gaps)).toBe(MINUTE);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a client with a budget', () => {
  test('counts every request that leaves, the one after a renewal too', async () => {
    const budget = createBudget(3);
    const accounts = { body: fixture('accounts') };
    const { client, requests } = await clientOf([{ status: 401 }, accounts], { budget });
    await client.accounts(call({ credential: credential(SECOND_TOKEN).value }));
    await client.accounts(call());
    expect((await refusal(client.accounts(call()))).code).toBe('RATE_LIMITED');
    expect(requests).toHaveLength(3);
  });

  test('never repeats a read behind the back of the budget', async () => {
    const busy = { status: 503, headers: { 'retry-after': '0' } };
    const { client, requests } = await clientOf([busy], { budget: createBudget(10), retries: 2 });
    expect((await refusal(client.accounts(call()))).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(requests).toHaveLength(1);
  });
});
