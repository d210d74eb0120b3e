import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { DeadlineExceeded } from '../../src/lib/deadline.ts';
import { Share } from '../../src/loaders/share.ts';
import type { Credential, ProviderCall } from '../../src/providers/provider.ts';
import { collectGarbage } from '../support/garbage.ts';

/** Requests that the test answers itself, in the order in which they were sent. */
class Upstream {
  readonly requests: {
    readonly call: ProviderCall;
    answer(value: string): void;
    fail(error: Error): void;
  }[] = [];

  readonly fetch = (call: ProviderCall): Promise<string> =>
    new Promise((answer, fail) => {
      this.requests.push({ call, answer, fail });
      call.signal.addEventListener('abort', () => fail(call.signal.reason));
    });
}

const credential = (id: string): Credential => ({
  provider: 'BONGLOY',
  id,
  authorization: async () => `Bearer of ${id}`,
  renew: async () => null,
});
const caller = (id = 'dara') => {
  const controller = new AbortController();
  const call: ProviderCall = { credential: credential(id), signal: controller.signal };
  return { call, leave: (reason: unknown = new Error('left')) => controller.abort(reason) };
};

let time: number;
let share: Share;
let upstream: Upstream;
const ask = (key: string, { id = 'dara', keepMs = 1_000 } = {}) =>
  share.get(caller(id).call, key, keepMs, upstream.fetch);
const sent = () => upstream.requests.length;

beforeEach(() => {
  time = 1;
  share = new Share({ now: () => time });
  upstream = new Upstream();
});

describe('requests in flight', () => {
  test('are shared by those who ask the same of one credential', async () => {
    const answers = [ask('accounts'), ask('accounts'), ask('accounts', { keepMs: 0 })];
    expect(sent()).toBe(1);
    upstream.requests[0]?.answer('three accounts');
    expect(await Promise.all(answers)).toEqual(['three accounts', 'three accounts', 'three accounts']);
  });

  test('are never shared between credentials', async () => {
    const [mine, yours] = [ask('accounts', { id: 'dara' }), ask('accounts', { id: 'sok' })];
    expect(upstream.requests.map(({ call }) => call.credential.id)).toEqual(['dara', 'sok']);
    upstream.requests[0]?.answer("Dara's");
    upstream.requests[1]?.answer("Sok's");
    expect([await mine, await yours]).toEqual(["Dara's", "Sok's"]);
  });

  test('are not shared between different questions', () => {
    void ask('accounts');
    void ask('accounts?page=2');
    expect(sent()).toBe(2);
  });

  test('fail for all who wait, and the next one asks again', async () => {
    const answers = [ask('accounts'), ask('accounts')];
    const failure = new Error('down');
    upstream.requests[0]?.fail(failure);
    expect(await Promise.allSettled(answers)).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
    const later = ask('accounts');
    expect(sent()).toBe(2);
    upstream.requests[1]?.answer('up again');
    expect(await later).toBe('up again');
  });
});

describe('answers', () => {
  test('are kept for their time, and no longer', async () => {
    const first = ask('balance');
    upstream.requests[0]?.answer('10.00');
    expect(await first).toBe('10.00');
    time = 1_000;
    expect(await ask('balance')).toBe('10.00');
    expect(sent()).toBe(1);
    time += 2;
    void ask('balance');
    expect(sent()).toBe(2);
  });

  test('are renewed once for all who want a fresher one, and served to the others until it has come', async () => {
    const first = ask('balance');
    upstream.requests[0]?.answer('10.00');
    await first;
    const fresher = () =>
      share.get(caller().call, 'balance', 1_000, upstream.fetch, (kept) => kept !== '10.00');
    const renewed = [fresher(), fresher()];
    expect(sent()).toBe(2);
    expect(await ask('balance')).toBe('10.00');
    expect(share.peek('dara', 'balance')).toBe('10.00');
    upstream.requests[1]?.answer('12.00');
    expect(await Promise.all(renewed)).toEqual(['12.00', '12.00']);
    expect(await ask('balance')).toBe('12.00');
    expect(await fresher()).toBe('12.00');
    expect(sent()).toBe(2);
  });

  test('are kept from when they came, not from when they were asked for', async () => {
    const first = ask('balance');
    time = 5_000;
    upstream.requests[0]?.answer('10.00');
    await first;
    time = 5_999;
    expect(await ask('balance')).toBe('10.00');
    expect(sent()).toBe(1);
  });

  test('are kept for nobody else', async () => {
    const first = ask('balance');
    upstream.requests[0]?.answer('10.00');
    await first;
    void ask('balance', { id: 'sok' });
    expect(sent()).toBe(2);
  });

  test('are not kept at all when told so', async () => {
    const first = ask('balance', { keepMs: 0 });
    upstream.requests[0]?.answer('10.00');
    await first;
    void ask('balance');
    expect(sent()).toBe(2);
  });

  test('that are null are kept like others', async () => {
    const none = () => share.get(caller().call, 'card', 1_000, async () => null);
    expect(await none()).toBeNull();
    expect(
      await share.get(caller().call, 'card', 1_000, () => Promise.reject(new Error('asked'))),
    ).toBeNull();
  });
});

describe('memory', () => {
  const keep = (key: string, value: unknown, keepMs = 1_000) =>
    share.get(caller().call, key, keepMs, async () => value);
  /** Whether the answer is served again; never asks for a new one. */
  const isKept = (key: string): Promise<boolean> =>
    share
      .get(caller().call, key, 1_000, () => Promise.reject(new Error('asked')))
      .then(
        () => true,
        () => false,
      );
  /** A page of as many rows, in each of the forms that answers have. */
  const FORMS: [string, (rows: number) => unknown][] = [
    ['lists', (rows) => Array.from({ length: rows })],
    ['pages', (rows) => ({ rows: Array.from({ length: rows }), hasMore: true })],
    ['what grows, by what it holds by then', (rows) => ({ rowCount: rows })],
  ];

  test.each(FORMS)('holds 200,000 rows of %s, the ones used last', async (_form, answer) => {
    for (let n = 0; n < 20; n += 1) await keep(`list/${n}`, answer(10_000));
    expect(await isKept('list/0')).toBe(true);
    await keep('list/20', answer(10_000));
    expect([await isKept('list/0'), await isKept('list/1'), await isKept('list/2')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('is not given to an answer that is larger than all of it', async () => {
    await keep('small', ['row']);
    await keep('large', Array.from({ length: 200_001 }));
    expect([await isKept('small'), await isKept('large')]).toEqual([true, false]);
  });

  test('is given back by a purge when an answer has had its time, and not before', async () => {
    let answer: object | null = { balance: '10.00' };
    const seen = new WeakRef(answer);
    await keep('balance', answer);
    answer = null;
    share.purge();
    await setImmediate();
    collectGarbage();
    expect(seen.deref()).toEqual({ balance: '10.00' });
    time += 1_001;
    share.purge();
    await setImmediate();
    collectGarbage();
    expect(seen.deref()).toBeUndefined();
  });
});

describe('forgetting', () => {
  const keep = async (key: string, id: string) => {
    const answer = ask(key, { id });
    upstream.requests.at(-1)?.answer(`${id}: ${key}`);
    await answer;
  };
  const isKept = (key: string, id: string): boolean => {
    const before = sent();
    void ask(key, { id });
    return sent() === before;
  };

  test('a credential leaves the others alone', async () => {
    for (const id of ['dara', 'sok']) await keep('cards', id);
    share.forget('dara');
    expect([isKept('cards', 'dara'), isKept('cards', 'sok')]).toEqual([false, true]);
  });

  test('a prefix leaves the other keys alone', async () => {
    for (const key of ['balance/1', 'balance/2', 'cards']) await keep(key, 'dara');
    share.forget('dara', 'balance/');
    expect(['balance/1', 'balance/2', 'cards'].map((key) => isKept(key, 'dara'))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('a prefix for all reaches every credential, and only its keys', async () => {
    for (const id of ['dara', 'sok']) for (const key of ['bank/1', 'cards']) await keep(key, id);
    share.forgetAll('bank/');
    for (const id of ['dara', 'sok'])
      expect([isKept('bank/1', id), isKept('cards', id)]).toEqual([false, true]);
  });

  test('what is kept can be looked at, for as long as it is kept', async () => {
    await keep('cards', 'dara');
    expect(share.peek('dara', 'cards')).toBeDefined();
    expect(share.peek('sok', 'cards')).toBeUndefined();
    share.forget('dara');
    expect(share.peek('dara', 'cards')).toBeUndefined();
  });

  test('a credential whose id begins like another one’s leaves that one alone', async () => {
    for (const id of ['dara', 'dara2']) await keep('cards', id);
    share.forget('dara');
    expect(isKept('cards', 'dara2')).toBe(true);
  });

  test('during a flight serves those who wait, keeps nothing, and shares it with nobody else', async () => {
    const before = ask('balance');
    share.forget('dara', 'balance');
    const after = ask('balance');
    expect(sent()).toBe(2);
    upstream.requests[1]?.answer('new');
    upstream.requests[0]?.answer('old');
    expect([await before, await after, await ask('balance')]).toEqual(['old', 'new', 'new']);
    expect(sent()).toBe(2);
  });

  test('during a flight that fails does not disturb the one that took its place', async () => {
    const before = ask('balance');
    share.forget('dara');
    const after = ask('balance');
    upstream.requests[0]?.fail(new Error('down'));
    await expect(before).rejects.toThrow('down');
    const third = ask('balance');
    expect(sent()).toBe(2);
    upstream.requests[1]?.answer('new');
    expect([await after, await third]).toEqual(['new', 'new']);
  });
});

describe('who leaves', () => {
  test('stops waiting at once, and the others get their answer', async () => {
    const [one, other] = [caller(), caller()];
    const answers = [one, other].map(({ call }) => share.get(call, 'cards', 1_000, upstream.fetch));
    one.leave();
    await expect(answers[0]).rejects.toThrow('left');
    expect(upstream.requests[0]?.call.signal.aborted).toBe(false);
    upstream.requests[0]?.answer('two cards');
    expect(await answers[1]).toBe('two cards');
  });

  test('as the last one ends the request, and the next one asks anew', async () => {
    const [one, other] = [caller(), caller()];
    const answers = [one, other].map(({ call }) => share.get(call, 'cards', 1_000, upstream.fetch));
    one.leave();
    other.leave();
    expect(upstream.requests[0]?.call.signal.aborted).toBe(true);
    for (const answer of answers) await expect(answer).rejects.toThrow('left');
    const later = ask('cards');
    expect(sent()).toBe(2);
    upstream.requests[1]?.answer('two cards');
    expect(await later).toBe('two cards');
  });

  test('because of the deadline is told that the provider was too slow', async () => {
    const { call, leave } = caller();
    const answer = share.get(call, 'cards', 1_000, upstream.fetch);
    leave(new DeadlineExceeded());
    await expect(answer).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      details: { provider: 'BONGLOY' },
    });
  });

  test('before the request began waits for nothing', async () => {
    const { call, leave } = caller();
    leave();
    await expect(share.get(call, 'cards', 1_000, upstream.fetch)).rejects.toThrow('left');
  });

  test('after the answer came ends nothing', async () => {
    const { call, leave } = caller();
    const answer = share.get(call, 'cards', 1_000, upstream.fetch);
    upstream.requests[0]?.answer('two cards');
    await answer;
    leave();
    expect(upstream.requests[0]?.call.signal.aborted).toBe(false);
    expect(await ask('cards')).toBe('two cards');
  });

  test('after the request was forgotten still ends it when nobody else waits', async () => {
    const { call, leave } = caller();
    const answer = share.get(call, 'cards', 1_000, upstream.fetch);
    share.forget('dara');
    leave();
    await expect(answer).rejects.toThrow('left');
    expect(upstream.requests[0]?.call.signal.aborted).toBe(true);
  });
});

/** What may happen to a flight, in any order: it is joined, one of those who wait leaves, or it is answered or fails. */
const STEP = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'join' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'forget' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('end' as const), fails: fc.boolean() }),
  },
);

test('a flight gives each who waits its answer or its own abort, and ends when the last one has left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 40 }), async (steps) => {
      share = new Share({ now: () => time });
      upstream = new Upstream();
      const who: { leave: () => void; ended: Promise<unknown>; due?: string; flight: number }[] = [];
      /** By the number of the request: `open` while it has neither ended nor been aborted. */
      const flights: ('open' | 'ended' | 'aborted')[] = [];
      const waitingFor = (flight: number) => who.filter((one) => one.flight === flight && !one.due);
      /** The request that the next one joins; null: it begins a new one. */
      let current: number | null = null;

      for (const step of steps) {
        if (step.kind === 'join') {
          const { call, leave } = caller();
          const number = who.length;
          const ended = share.get(call, 'cards', 0, upstream.fetch).catch((error: Error) => error.message);
          if (current === null) current = flights.push('open') - 1;
          who.push({ ended, flight: current, leave: () => leave(new Error(`${number} left`)) });
        } else if (step.kind === 'leave') {
          const number = step.who % Math.max(1, who.length);
          const one = who[number];
          if (!one) continue;
          one.leave();
          if (one.due) continue;
          one.due = `${number} left`;
          if (waitingFor(one.flight).length > 0) continue;
          flights[one.flight] = 'aborted';
          if (current === one.flight) current = null;
        } else if (step.kind === 'forget') {
          share.forget('dara');
          current = null;
        } else {
          const flight = flights.indexOf('open');
          if (flight < 0) continue;
          const due = `${step.fails ? 'failure' : 'answer'} ${flight}`;
          if (step.fails) upstream.requests[flight]?.fail(new Error(due));
          else upstream.requests[flight]?.answer(due);
          for (const one of waitingFor(flight)) one.due = due;
          flights[flight] = 'ended';
          if (current === flight) current = null;
          await setImmediate();
        }
        expect(sent()).toBe(flights.length);
        expect(upstream.requests.map(({ call }) => call.signal.aborted)).toEqual(
          flights.map((state) => state === 'aborted'),
        );
      }
      for (const [flight, request] of upstream.requests.entries()) {
        if (flights[flight] !== 'open') continue;
        request.answer('the last answer');
        for (const one of waitingFor(flight)) one.due = 'the last answer';
      }
      expect(await Promise.all(who.map(({ ended }) => ended))).toEqual(who.map(({ due }) => due));
    }),
    { numRuns: 500 },
  );
});
