import * as fc from 'fast-check';
import { type DocumentNode, getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { keptPrices, type PriceOf } from '../../src/http/limits/kept-prices.ts';
import { schema } from '../../src/schema/index.ts';
import { randomQuery } from '../support/random-operation.ts';

const VALUES = {
  first: [0, 1, 100],
  last: [2],
  ID: ['QWNjb3VudDox', ''],
  String: ['', 'text', 'another text'],
  DateTime: ['2020-01-01T00:00:00Z'],
  Date: ['2020-01-01'],
  SafeInt: [0, 50_000],
};

/** What clients put into a variable, of whatever type it is. */
const GIVEN = [
  undefined,
  null,
  0,
  1,
  3,
  100,
  -1,
  1.5,
  '',
  'text',
  'other',
  '3',
  true,
  false,
  [],
  ['text'],
  {},
];

const priced = (priceOf: PriceOf, document: DocumentNode, variableValues: Record<string, unknown>) =>
  priceOf({ schema, document, variableValues });

const namesOf = (document: DocumentNode): string[] =>
  getOperationAST(document)?.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];

test('the price of an operation that comes again is the one that it would have if it came for the first time', () => {
  fc.assert(
    fc.property(fc.gen(), (draw) => {
      const { query, variables } = randomQuery(draw, { schema, values: VALUES, depth: 4, directives: true });
      const document = parse(query);
      const kept = keptPrices();
      for (let time = 0; time < 12; time += 1) {
        const changed = namesOf(document).map((name) => [
          name,
          draw(fc.nat, { max: 2 }) === 0 ? variables[name] : draw(fc.constantFrom, ...GIVEN),
        ]);
        const given = Object.fromEntries(changed);
        expect(priced(kept, document, given)).toEqual(priced(keptPrices(), document, given));
      }
    }),
    { numRuns: 150 },
  );
});

test('however many different pages are asked for, each has its own price', () => {
  const document = parse('query ($n: Int) { transactions(first: $n) { nodes { id } } }');
  const kept = keptPrices();
  for (const round of [1, 2]) {
    for (let n = 1; n <= 400; n += 1) {
      expect([round, priced(kept, document, { n })]).toEqual([round, priced(keptPrices(), document, { n })]);
    }
  }
});

test('the operation that is named is the one that is priced', () => {
  const document = parse('query A { viewer { kind } } query B { transactions { nodes { id } } }');
  const kept = keptPrices();
  for (const operationName of ['A', 'B', 'A', 'B', 'C']) {
    const args = { schema, document, operationName };
    expect(kept(args)).toEqual(keptPrices()(args));
  }
  expect(kept({ schema, document, operationName: 'A' })?.calls).toBe(0);
  expect(kept({ schema, document, operationName: 'B' })?.calls).toBeGreaterThan(0);
});
