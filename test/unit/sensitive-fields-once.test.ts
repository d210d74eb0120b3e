import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { SensitiveFieldsOnce } from '../../src/http/sensitive-fields-once.ts';
import { schema } from '../../src/schema/index.ts';

const complaints = (document: string) =>
  validate(schema, parse(document), [SensitiveFieldsOnce], { maxErrors: 100 }).map(({ message }) => message);
const ONCE = ['logout may stand only once in a request.'];
const FIELD = 'logout { __typename }';

test('Every field of Mutation may stand once', () => {
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
  expect(fields.length).toBeGreaterThanOrEqual(9);
  for (const { name } of fields) {
    expect(complaints(`mutation { a: ${name} { __typename } }`)).toEqual([]);
    expect(complaints(`mutation { a: ${name} { __typename } b: ${name} { __typename } }`)).toEqual([
      `${name} may stand only once in a request.`,
    ]);
  }
});

test.each([
  ['under aliases', `mutation { a: ${FIELD} b: ${FIELD} }`],
  ['in an inline fragment', `mutation { a: ${FIELD} ... { b: ${FIELD} } }`],
  ['in a fragment', `mutation { a: ${FIELD} ...F } fragment F on Mutation { b: ${FIELD} }`],
  [
    'in fragments of fragments',
    `mutation { ...F ...G } fragment F on Mutation { ...H } fragment G on Mutation { a: ${FIELD} }
     fragment H on Mutation { ... on Mutation { b: ${FIELD} } }`,
  ],
  [
    'under directives',
    'mutation ($on: Boolean!) { logout @include(if: $on) { __typename } b: logout @skip(if: $on) { __typename } }',
  ],
  ['under a name that another field has', `mutation { refreshSession: ${FIELD} logout { __typename } }`],
])('A second one %s is refused', (_where, document) => {
  expect(complaints(document)).toEqual(ONCE);
});

test.each([
  ['different fields', `mutation { ${FIELD} refreshSession { __typename } }`],
  ['one in each operation of a document', `mutation A { ${FIELD} } mutation B { ${FIELD} }`],
  [
    'a fragment that is spread twice, which runs once',
    `mutation { ...F ...F } fragment F on Mutation { ${FIELD} }`,
  ],
  ['__typename', 'mutation { a: __typename b: __typename }'],
  ['fields of queries', '{ a: viewer { kind } b: viewer { kind } }'],
  ['fields below the first level', 'mutation { refreshSession { ... on Error { logout: code a: code } } }'],
])('Not refused: %s', (_what, document) => {
  expect(complaints(document)).toEqual([]);
});

test('A document with fragments in a circle, or of unknown name, ends', () => {
  expect(complaints('mutation { ...F } fragment F on Mutation { ...F ...G }')).toEqual([]);
});

test('Fragments that spread each other twice cost no more than their length', () => {
  const depth = 60;
  const fragments = Array.from(
    { length: depth },
    (_, index) => `fragment F${index} on Mutation { ...F${index + 1} ... { ...F${index + 1} } }`,
  );
  const document = `mutation { ...F0 } ${fragments.join(' ')} fragment F${depth} on Mutation { ${FIELD} }`;
  expect(complaints(document)).toEqual([]);
});
