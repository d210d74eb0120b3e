import { CriticalityLevel } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schemaChanges } from '../../scripts/schema-changes.ts';

/** A schema with that argument in each place where an argument may stand. */
const withInput = (input: string) =>
  buildSchema(/* GraphQL */ `
    directive @shown(${input}) on FIELD
    input Settings { ${input} }
    interface Shop { open(${input}): Boolean }
    type Bank implements Shop { open(${input}): Boolean }
    type Query { open(${input}): Boolean bank: Bank register(settings: Settings): Boolean }
  `);
const PLACES = ['@shown.only', 'Bank.open.only', 'Query.open.only', 'Settings.only', 'Shop.open.only'];

const breaking = async (before: string, after: string) =>
  (await schemaChanges(withInput(before), withInput(after)))
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ path = '' }) => path)
    .toSorted((one, other) => one.localeCompare(other));

describe('the promise to clients', () => {
  test('breaks when a required value loses its default, wherever it stands', async () => {
    expect(await breaking('only: Boolean! = false', 'only: Boolean!')).toEqual(PLACES);
  });

  test('breaks when an optional value becomes required', async () => {
    expect(await breaking('only: Boolean', 'only: Boolean!')).toEqual(PLACES);
    expect(await breaking('only: Boolean = false', 'only: Boolean!')).toEqual(expect.arrayContaining(PLACES));
  });

  test.each([
    ['a default becomes another one', 'only: Boolean! = false', 'only: Boolean! = true'],
    ['a required value gets a default', 'only: Boolean!', 'only: Boolean! = false'],
    ['an optional value loses its default', 'only: Boolean = false', 'only: Boolean'],
  ])('holds when %s', async (_what, before, after) => {
    expect(await breaking(before, after)).toEqual([]);
  });
});
