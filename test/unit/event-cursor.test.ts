import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/domain/cursor.ts';
import { decodeEventCursor, encodeEventCursor } from '../../src/events/cursor.ts';
import { CursorExpired, type LogPage, LogUnavailable } from '../../src/events/log.ts';

const EPOCH = 'abcdef0123456789';
const log = {
  epochAt: () => EPOCH,
  positionOf: (epoch: string, position: number) => (epoch === EPOCH ? position : null),
  trimmedTo: async () => 10,
  end: async () => 20,
  read: async (): Promise<LogPage> => {
    throw new CursorExpired(10);
  },
};
const refusal = (cursor: string) =>
  decodeEventCursor(cursor, log, 'after').then(
    () => null,
    (error: unknown) => error,
  );
const expired = { code: 'CURSOR_EXPIRED', details: { earliestCursor: encodeEventCursor(log, 10) } };
const malformed = { code: 'BAD_USER_INPUT', details: { field: 'after' } };

test('a cursor within what is kept gives its position', async () => {
  for (const position of [10, 11, 20]) {
    expect(await decodeEventCursor(encodeEventCursor(log, position), log, 'after')).toBe(position);
  }
});

test('a cursor that was trimmed, lies beyond the end, or is of another log has expired', async () => {
  expect(await refusal(encodeEventCursor(log, 9))).toMatchObject(expired);
  expect(await refusal(encodeEventCursor(log, 21))).toMatchObject(expired);
  expect(await refusal(encodeEventCursor({ epochAt: () => 'another' }, 15))).toMatchObject(expired);
});

test('a cursor beyond an end that cannot be made sure of is not called expired', async () => {
  const unsure = {
    ...log,
    read: async (): Promise<LogPage> => {
      throw new LogUnavailable('no majority');
    },
  };
  const decoded = decodeEventCursor(encodeEventCursor(log, 21), unsure, 'after');
  await expect(decoded).rejects.toThrow(LogUnavailable);
});

test('the earliest cursor that is told works', async () => {
  expect(await decodeEventCursor(expired.details.earliestCursor, log, 'after')).toBe(10);
});

test('anything else is malformed, and the argument is named', async () => {
  const broken = [
    '',
    'nonsense',
    `${encodeEventCursor(log, 15)}=`,
    encodeCursor('transaction', `${EPOCH}:15`),
    encodeCursor('event', EPOCH),
    encodeCursor('event', `${EPOCH}:`),
    encodeCursor('event', `${EPOCH}:-1`),
    encodeCursor('event', `${EPOCH}:015`),
    encodeCursor('event', `${EPOCH}:1.5`),
    encodeCursor('event', `${EPOCH}:99999999999999999`),
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
