import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import {
  buildSchema,
  execute,
  type GraphQLFieldResolver,
  isAbstractType,
  isObjectType,
  parse,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../src/http/compiled/compile.ts';
import { rowsAsPromises } from '../../src/schema/rows-as-promises.ts';

/** How a field ends: a `leaf` is a value that its scalar refuses, a `shape` no list where one has to be. */
const ENDS = {
  fine: (value: unknown) => value,
  'fine, late': (value: unknown) => nextTurn(value),
  throws: () => {
    throw new Error('at once');
  },
  rejects: () => Promise.reject(new Error('as a promise')),
  'rejects late': () => nextTurn().then(() => Promise.reject(new Error('late'))),
  null: () => null,
  'null late': () => nextTurn(null),
  leaf: () => 2 ** 31,
  'leaf late': () => nextTurn(2 ** 31),
  shape: () => ({}),
} as const;
type End = keyof typeof ENDS;

/** A resolver that throws gives no list at all: of the rows that it gives, some may be promises, which are rejected. */
const asRow = (end: End, value: unknown) => ENDS[end === 'throws' ? 'rejects' : end](value);

interface Row {
  readonly kind: 'Card' | 'Transfer';
  readonly number: End;
  readonly rows: End;
}

/** Lists of each kind: of objects, of an interface, of a union, of numbers; given at once, as a promise, as promises. */
const schema = (() => {
  const built = buildSchema(`
    interface Row { number: Int! rows: [Card!]! }
    type Card implements Row { number: Int! rows: [Card!]! }
    type Transfer implements Row { number: Int! rows: [Card!]! }
    union Either = Card | Transfer
    type Query { objects: [Card!]! faces: [Row!]! nullable: [Row] later: [Either!]! promises: [Either!] numbers: [Int!] }
  `);
  const resolvers: Record<string, GraphQLFieldResolver<unknown, unknown>> = {
    'Query.objects': (rows) => rows,
    'Query.faces': (rows) => rows,
    'Query.nullable': (rows) => rows,
    'Query.later': (rows) => nextTurn(rows),
    'Query.promises': (rows) => (rows as Row[]).map((row) => asRow(row.rows, row)),
    'Query.numbers': (rows) => (rows as Row[]).map((row) => asRow(row.number, 1)),
  };
  for (const type of Object.values(built.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = ({ kind }: Row) => kind;
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const ofRow = (row: Row) =>
        field.name === 'number' ? ENDS[row.number](1) : ENDS[row.rows]([{ kind: 'Card', number: row.rows }]);
      field.resolve =
        resolvers[`${type.name}.${field.name}`] ?? (ofRow as GraphQLFieldResolver<unknown, unknown>);
    }
  }
  return rowsAsPromises(built);
})();

const forgotten: unknown[] = [];
const forget = (reason: unknown) => forgotten.push(reason);
beforeAll(() => process.on('unhandledRejection', forget));
afterAll(() => process.off('unhandledRejection', forget));

const end = fc.constantFrom(...(Object.keys(ENDS) as End[]));
const rows = fc.array(
  fc.record({ kind: fc.constantFrom('Card' as const, 'Transfer' as const), number: end, rows: end }),
  { maxLength: 5 },
);
const LISTS = [
  'objects { number rows { number } }',
  'faces { rows { number } number }',
  'nullable { number ... on Card { rows { number } } }',
  'later { ... on Card { number } ... on Transfer { rows { number } } }',
  'promises { ... on Card { rows { number } } ... on Transfer { number } }',
  'numbers',
];
const selections = fc.subarray(LISTS, { minLength: 1 });
/** Null in the place of a Boolean that may not be null, as a default lets it come. */
const directive = fc.constantFrom('', '@include(if: $given)');

/** Until whatever was begun has ended, and Node.js has looked for what nothing awaits. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
}

test('however the rows of a list end, none is awaited by nothing, and both executors give the same data', async () => {
  await fc.assert(
    fc.asyncProperty(rows, selections, directive, async (rootValue, lists, condition) => {
      forgotten.length = 0;
      const query = `query ($given: Boolean = true) { ${lists.join(' ').replaceAll(/\bnumbers?\b/g, `$& ${condition}`)} }`;
      const selection = `{ ${lists.join(' ')} }`;
      const document = parse(condition ? query : selection);
      const plain = await execute({ schema, document, rootValue, variableValues: { given: null } });
      await settled();
      expect(forgotten).toEqual([]);
      if (condition) return;
      const compiled = compile(schema, document)?.bind({});
      if (!compiled) throw new Error('not compiled');
      const { data } = await compiled({ schema, document, rootValue });
      await settled();
      expect(forgotten).toEqual([]);
      expect(JSON.stringify(data)).toBe(JSON.stringify(plain.data));
    }),
    { numRuns: 500 },
  );
});
