import fc from 'fast-check';
import { goodDocument } from './documents.ts';

const NASTY = [
  null,
  true,
  -1,
  0,
  101,
  1.5,
  2 ** 53,
  -(2 ** 63),
  1e308,
  '',
  'x',
  ' ',
  '__proto__',
  'constructor',
  '\u0000',
  '\uD800',
  '🐉'.repeat(50),
  'QWNjb3VudDox',
  'a'.repeat(20_000),
  '2026-02-30',
  '+855',
  `+${'1'.repeat(500)}`,
  'CREDIT',
  '../../etc/passwd',
  "' OR 1=1 --",
  '${7*7}',
  'javascript:alert(1)',
  'http://169.254.169.254/',
  '\r\nX: y',
  [],
  {},
  [[[[]]]],
  { __proto__: null },
  { toString: 1 },
  ['x', null],
  { id: { id: 1 } },
] as const;

const anything = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...NASTY) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
);
const NAMES = [
  'n',
  'a',
  'i',
  'ids',
  'after',
  'first',
  'who',
  'proof',
  'business',
  'account',
  '__proto__',
  'constructor',
  'toString',
] as const;
const INPUT = [
  'phoneNumber',
  'accountIdentifier',
  'authToken',
  'cardholderVerificationId',
  'apiKey',
  'bankAccountNumber',
  'x',
] as const;

const object = (names: readonly string[], values: fc.Arbitrary<unknown>) =>
  fc
    .array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 5 })
    .map((pairs) => Object.fromEntries(pairs));

const variables = object(NAMES, fc.oneof(anything, object(INPUT, anything)));

/** Good documents with variables that are not, other parameters that are odd, and text that is no JSON. */
export const hostileBody = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ query: goodDocument, variables }).map((body) => JSON.stringify(body)),
  },
  {
    weight: 2,
    arbitrary: fc
      .record(
        {
          query: fc.oneof(goodDocument, anything),
          variables: anything,
          operationName: anything,
          extensions: anything,
          id: anything,
        },
        { requiredKeys: [] },
      )
      .map((body) => JSON.stringify(body)),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.constantFrom(
        '[]',
        '[{}]',
        'null',
        '7',
        '"x"',
        '{"query":',
        '['.repeat(5_000),
        `{"query":"{viewer{kind}}","variables":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}}`,
        '{"query":"{viewer{kind}}","query":7}',
        '{"__proto__":{"query":"{viewer{kind}}"}}',
        '\u0000',
        '{"query":"\\ud800"}',
      ),
      fc.string({ maxLength: 200 }),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    ),
  },
);
