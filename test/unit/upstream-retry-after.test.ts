import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryAfterMs } from '../../src/upstream/retry-after.ts';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 30);
const asked = (value: string) => retryAfterMs({ 'retry-after': value }, NOW);

test('whole seconds are that many seconds', () => {
  expect(asked('0')).toBe(0);
  expect(asked(' 120 ')).toBe(120_000);
});

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  'the HTTP date %s is the time until then',
  (date) => {
    expect(asked(date)).toBe(7_000);
  },
);

test('a date that has passed is no wait at all', () => {
  expect(asked('Sun, 06 Nov 1994 08:49:29 GMT')).toBe(0);
});

test.each(['', '-1', '1.5', '12.5', 'soon', 'Sun, 99 Nov 1994 08:49:37 GMT', '1994-11-06', '9'.repeat(40)])(
  '"%s" says nothing',
  (value) => {
    expect(asked(value)).toBeNull();
  },
);

test('no header says nothing', () => {
  expect(retryAfterMs({}, NOW)).toBeNull();
});

test('whatever a server sends, the answer is null or a wait that is not negative', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.date({ noInvalidDate: true }).map(String)), (value) => {
      const wait = asked(value);
      expect(wait === null || (Number.isFinite(wait) && wait >= 0)).toBe(true);
    }),
  );
});
