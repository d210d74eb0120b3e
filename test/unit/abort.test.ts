import { describe, expect, test } from 'vitest';
import { Abort, platformSignal, waitFor } from '../../src/lib/abort.ts';

describe('a signal', () => {
  test('calls its listeners once, in their order, with its reason in place', () => {
    const signal = new Abort();
    const seen: unknown[] = [];
    for (const name of ['first', 'second'])
      signal.addEventListener('abort', () => seen.push([name, signal.aborted, signal.reason]));
    signal.abort('left');
    signal.abort('again');
    expect(seen).toEqual([
      ['first', true, 'left'],
      ['second', true, 'left'],
    ]);
    expect(signal.reason).toBe('left');
  });

  test('calls no listener that was taken away, also by another listener', () => {
    const signal = new Abort();
    const seen: string[] = [];
    const third = () => seen.push('third');
    const second = () => seen.push('second');
    signal.addEventListener('abort', () => signal.removeEventListener('abort', third));
    signal.addEventListener('abort', second);
    signal.addEventListener('abort', third);
    signal.removeEventListener('abort', second);
    signal.abort('left');
    expect(seen).toEqual([]);
  });

  test('calls no listener that comes too late, also from within a listener', () => {
    const signal = new Abort();
    const late = () => expect.fail('it had aborted already');
    signal.addEventListener('abort', () => signal.addEventListener('abort', late));
    signal.abort('left');
    signal.addEventListener('abort', late);
  });
});

describe('the signal for the platform', () => {
  test('aborts with its original, for the same reason', () => {
    const signal = new Abort();
    const platform = platformSignal(signal);
    expect(platform.aborted).toBe(false);
    signal.abort('left');
    expect([platform.aborted, platform.reason]).toEqual([true, 'left']);
  });

  test('has aborted where its original has, and is its original where that is of the platform', () => {
    const signal = new Abort();
    signal.abort('left');
    expect(platformSignal(signal).reason).toBe('left');
    const own = new AbortController().signal;
    expect(platformSignal(own)).toBe(own);
  });
});

describe('a wait', () => {
  const waiting = (ms: number, signal: Abort) => {
    const ends: unknown[] = [];
    let stop = () => {};
    const ended = new Promise<void>((resolve) => {
      const end = (how: unknown) => {
        ends.push(how);
        resolve();
      };
      stop = waitFor(ms, signal, () => end('time'), end);
    });
    return { ends, ended, stop };
  };

  test('ends by its time or by the signal, whichever comes first, and only once', async () => {
    const signal = new Abort();
    const short = waiting(1, signal);
    const long = waiting(60_000, signal);
    await short.ended;
    signal.abort('left');
    await long.ended;
    expect([short.ends, long.ends]).toEqual([['time'], ['left']]);
  });

  test('that is stopped ends in neither way', async () => {
    const signal = new Abort();
    const stopped = waiting(1, signal);
    const later = waiting(5, new Abort());
    stopped.stop();
    await later.ended;
    signal.abort('left');
    expect(stopped.ends).toEqual([]);
  });
});
