import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/domain/cursor.ts';
import { decodeEventCursor, encodeEventCursor } from '../../src/events/cursor.ts';

const log = { epoch: 'abcdef0123456789', trimmedTo: async () => 10, end: async () => 20 };
const refusal = (cursor: string) =>
  decodeEventCursor(cursor, log, 'after').then(
    () => null,
    (error: unknown) => error,
  );
const expired = { code: 'CURSOR_EXPIRED', details: { earliestCursor: encodeEventCursor(log.epoch, 10) } };
const malformed = { code: 'BAD_USER_INPUT', details: { field: 'after' } };

test('a cursor within what is kept gives its position', async () => {
  for (const position of [10, 11, 20]) {
    expect(await decodeEventCursor(encodeEventCursor(log.epoch, position), log, 'after')).toBe(position);
  }
});

test('a cursor that was trimmed, lies beyond the end, or is of another log has expired', async () => {
  expect(await refusal(encodeEventCursor(log.epoch, 9))).toMatchObject(expired);
  expect(await refusal(encodeEventCursor(log.epoch, 21))).toMatchObject(expired);
  expect(await refusal(encodeEventCursor('another', 15))).toMatchObject(expired);
});

test('the earliest cursor that is told works', async () => {
  expect(await decodeEventCursor(expired.details.earliestCursor, log, 'after')).toBe(10);
});

test('anything else is malformed, and the argument is named', async () => {
  const broken = [
    '',
    'nonsense',
    `${encodeEventCursor(log.epoch, 15)}=`,
    encodeCursor('transaction', `${log.epoch}:15`),
    encodeCursor('event', log.epoch),
    encodeCursor('event', `${log.epoch}:`),
    encodeCursor('event', `${log.epoch}:-1`),
    encodeCursor('event', `${log.epoch}:015`),
    encodeCursor('event', `${log.epoch}:1.5`),
    encodeCursor('event', `${log.epoch}:99999999999999999`),
  ];
  for (const cursor of broken)
    expect({ cursor, error: await refusal(cursor) }).toMatchObject({ error: malformed });
});

test('no text at all breaks it otherwise', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.base64String()), async (text) => {
      expect(await refusal(text)).toMatchObject(malformed);
    }),
  );
});
