import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogEvent } from '../../src/events/log.ts';
import { createTail } from '../../src/events/tail.ts';
import { bankEvent, bongloyEvent } from '../support/events.ts';

const at = (position: number): LogEvent => ({
  ...(position % 3 ? bankEvent() : bongloyEvent()),
  position,
});

test('a page is what the log holds there, or null where the tail does not hold it', () => {
  const append = fc.record({
    kind: fc.constant('append' as const),
    size: fc.constantFrom(1, 2_000_000, 5_000_000),
  });
  const forget = fc.record({ kind: fc.constant('forget' as const), count: fc.nat(3) });
  const page = fc.record({
    kind: fc.constant('page' as const),
    back: fc.nat(12),
    limit: fc.integer({ min: 1, max: 5 }),
    banksOnly: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.nat(5), fc.array(fc.oneof(append, forget, page), { maxLength: 60 }), (start, commands) => {
      const tail = createTail(start);
      const log: LogEvent[] = [];
      let forgotten = start;
      for (const command of commands) {
        if (command.kind === 'append') {
          const event = at(tail.end + 1);
          log.push(event);
          expect(tail.add(event, command.size)).toBe(true);
        } else if (command.kind === 'forget') {
          for (let n = 0; n < command.count && forgotten < tail.end; n += 1) tail.forget((forgotten += 1));
        } else {
          const after = Math.max(0, tail.end - command.back);
          const filter = command.banksOnly ? { providers: ['CASSO' as const] } : undefined;
          const given = tail.page(after, command.limit, filter);
          if (given === null) continue;
          expect(given.events.length).toBeLessThanOrEqual(command.limit);
          expect(given.atEnd).toBe(given.position === tail.end);
          expect(given.events).toEqual(
            log.filter(
              ({ position, provider }) =>
                position > after &&
                position <= given.position &&
                (!command.banksOnly || provider === 'CASSO'),
            ),
          );
          if (after < tail.end) {
            expect(given.position).toBeGreaterThan(after);
            expect(after).toBeGreaterThanOrEqual(forgotten);
          }
        }
      }
    }),
  );
});

test('the newest events are held, within bounds of count and size', () => {
  const tail = createTail(0);
  for (let n = 1; n <= 2_500; n += 1) tail.add(at(n), 1);
  expect(tail.page(2_400, 100, undefined)?.events).toHaveLength(100);
  expect(tail.page(500, 1, undefined)?.events).toHaveLength(1);
  expect(tail.page(499, 1, undefined)).toBeNull();
  tail.add(at(2_501), 3_999_990);
  expect(tail.page(2_491, 100, undefined)?.events).toHaveLength(10);
  expect(tail.page(2_480, 100, undefined)).toBeNull();
});

test('an event that is too large is a hole, not a gap', () => {
  const tail = createTail(0);
  tail.add(at(1), 1);
  tail.add(at(2), 5_000_000);
  tail.add(at(3), 1);
  expect(tail.page(0, 10, undefined)).toMatchObject({ position: 1, atEnd: false });
  expect(tail.page(1, 10, undefined)).toBeNull();
  expect(tail.page(2, 10, undefined)).toMatchObject({ position: 3, atEnd: true });
});

test('events that another process wrote in between are told of, and are not passed over', () => {
  const tail = createTail(0);
  tail.add(at(1), 1);
  expect(tail.add(at(4), 1)).toBe(false);
  expect(tail.page(0, 10, undefined)).toBeNull();
  expect(tail.page(1, 10, undefined)).toBeNull();
  expect(tail.page(3, 10, undefined)).toMatchObject({ position: 4, atEnd: true });
});
