import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GatewayError } from '../../src/domain/errors.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { DeadlineExceeded } from '../../src/lib/deadline.ts';
import { MINUTE, SECOND } from '../../src/lib/duration.ts';
import { createBudget } from '../../src/providers/casso/budget.ts';
import { RANKS, type Rank } from '../../src/providers/provider.ts';
import { memoryBudgets } from '../support/memory-budgets.ts';
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

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  });
});
afterEach(() => void vi.useRealTimers());

/** A minute, and the second by which a request counts longer. */
const COUNTS_FOR = 61 * SECOND;

/** A process: budgets of one store share it. */
function start(perMinute: number, store = memoryBudgets(), longestWait?: number) {
  const budget = createBudget({ perMinute, store, clock: systemClock, ...(longestWait && { longestWait }) });
  const take = (rank: Rank = 'ANSWER', signal = never(), id = 'grant-1') => budget.take({ id }, rank, signal);
  const isGiven = (rank?: Rank) =>
    take(rank).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'RATE_LIMITED', details: { provider: 'CASSO' } });
        return false;
      },
    );
  return { budget, store, take, isGiven };
}

describe('a budget', () => {
  test('lets as many leave at once as are allowed in a minute', async () => {
    const { take } = start(3);
    const begun = performance.now();
    await Promise.all([take(), take(), take()]);
    expect(performance.now()).toBe(begun);
  });

  test('says how long to wait when the next turn is too far away', async () => {
    const { take } = start(2);
    await take();
    vi.advanceTimersByTime(10 * SECOND);
    await take();
    expect(await refusal(take())).toMatchObject({
      code: 'RATE_LIMITED',
      details: { provider: 'CASSO', retryAfterSeconds: 50 },
    });
  });

  test('a refused request takes no turn', async () => {
    const { take } = start(1);
    await take();
    for (let asked = 0; asked < 5; asked += 1) await refusal(take());
    vi.advanceTimersByTime(COUNTS_FOR);
    const now = performance.now();
    await take();
    expect(performance.now()).toBe(now);
  });

  test('waits for a turn that is near', async () => {
    const { take } = start(1);
    await take();
    vi.advanceTimersByTime(57 * SECOND);
    let left = false;
    const waiting = take().then(() => (left = true));
    await vi.advanceTimersByTimeAsync(4 * SECOND - 1);
    expect(left).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
  });

  test('who comes back when told is answered', async () => {
    const { take } = start(2);
    await Promise.all([take(), take()]);
    const { details } = await refusal(take());
    vi.advanceTimersByTime((details.retryAfterSeconds ?? 0) * SECOND);
    const back = take();
    await vi.advanceTimersByTimeAsync(1 * SECOND);
    expect(await back).toBeUndefined();
  });

  test('the longest wait can be set', async () => {
    const { take } = start(1, memoryBudgets(), COUNTS_FOR);
    await take();
    const waiting = take();
    await vi.advanceTimersByTimeAsync(COUNTS_FOR);
    expect(await waiting).toBeUndefined();
  });

  test('is counted for each credential alone', async () => {
    const { take } = start(1);
    await take('ANSWER', never(), 'grant-1');
    await take('ANSWER', never(), 'grant-2');
    expect((await refusal(take('ANSWER', never(), 'grant-1'))).code).toBe('RATE_LIMITED');
    expect((await refusal(take('ANSWER', never(), 'grant-2'))).code).toBe('RATE_LIMITED');
  });

  test('is one for all grants that Casso counts together, and is kept under no name of theirs', async () => {
    const { budget, store } = start(2);
    const countedAs = () => 'one-key';
    await budget.take({ id: 'grant-1', countedAs }, 'ANSWER', never());
    await budget.take({ id: 'grant-2', countedAs }, 'ANSWER', never());
    expect((await refusal(budget.take({ id: 'grant-3', countedAs }, 'ANSWER', never()))).code).toBe(
      'RATE_LIMITED',
    );
    expect([...store.entries.keys()]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  test('who gives up while waiting leaves the turn to the next', async () => {
    const { take } = start(1);
    await take();
    vi.advanceTimersByTime(59 * SECOND);
    const caller = new AbortController();
    const given = rejection(take('ANSWER', caller.signal));
    await vi.advanceTimersByTimeAsync(1);
    caller.abort(new Error('gone'));
    expect(await given).toMatchObject({ name: 'UpstreamFailure', kind: 'aborted' });
    const next = take();
    await vi.advanceTimersByTimeAsync(2 * SECOND);
    expect(await next).toBeUndefined();
  });

  test('who gives up while the turn is kept leaves it to another one of the rank', async () => {
    const { take } = start(1);
    const caller = new AbortController();
    const given = rejection(take('ANSWER', caller.signal));
    const next = take();
    caller.abort(new Error('gone'));
    expect(await given).toMatchObject({ kind: 'aborted' });
    expect(await next).toBeUndefined();
  });

  test('who had given up before takes no turn', async () => {
    const { take } = start(1);
    expect(await rejection(take('ANSWER', AbortSignal.abort()))).toMatchObject({ kind: 'aborted' });
    expect(await take()).toBeUndefined();
  });

  test('an operation whose deadline passes while it waits is told when to come back', async () => {
    const { take } = start(1);
    await take();
    vi.advanceTimersByTime(57 * SECOND);
    const operation = new AbortController();
    const waiting = refusal(take('ANSWER', operation.signal));
    await vi.advanceTimersByTimeAsync(1 * SECOND);
    operation.abort(new DeadlineExceeded());
    expect(await waiting).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 2 } });
  });

  test('leaves no timer behind', async () => {
    const { take } = start(1);
    await take();
    vi.advanceTimersByTime(59 * SECOND);
    const timers = vi.getTimerCount();
    const caller = new AbortController();
    const given = rejection(take('ANSWER', caller.signal));
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(timers + 1);
    caller.abort();
    await given;
    expect(vi.getTimerCount()).toBe(timers);
  });

  test('a request counts from when it leaves, however long it took to keep that', async () => {
    const store = memoryBudgets();
    store.beforeWrite = async (count) => {
      if (count === 1) await new Promise((resolve) => setTimeout(resolve, 4 * SECOND));
    };
    const { take, isGiven } = start(1, store);
    const first = take();
    await vi.advanceTimersByTimeAsync(4 * SECOND);
    await first;
    vi.advanceTimersByTime(MINUTE - 5 * SECOND);
    expect(await isGiven()).toBe(false);
  });

  test('a clock that is put back stops nothing for longer than a minute', async () => {
    const { take, isGiven } = start(1);
    await take();
    vi.setSystemTime(Date.now() - 24 * 60 * MINUTE);
    expect(await isGiven()).toBe(false);
    vi.advanceTimersByTime(COUNTS_FOR + SECOND);
    expect(await isGiven()).toBe(true);
  });

  test('what is kept stays small, however many requests are allowed', async () => {
    const { take, store } = start(5_000);
    for (let second = 0; second < 60; second += 1) {
      await Promise.all(Array.from({ length: 80 }, () => take()));
      vi.advanceTimersByTime(1 * SECOND);
    }
    const [entry] = store.entries.values();
    expect(entry?.value.length).toBeLessThan(4_000);
  });
});

describe('in order', () => {
  /** Each step: seconds that pass before, what is asked for, and what comes of it at that moment. */
  type Step = readonly [after: number, rank: Rank, outcome: 'given' | 'refused' | 'waits'];
  const cases: Readonly<Record<string, readonly [perMinute: number, ...Step[]]>> = {
    'people may take all of them': [
      2,
      [0, 'ANSWER', 'given'],
      [0, 'CHANGE', 'given'],
      [0, 'ANSWER', 'refused'],
    ],
    'a refresh leaves the last one to people': [
      2,
      [0, 'REFRESH', 'given'],
      [0, 'REFRESH', 'refused'],
      [0, 'ANSWER', 'given'],
      [0, 'CHANGE', 'refused'],
    ],
    'a refresh leaves a quarter to people': [
      8,
      ...Array.from({ length: 6 }, (): Step => [0, 'REFRESH', 'given']),
      [0, 'REFRESH', 'refused'],
      [0, 'ANSWER', 'given'],
      [0, 'ANSWER', 'given'],
      [0, 'ANSWER', 'refused'],
    ],
    'reconciliation leaves half to people and refreshes': [
      4,
      [0, 'RECONCILIATION', 'given'],
      [0, 'RECONCILIATION', 'given'],
      [0, 'RECONCILIATION', 'refused'],
      [0, 'REFRESH', 'given'],
      [0, 'REFRESH', 'refused'],
      [0, 'ANSWER', 'given'],
      [0, 'ANSWER', 'refused'],
    ],
    'reconciliation leaves the last one to people, and those of the first round': [
      2,
      [0, 'RECONCILIATION', 'refused'],
      [0, 'RECONCILIATION', 'given'],
      [0, 'RECONCILIATION', 'refused'],
      [0, 'CHANGE', 'given'],
    ],
    'a change that was refused goes before an answer': [
      2,
      [0, 'ANSWER', 'given'],
      [30, 'ANSWER', 'given'],
      [1, 'CHANGE', 'refused'],
      // One is free, and is left to the change.
      [30, 'ANSWER', 'waits'],
      [1, 'CHANGE', 'given'],
    ],
    'a change that does not come back holds up no other for long': [
      2,
      [0, 'ANSWER', 'given'],
      [30, 'ANSWER', 'given'],
      [1, 'CHANGE', 'refused'],
      [36, 'ANSWER', 'given'],
    ],
    'a refresh that was refused goes before reconciliation': [
      2,
      [0, 'REFRESH', 'given'],
      [30, 'REFRESH', 'refused'],
      [31, 'RECONCILIATION', 'refused'],
      [1, 'REFRESH', 'given'],
    ],
    'where one is allowed, a refresh may take it while people are quiet': [
      1,
      [0, 'REFRESH', 'given'],
      [61, 'REFRESH', 'given'],
    ],
    'where one is allowed, reconciliation may take it while people are quiet': [
      1,
      [0, 'RECONCILIATION', 'refused'],
      [0, 'RECONCILIATION', 'given'],
      [61, 'RECONCILIATION', 'given'],
    ],
    'where one is allowed, a person who was refused has the next one': [
      1,
      [0, 'REFRESH', 'given'],
      [10, 'ANSWER', 'refused'],
      [51, 'REFRESH', 'refused'],
      [0, 'RECONCILIATION', 'refused'],
      [1, 'ANSWER', 'given'],
    ],
  };
  test.each(Object.entries(cases))('%s', async (_promise, [perMinute, ...steps]) => {
    // Each step at another process: the order holds over all of them.
    const store = memoryBudgets();
    const processes = [start(perMinute, store), start(perMinute, store)];
    for (const [index, [after, rank, expected]] of steps.entries()) {
      await vi.advanceTimersByTimeAsync(after * SECOND);
      let outcome = 'waits';
      void processes[index % 2]?.isGiven(rank).then((isGiven) => (outcome = isGiven ? 'given' : 'refused'));
      await vi.advanceTimersByTimeAsync(0);
      expect([index, rank, outcome]).toEqual([index, rank, expected]);
    }
  });

  test('of those who wait for one turn, a change leaves first', async () => {
    const { take } = start(1);
    await take();
    await vi.advanceTimersByTimeAsync(58 * SECOND);
    const outcomes: string[] = [];
    const ask = (rank: Rank) =>
      take(rank).then(
        () => outcomes.push(`${rank} left`),
        () => outcomes.push(`${rank} refused`),
      );
    const asked = [ask('ANSWER'), ask('CHANGE'), ask('REFRESH')];
    await vi.advanceTimersByTimeAsync(5 * SECOND);
    await Promise.all(asked);
    expect(outcomes).toEqual(['ANSWER refused', 'REFRESH refused', 'CHANGE left']);
  });

  test('a change that waits at one process leaves before an answer that another one asks for', async () => {
    const store = memoryBudgets();
    const [here, there] = [start(1, store), start(1, store)];
    await here.take();
    await vi.advanceTimersByTimeAsync(58 * SECOND);
    const change = here.isGiven('CHANGE');
    await vi.advanceTimersByTimeAsync(1);
    const answer = there.isGiven('ANSWER');
    await vi.advanceTimersByTimeAsync(5 * SECOND);
    expect([await change, await answer]).toEqual([true, false]);
  });

  test('a list that is looked at all the time delays reconciliation, and does not end it', async () => {
    const { isGiven } = start(2);
    const reconciled: number[] = [];
    const refreshed: number[] = [];
    let round = 0;
    for (let second = 0; second < 3600; second += 1) {
      if (await isGiven('REFRESH')) refreshed.push(second);
      // Every five minutes, from the end of one round.
      if (second >= round) {
        round = Number.POSITIVE_INFINITY;
        void isGiven('RECONCILIATION').then((given) => {
          if (given) reconciled.push(second);
          round = second + 300;
        });
      }
      await vi.advanceTimersByTimeAsync(1 * SECOND);
    }
    expect(reconciled.length).toBeGreaterThanOrEqual(3);
    expect(refreshed.length).toBeGreaterThanOrEqual(50);
  });

  test('people who ask for all of them leave none to reconciliation; it goes on when they are quiet', async () => {
    const { isGiven } = start(2);
    let reconciled = 0;
    let answered = 0;
    for (let second = 0; second < 1800; second += 1) {
      void isGiven('ANSWER').then((given) => (answered += Number(given)));
      if (second % 300 === 0) void isGiven('RECONCILIATION').then((given) => (reconciled += Number(given)));
      await vi.advanceTimersByTimeAsync(1 * SECOND);
    }
    expect(reconciled).toBe(0);
    expect(answered).toBeGreaterThanOrEqual(56);
    await vi.advanceTimersByTimeAsync(2 * COUNTS_FOR);
    expect(await isGiven('RECONCILIATION')).toBe(true);
  });
});

describe('after a 429 of Casso', () => {
  test('nothing leaves for as long as it asks for, at any process, and after a restart', async () => {
    const store = memoryBudgets();
    const [here, there] = [start(10, store), start(10, store)];
    await there.take();
    await here.budget.refused({ id: 'grant-1' }, 40 * SECOND);
    for (const { take } of [here, there, start(10, store)]) {
      expect(await refusal(take('CHANGE'))).toMatchObject({ details: { retryAfterSeconds: 39 } });
    }
    await vi.advanceTimersByTimeAsync(40 * SECOND);
    expect(await there.isGiven()).toBe(true);
  });

  test('other credentials go on', async () => {
    const { budget, take } = start(10);
    await budget.refused({ id: 'grant-2' }, MINUTE);
    expect(await take()).toBeUndefined();
  });
});

describe('the store', () => {
  test('a restart in the middle of a minute forgets nothing', async () => {
    const store = memoryBudgets();
    await start(2, store).take();
    await start(2, store).take();
    vi.advanceTimersByTime(30 * SECOND);
    expect(await refusal(start(2, store).take())).toMatchObject({ details: { retryAfterSeconds: 30 } });
  });

  test('is written before a request leaves, once, and not for one that is refused', async () => {
    const { take, store } = start(2);
    for (let n = 1; n <= 2; n += 1) {
      await take();
      expect(store.writes).toBe(n);
    }
    for (let n = 0; n < 20; n += 1) await refusal(take());
    // The first of them is owed the next turn.
    expect(store.writes).toBe(3);
  });

  test('while it is away no request leaves, and the answer says to come back', async () => {
    const store = memoryBudgets();
    const { take, isGiven } = start(2, store);
    await take();
    store.beforeWrite = async () => Promise.reject(new Error('away'));
    expect(await refusal(take())).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Requests to Casso cannot be counted now, and so none leaves; try again in 5 s.',
    });
    store.beforeWrite = async () => {};
    expect([await isGiven(), await isGiven()]).toEqual([true, false]);
  });

  test('never more than the number leave in any sixty seconds, whatever is asked, awaited and given up at how many processes', async () => {
    const steps = fc.array(
      fc.record({
        after: fc.integer({ min: 0, max: 25 * SECOND }),
        rank: fc.constantFrom(...RANKS),
        process: fc.nat(2),
        givesUpAfter: fc.option(fc.nat(6 * SECOND)),
        restarts: fc.boolean(),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (perMinute, asks) => {
        const store = memoryBudgets();
        const processes = [0, 1, 2].map(() => start(perMinute, store));
        const left: number[] = [];
        const answers: Promise<string>[] = [];
        for (const { after, rank, process, givesUpAfter, restarts } of asks) {
          await vi.advanceTimersByTimeAsync(after);
          if (restarts) processes[process] = start(perMinute, store);
          const caller = new AbortController();
          if (givesUpAfter !== null) setTimeout(() => caller.abort(), givesUpAfter);
          const asked = performance.now();
          const mayBeRefused = left.length > 0 || rank === 'RECONCILIATION' || rank === 'REFRESH';
          const leaves = () => {
            left.push(performance.now());
            return performance.now() - asked > 62 * SECOND ? 'late' : 'in time';
          };
          const stays = (error: unknown) => {
            if (!(error instanceof GatewayError)) return 'given up';
            return mayBeRefused ? 'refused' : 'refused although nothing had left';
          };
          answers.push(
            (processes[process] ?? start(perMinute)).take(rank, caller.signal).then(leaves, stays),
          );
        }
        await vi.advanceTimersByTimeAsync(62 * SECOND);
        expect(['in time', 'given up', 'refused']).toEqual(
          expect.arrayContaining(await Promise.all(answers)),
        );
        const gaps = left.slice(perMinute).map((at, index) => at - (left[index] ?? at));
        expect(Math.min(COUNTS_FOR, ...gaps)).toBe(COUNTS_FOR);
        await vi.advanceTimersByTimeAsync(2 * COUNTS_FOR);
        expect(await start(perMinute, store).isGiven('ANSWER')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a client with a budget', () => {
  test('counts every request that leaves, the one after a renewal too', async () => {
    const { budget } = start(3);
    const accounts = { body: fixture('accounts') };
    const { client, requests } = await clientOf([{ status: 401 }, accounts], { budget });
    await client.accounts(call({ credential: credential(SECOND_TOKEN).value }));
    await client.accounts(call());
    expect((await refusal(client.accounts(call()))).code).toBe('RATE_LIMITED');
    expect(requests).toHaveLength(3);
  });

  test('never repeats a read behind the back of the budget', async () => {
    const busy = { status: 503, headers: { 'retry-after': '0' } };
    const { client, requests } = await clientOf([busy], { budget: start(10).budget, retries: 2 });
    expect((await refusal(client.accounts(call()))).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['its Retry-After', { 'retry-after': '20' }, 20],
    ['a minute without one', {}, 60],
  ])('after a 429 it asks nothing for %s', async (_how, headers, seconds) => {
    const limited = { status: 429, headers: headers as Record<string, string> };
    const { client, requests } = await clientOf([limited, { body: fixture('accounts') }], {
      budget: start(10).budget,
    });
    for (let asked = 0; asked < 3; asked += 1) {
      expect((await refusal(client.accounts(call()))).code).toBe('RATE_LIMITED');
    }
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(seconds * SECOND);
    await client.accounts(call());
    expect(requests).toHaveLength(2);
  });

  test.each([
    ['sync', 'CHANGE'],
    ['createWebhook', 'CHANGE'],
    ['updateWebhook', 'CHANGE'],
    ['deleteWebhook', 'CHANGE'],
    ['deleteWebhooks', 'CHANGE'],
    ['accounts', 'ANSWER'],
  ] as const)('%s is asked as %s, whatever the caller says of it', async (method, rank) => {
    const ranks: Rank[] = [];
    const budget = {
      take: async (_credential: unknown, asked: Rank) => void ranks.push(asked),
      refused: async () => {},
    };
    const { client } = await clientOf([{ body: fixture('accounts') }], { budget });
    const settings = { url: 'https://shop.example/hook', secureToken: 'x', incomeOnly: false };
    const ask = {
      sync: () => client.sync(call({ rank: 'REFRESH' }), '0909'),
      createWebhook: () => client.createWebhook(call({ rank: 'REFRESH' }), settings),
      updateWebhook: () => client.updateWebhook(call({ rank: 'REFRESH' }), '1', settings),
      deleteWebhook: () => client.deleteWebhook(call({ rank: 'REFRESH' }), '1'),
      deleteWebhooks: () => client.deleteWebhooks(call({ rank: 'REFRESH' }), settings.url),
      accounts: () => client.accounts(call()),
    }[method];
    await ask().catch(() => {});
    expect(ranks).toEqual([rank]);
  });
});
