import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { LogEvent } from '../../src/events/log.ts';
import { createWaiters } from '../../src/events/waiters.ts';
import { bankEvent, bongloyEvent, onAccount } from '../support/events.ts';

const bank = (position: number, bankAccountNumber: string): LogEvent => ({
  ...bankEvent({ bankAccountNumber }),
  position,
});

test('an event wakes those whom it concerns, just before itself, and nobody else', async () => {
  const waiters = createWaiters();
  const { signal } = new AbortController();
  const anybody = waiters.wait(1, undefined, signal);
  const ofAccount = waiters.wait(1, onAccount('A'), signal);
  const ofOther = waiters.wait(1, onAccount('B'), signal);
  const ofProvider = waiters.wait(1, { providers: ['BONGLOY'] }, signal);
  waiters.tell(bank(2, 'A'));
  waiters.tell(bank(3, 'B'));
  waiters.tell({ ...bongloyEvent(), position: 4 });
  expect(await Promise.all([anybody, ofAccount, ofOther, ofProvider])).toEqual([1, 1, 2, 3]);
});

test('whoever was woken, by an event or by an abort, leaves no listener behind', async () => {
  const waiters = createWaiters();
  const controller = new AbortController();
  const first = waiters.wait(1, onAccount('A'), controller.signal);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  waiters.tell(bank(2, 'A'));
  await first;
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  const second = waiters.wait(2, onAccount('A'), controller.signal);
  controller.abort();
  expect(await second).toBe(2);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('when everybody is to look for himself, each goes on from where he stands', async () => {
  const waiters = createWaiters();
  const { signal } = new AbortController();
  const waiting = [
    waiters.wait(1, undefined, signal),
    waiters.wait(2, onAccount('A'), signal),
    waiters.wait(3, onAccount('A'), signal),
  ];
  waiters.wakeAll();
  expect(await Promise.all(waiting)).toEqual([1, 2, 3]);
});
