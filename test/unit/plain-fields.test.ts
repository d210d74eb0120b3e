import { getNullableType, isListType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/schema/index.ts';

/** The fields that are declared as members of what they are read from (`t.expose`), which has no methods by its type. */
const members = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
  .filter(({ field }) => 'pothosExposedField' in field.extensions);

/** Members that have another name than the field. */
const RENAMED = [
  'BankAccount.providerId',
  'BankTransaction.providerId',
  'BankTransactionEvent.bankTransaction',
];

test('a field that shows a member of a row has no resolver, so that an executor reads the member itself', () => {
  // Lists have one, as graphql-js gets their rows as promises.
  const called = members.filter(
    ({ field }) => field.resolve !== undefined && !isListType(getNullableType(field.type)),
  );
  expect(called.map(({ type, field }) => `${type.name}.${field.name}`).toSorted()).toEqual(RENAMED);
  expect(members.length).toBeGreaterThan(60);
});
