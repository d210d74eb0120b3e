import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { overOrAborted } from '../../src/lib/over-or-aborted.ts';

const never = new Promise<void>(() => {});

test('what is waited for may be over first, and leaves no listener on a signal that lives on', async () => {
  const { signal } = new AbortController();
  for (let outage = 0; outage < 20; outage += 1) await overOrAborted(Promise.resolve(), signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('or its signal aborts, now or before', async () => {
  const controller = new AbortController();
  const waiting = overOrAborted(never, controller.signal);
  controller.abort();
  await waiting;
  await overOrAborted(never, controller.signal);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
