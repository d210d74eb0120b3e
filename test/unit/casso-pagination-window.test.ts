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
    const both = [window.page(1, MINUTE, fetch), window.page(1, MINUTE, fetch)];
    const answer = page(1, '7');
    calls[0]?.answer(answer);
    expect(await Promise.all(both)).toEqual([answer, answer]);
    expect(calls).toHaveLength(1);
  });

  test('do not share the fate of one who leaves: the others share one call more', async () => {
    const { window, calls, fetch } = setUp();
    const gone = new Error('the caller gave up');
    const leaving = window.page(1, MINUTE, fetch);
    const staying = [window.page(1, MINUTE, fetch), window.page(1, MINUTE, fetch)];
    calls[0]?.fail(gone);
    await expect(leaving).rejects.toBe(gone);
    await expect.poll(() => calls.length).toBe(2);
    const answer = page(1, '7');
    calls[1]?.answer(answer);
    expect(await Promise.all(staying)).toEqual([answer, answer]);
  });

  test('are told of a failure that lasts after two calls, however many they are', async () => {
    const { window, calls, fetch } = setUp();
    const asked = Promise.allSettled([1, 1, 1, 1].map((number) => window.page(number, MINUTE, fetch)));
    calls[0]?.fail(new Error('down'));
    await expect.poll(() => calls.length).toBe(2);
    calls[1]?.fail(new Error('still down'));
    expect((await asked).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(calls).toHaveLength(2);
  });
});

describe('the pages that are kept', () => {
  test('are of one total: a page that shows another drops the rest', async () => {
    const { window } = setUp();
    await window.page(1, MINUTE, async () => page(200, '200'));
    await window.page(2, MINUTE, async () => page(200, '100'));
    expect(window.find('200', MINUTE)).toMatchObject({ number: 1, index: 0 });
    await window.page(2, 0, async () => page(201, '101'));
    expect(window.find('200', MINUTE)).toBeNull();
    expect(window.find('101', MINUTE)).toMatchObject({ number: 2, index: 0 });
  });

  test('do not include a failure', async () => {
    const { window } = setUp();
    await expect(window.page(1, MINUTE, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    const answer = page(1, '7');
    expect(await window.page(1, MINUTE, async () => answer)).toBe(answer);
  });

  test('do not include a page that was asked for before the window was cleared', async () => {
    const { window, calls, fetch } = setUp();
    const early = window.page(1, MINUTE, fetch);
    window.clear();
    const late = window.page(1, MINUTE, fetch);
    calls[1]?.answer(page(2, 'new'));
    await late;
    calls[0]?.answer(page(1, 'old'));
    await early;
    expect(window.find('old', MINUTE)).toBeNull();
    expect(window.find('new', MINUTE)).not.toBeNull();
  });
});
