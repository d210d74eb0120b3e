import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeadlineExceeded, deadline } from '../../src/lib/deadline.ts';
import { collectGarbage } from '../support/garbage.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a deadline', () => {
  test('aborts when its time is over, not before, and says why', () => {
    const { signal } = deadline(100);
    vi.advanceTimersByTime(99);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toBeInstanceOf(DeadlineExceeded);
  });

  test('aborts with its parent, for the parent’s reason', () => {
    const parent = new AbortController();
    const { signal } = deadline(100, parent.signal);
    const reason = new Error('the client left');
    parent.abort(reason);
    expect(signal.reason).toBe(reason);
    vi.advanceTimersByTime(100);
    expect(signal.reason).toBe(reason);
  });

  test('under a parent that is over already is over at once', () => {
    const reason = new Error('the client left');
    expect(deadline(100, AbortSignal.abort(reason)).signal.reason).toBe(reason);
  });

  test('that passed does not abort its parent', () => {
    const parent = new AbortController();
    deadline(100, parent.signal);
    vi.advanceTimersByTime(100);
    expect(parent.signal.aborted).toBe(false);
  });

  test('that was cleared aborts no more, and leaves neither timer nor listener', () => {
    const parent = new AbortController();
    const limit = deadline(100, parent.signal);
    expect(vi.getTimerCount()).toBe(1);
    limit.clear();
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
    parent.abort();
    vi.advanceTimersByTime(1_000);
    expect(limit.signal.aborted).toBe(false);
  });

  test('without a parent may be cleared more than once', () => {
    const limit = deadline(100, null);
    limit.clear();
    limit.clear();
    vi.advanceTimersByTime(100);
    expect(limit.signal.aborted).toBe(false);
  });

  test('fires although only its listener is held while garbage is collected', async () => {
    vi.useRealTimers();
    const parent = new AbortController();
    const fired = new Promise<void>((resolve) => {
      deadline(50, parent.signal).signal.addEventListener('abort', () => resolve());
    });
    await nextTurn();
    collectGarbage();
    await fired;
  });
});
