import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeGlobalId,
  decodeIdOf,
  decodeOptionalIdOf,
  encodeGlobalId,
  type NodeType,
} from '../../src/domain/global-id.ts';

const uuidType = fc.constantFrom<NodeType>('CardIssuer', 'Cardholder', 'Account', 'Card', 'Transaction');
const numberType = fc.constantFrom<NodeType>('BankAccount', 'BankTransaction');
const cassoId = fc.bigInt({ min: 1n, max: 9_999_999_999_999_999n }).map(String);
const own = fc.oneof(
  fc.record({ type: uuidType, id: fc.uuid() }),
  fc.record({ type: numberType, id: cassoId }),
);
const encoded = (text: string) => Buffer.from(text, 'utf8').toString('base64url');
const refusal = expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'ids.3' } });
const UUID = '0b95d6a3-1f0c-4f3e-9a3c-6b1f0e9d2c11';

describe('an id', () => {
  test('gives back its type and the provider’s own id', () =>
    fc.assert(
      fc.property(own, ({ type, id }) => {
        const globalId = encodeGlobalId(type, id);
        expect(globalId).toMatch(/^[\w-]+$/);
        expect(decodeGlobalId(globalId, 'id')).toEqual({ type, id });
      }),
    ));

  test('is of one type alone, although providers use an id twice', () =>
    fc.assert(
      fc.property(own, own, (a, b) => {
        const same = a.type === b.type && a.id === b.id;
        expect(encodeGlobalId(a.type, a.id) === encodeGlobalId(b.type, b.id)).toBe(same);
      }),
    ));

  test('that this API never gave is refused, and the argument named', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string().map(encoded)), (text) => {
        expect(() => decodeGlobalId(text, 'ids.3')).toThrow(refusal);
      }),
    ));

  test.each([
    '',
    encoded(UUID),
    encoded(`:${UUID}`),
    encoded(`Account`),
    encoded('Account:'),
    encoded(`account:${UUID}`),
    encoded(`Nothing:${UUID}`),
    encoded(`toString:${UUID}`),
    encoded(`Account:${UUID}/../cards`),
    encoded(`Account: ${UUID}`),
    encoded('Account:12'),
    encoded(`BankAccount:${UUID}`),
    encoded('BankAccount:0'),
    encoded('BankAccount:-1'),
    encoded('BankAccount:012'),
    encoded('BankAccount:1.5'),
    encoded('BankAccount:12345678901234567'),
    `${encoded('BankAccount:12')}=`,
    ` ${encoded('BankAccount:12')}`,
    Buffer.from(`Account:${UUID}`).toString('base64').replace(/=*$/, '=='),
  ])('is refused in any other form: %s', (text) => {
    expect(() => decodeGlobalId(text, 'ids.3')).toThrow(refusal);
  });
});

describe('an argument', () => {
  const account = encodeGlobalId('Account', UUID);

  test('takes the id of its type', () => {
    expect(decodeIdOf('Account', account, 'accountId')).toBe(UUID);
  });

  test('says of which type a wrong id is', () => {
    expect(() => decodeIdOf('Card', account, 'filter.cardId')).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        details: { field: 'filter.cardId' },
        message: 'filter.cardId is an id of type Account, not Card.',
      }),
    );
  });

  test('may be left out where that is allowed', () => {
    expect(decodeOptionalIdOf('Account', null, 'accountId')).toBeUndefined();
    expect(decodeOptionalIdOf('Account', undefined, 'accountId')).toBeUndefined();
    expect(decodeOptionalIdOf('Account', account, 'accountId')).toBe(UUID);
    expect(() => decodeOptionalIdOf('Account', '', 'ids.3')).toThrow(refusal);
  });
});
