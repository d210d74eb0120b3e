import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../src/lib/duration.ts';
import { createWindow, type OffsetPage } from '../../src/providers/casso/pagination.ts';
import { ManualClock } from './casso-pagination-support.ts';

interface Row {
  readonly id: string;
}

const page = (total: number, ...ids: string[]): OffsetPage<Row> => ({
  rows: ids.map((id) => ({ id })),
  total,
  hasMore: true,
});

/** Calls that a test answers when it wants, in the order of asking. */
function pendingCalls() {
  const calls: { number: number; answer: (page: OffsetPage<Row>) => void; fail: (error: Error) => void }[] =
    [];
  const fetch = (number: number) =>
    new Promise<OffsetPage<Row>>((answer, fail) => {
      calls.push({ number, answer, fail });
    });
  return { calls, fetch };
}

const setUp = () => ({ window: createWindow<Row>(new ManualClock()), ...pendingCalls() });

describe('callers who want the same page at the same time', () => {
  test('share one call', async () => {
    const { window, calls, fetch } = setUp();
    const both = [window.head(MINUTE, fetch), window.head(MINUTE, fetch)];
    const answer = page(1, '7');
    calls[0]?.answer(answer);
    expect(await Promise.all(both)).toMatchObject([answer, answer]);
    expect(calls).toHaveLength(1);
  });

  test('do not share the fate of one who leaves: the others share one call more', async () => {
    const { window, calls, fetch } = setUp();
    const gone = new Error('the caller gave up');
    const leaving = window.head(MINUTE, fetch);
    const staying = [window.head(MINUTE, fetch), window.head(MINUTE, fetch)];
    calls[0]?.fail(gone);
    await expect(leaving).rejects.toBe(gone);
    await expect.poll(() => calls.length).toBe(2);
    const answer = page(1, '7');
    calls[1]?.answer(answer);
    expect(await Promise.all(staying)).toMatchObject([answer, answer]);
  });

  test('are told of a failure that lasts after two calls, however many they are', async () => {
    const { window, calls, fetch } = setUp();
    const asked = Promise.allSettled([1, 1, 1, 1].map(() => window.head(MINUTE, fetch)));
    calls[0]?.fail(new Error('down'));
    await expect.poll(() => calls.length).toBe(2);
    calls[1]?.fail(new Error('still down'));
    expect((await asked).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(calls).toHaveLength(2);
  });
});

describe('what is held', () => {
  test('does not include a failure', async () => {
    const { window } = setUp();
    await expect(window.head(MINUTE, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    const answer = page(1, '7');
    expect(await window.head(MINUTE, async () => answer)).toMatchObject(answer);
  });

  test('is old when the list is known to have changed, also while its head is asked for', async () => {
    const { window, calls, fetch } = setUp();
    const asking = window.head(MINUTE, fetch);
    window.expire();
    calls[0]?.answer(page(1, 'before'));
    await asking;
    expect(window.peek(MINUTE)).toBeNull();
    expect(await window.head(MINUTE, async () => page(1, 'after'))).toMatchObject({
      rows: [{ id: 'after' }],
    });
    expect(window.peek(MINUTE)).not.toBeNull();
  });

  test('of another moment is not put beside a page that proves nothing about it', async () => {
    const { window } = setUp();
    await window.head(MINUTE, async () => page(200, '200'));
    await window.page(2, async () => page(201, '101'));
    await window.page(3, async () => page(202, '1'));
    expect(window.behind('200')).toMatchObject({ rows: [], hasMore: true });
    expect(window.behind('101')).toBeNull();
    expect(window.behind('1')).toMatchObject({ rows: [], total: 202 });
  });
});
