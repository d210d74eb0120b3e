import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogEvent } from '../../src/events/log.ts';
import { createTail, type Tail } from '../../src/events/tail.ts';
import { bankEvent, bongloyEvent } from '../support/events.ts';

const at = (position: number): LogEvent => ({
  ...(position % 3 ? bankEvent() : bongloyEvent()),
  position,
});

/** A tail beside a model of its log: whatever was ever appended, and how far the log has forgotten. */
interface World {
  readonly tail: Tail;
  readonly log: LogEvent[];
  forgotten: number;
}

const append = fc.constantFrom(1, 2_000_000, 5_000_000).map((size) => (world: World) => {
  const event = at(world.tail.end + 1);
  world.log.push(event);
  return world.tail.add(event, size);
});

const forget = fc.nat(3).map((count) => (world: World) => {
  const from = world.forgotten;
  world.forgotten = Math.min(from + count, world.tail.end);
  for (let position = from + 1; position <= world.forgotten; position += 1) world.tail.forget(position);
  return true;
});

const page = fc
  .tuple(fc.nat(12), fc.integer({ min: 1, max: 5 }), fc.boolean())
  .map(([back, limit, banks]) => (world: World) => {
    const { tail, log, forgotten } = world;
    const after = Math.max(0, tail.end - back);
    const given = tail.page(after, limit, banks ? { providers: ['CASSO'] } : undefined);
    if (given === null) return true;
    const expected = log.filter(
      ({ position, provider }) =>
        position > after && position <= given.position && (!banks || provider === 'CASSO'),
    );
    return (
      isDeepStrictEqual(given.events, expected) &&
      given.events.length <= limit &&
      given.atEnd === (given.position === tail.end) &&
      (after === tail.end || (given.position > after && after >= forgotten))
    );
  });

test('a page is what the log holds there, or null where the tail does not hold it', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.array(fc.oneof(append, forget, page), { maxLength: 60 }), (start, steps) => {
      const world: World = { tail: createTail(start), log: [], forgotten: start };
      return steps.every((step) => step(world));
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
