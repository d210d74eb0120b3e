import fc from 'fast-check';
import { GRAPHIQL_TABS } from '../../../src/http/graphiql-tabs.ts';

/** Documents that are well formed, to be damaged. */
const GOOD = [
  ...GRAPHIQL_TABS.map(({ query }) => query),
  '{ viewer { kind linkedProviders expiresAt } }',
  'query ($n: Int = 3, $a: String) { bankTransactions(first: $n, after: $a) { edges { cursor node { id amount { formatted(locale: "vi-VN") } } } totalCount pageInfo { endCursor } } }',
  'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on BankAccount { accountNumber } ... on MoneyMovement { direction } } }',
  '{ bankTransactionEvents(first: 5, filter: { direction: CREDIT, minimumAmount: 1 }) { nodes { cursor bankTransaction { ...R } } } } fragment R on BankTransaction { reference }',
  'mutation ($i: AuthenticateCardholderInput!) { authenticateCardholder(input: $i) { __typename ... on Error { code message } } }',
  '{ __schema { types { name fields { name type { name ofType { name } } } } } __type(name: "Money") { name } }',
];

const PIECES = [
  ...'{ } ( ) [ ] : ! $ @ | & = , " # \\'.split(' '),
  '\n',
  '\t',
  '...',
  '"""',
  ' on ',
  'fragment ',
  'query ',
  'mutation ',
  'subscription ',
  '__typename',
  '__schema',
  '__proto__',
  'constructor',
  '@skip(if: true)',
  '@include(if: $x)',
  '@deprecated',
  '@aa@aa',
  'null',
  'true',
  '1e999',
  '-0',
  '0x1',
  '99999999999999999999',
  '"\\u0000"',
  '"\\uD800"',
  '\u0000',
  '\uFEFF',
  '\uD800',
  '🐉',
  '"x',
  '$$',
  'first: -1',
  'first: 1000000',
  'after: "x"',
  'id: "QWNjb3VudDox"',
  'node(id: "x") { id }',
  '... @defer { a }',
  '... { viewer { kind } }',
] as const;

const damaged = fc
  .tuple(
    fc.constantFrom(...GOOD),
    fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom(...PIECES)), { minLength: 1, maxLength: 6 }),
  )
  .map(([text, cuts]) =>
    cuts.reduce((damagedText, [at, length, piece]) => {
      const from = at % (damagedText.length + 1);
      return damagedText.slice(0, from) + piece + damagedText.slice(from + length);
    }, text),
  );

const soup = fc
  .array(fc.constantFrom(...PIECES, 'viewer', 'kind', 'nodes', 'bankAccounts', 'id'), { maxLength: 200 })
  .map((p) => p.join(' '));

/** Small ways to ask for much. */
const bombs = fc.tuple(fc.integer({ min: 1, max: 400 }), fc.nat(9)).map(([n, kind]) => {
  const many = (text: (i: number) => string) => Array.from({ length: n }, (_, i) => text(i)).join(' ');
  switch (kind) {
    case 0:
      return `${'{ a '.repeat(n)}${'}'.repeat(n)}`;
    case 1:
      return `{ ${many((i) => `a${i}: bankTransactions(first: 100) { nodes { id } }`)} }`;
    case 2:
      return `{ viewer { ...F0 } } ${many((i) => `fragment F${i} on Viewer { kind ...F${i + 1} ...F${i + 1} }`)}`;
    case 3:
      return `{ viewer { ...F0 } } ${many((i) => `fragment F${i} on Viewer { ...F${(i + 1) % n} }`)}`;
    case 4:
      return `{ viewer { kind ${'@include(if: true)'.repeat(n)} } }`;
    case 5:
      return `query (${many((i) => `$v${i}: [[[Int]]]`)}) { viewer { kind } }`;
    case 6:
      return `{ nodes(ids: ${'['.repeat(n)}${']'.repeat(n)}) { id } }`;
    case 7:
      return `{ ${many(() => 'viewer { kind }')} }`;
    case 8:
      return many((i) => `query Q${i} { viewer { kind } }`);
    default:
      return `{ __schema { ${many((i) => `t${i}: types { fields { args { type { ofType { name } } } } }`)} } }`;
  }
});

export const hostileDocument = fc.oneof(
  { weight: 6, arbitrary: damaged },
  { weight: 2, arbitrary: soup },
  { weight: 2, arbitrary: bombs },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);
export const goodDocument = fc.constantFrom(...GOOD);
