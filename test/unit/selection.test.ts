import { buildSchema, type GraphQLResolveInfo, graphql } from 'graphql';
import { expect, test } from 'vitest';
import { selectedFields, selectsOnly } from '../../src/schema/selection.ts';

const schema = buildSchema(`
  type Query { account: Account }
  type Account { id: ID number: String currency: String balance: Balance }
  type Balance { available: String }
`);

/** The look-ahead that a resolver of `account` gets for this operation. */
async function infoOf(
  source: string,
  variableValues: Record<string, unknown> = {},
): Promise<GraphQLResolveInfo> {
  let info: GraphQLResolveInfo | undefined;
  const rootValue = {
    account: (_args: unknown, _context: unknown, given: GraphQLResolveInfo) => {
      info = given;
      return {};
    },
  };
  const { errors } = await graphql({ schema, source, variableValues, rootValue });
  if (errors || !info) throw new Error(`not a query of account: ${errors?.join()}`);
  return info;
}
const fieldsOf = async (source: string, variables?: Record<string, unknown>) =>
  [...selectedFields(await infoOf(source, variables))].sort();

test('what is selected directly is seen, once, and by its name in the schema', async () => {
  expect(await fieldsOf('{ account { id number again: number balance { available } } }')).toEqual([
    'balance',
    'id',
    'number',
  ]);
});

test('what is selected deeper is not', async () => {
  expect(await fieldsOf('{ account { balance { available } } }')).toEqual(['balance']);
});

test('the same field asked twice counts with both selections', async () => {
  expect(await fieldsOf('{ account { id } account { number } }')).toEqual(['id', 'number']);
});

test('fragments are looked into, inline or named, however deep', async () => {
  const source = `
    query { account { ...A ... on Account { currency } } }
    fragment A on Account { ...B }
    fragment B on Account { number ... { id } }
  `;
  expect(await fieldsOf(source)).toEqual(['currency', 'id', 'number']);
});

test.each([
  [true, ['id', 'number']],
  [false, ['currency', 'id']],
])('@include and @skip are applied to fields and fragments, with variables: %s', async (yes, expected) => {
  const source = `
    query ($yes: Boolean!) {
      account {
        id
        number @include(if: $yes)
        currency @skip(if: $yes)
        ...Balance @include(if: $yes) @skip(if: $yes)
        ... @skip(if: true) { balance { available } }
      }
    }
    fragment Balance on Account { balance { available } }
  `;
  expect(await fieldsOf(source, { yes })).toEqual(expected);
});

test.each([
  ['{ account { id } }', true],
  ['{ account { __typename id } }', true],
  ['{ account { __typename } }', true],
  ['{ account { id number } }', false],
  ['{ account { id ...A } } fragment A on Account { number }', false],
  ['{ account { id number @skip(if: true) } }', true],
])('only an id is asked by %s: %s', async (source, expected) => {
  expect(selectsOnly(await infoOf(source), new Set(['id']))).toBe(expected);
});

test('the same place under other variables is looked at anew, as a compiled document has it', async () => {
  const info = await infoOf('query ($yes: Boolean!) { account { id number @include(if: $yes) } }', {
    yes: true,
  });
  const answers = [true, false, true].map((yes) => [...selectedFields({ ...info, variableValues: { yes } })]);
  expect(answers).toEqual([['id', 'number'], ['id'], ['id', 'number']]);
  expect([...selectedFields(info)]).toEqual(['id', 'number']);
  expect([...selectedFields(info)]).toEqual(['id', 'number']);
});
