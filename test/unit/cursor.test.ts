import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/domain/cursor.ts';

const KIND = 'bongloy.transaction.a1B2';
const refusal = { code: 'BAD_USER_INPUT', details: { field: 'after' } };
const refused = (cursor: string) => {
  try {
    return decodeCursor(cursor, KIND, 'after');
  } catch (error) {
    return error;
  }
};

test('a cursor gives back its position, whatever characters it has', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (position) => {
      const cursor = encodeCursor(KIND, position);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor(cursor, KIND, 'after')).toBe(position);
    }),
  ));

test('a cursor of another kind is refused, also when one kind begins like the other', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('bongloy.transaction', `${KIND}c`, 'casso.transaction', ''),
      fc.string(),
      (kind, position) => {
        expect(refused(encodeCursor(kind, position))).toMatchObject(refusal);
      },
    ),
  ));

test('text that is no cursor is refused', () =>
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(refused(text)).toMatchObject(refusal);
    }),
  ));

test('a cursor that was written otherwise than we write it is refused', () => {
  const cursor = encodeCursor(KIND, '0b95d6a3');
  for (const other of [`${cursor}=`, `${cursor} `, `${cursor}\n`, `=${cursor}`]) {
    expect(refused(other)).toMatchObject(refusal);
  }
});

test('a cursor of another version is refused', () => {
  const other = Buffer.from(`v2:${KIND}:1`, 'utf8').toString('base64url');
  expect(refused(other)).toMatchObject(refusal);
});
