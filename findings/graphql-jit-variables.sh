#!/usr/bin/env bash
# graphql-jit 0.8.9 (graphql 16.15.0, Node.js 20): a compiled query coerces variables and arguments in its own way.
# Expected: the same data as graphql-js gives for the same query and variables.
# Observed, each on valid input:
# - a variable of a non-null type with a default is refused when it is left out, although the default stands for it;
# - the default of a scalar that parses to an object (a Date) reaches the resolver as text;
# - an absent variable within an input object, or a list, becomes null where graphql-js leaves the member out.
# Exits 0 while all of that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund graphql@16.15.0 graphql-jit@0.8.9
cat >try.mjs <<'JS'
import { createRequire } from 'node:module';
// The same copy of graphql as graphql-jit has.
const { buildSchema, execute, parse } = createRequire(import.meta.url)('graphql');
const { compileQuery } = createRequire(import.meta.url)('graphql-jit');
const schema = buildSchema(`
  scalar Moment
  input Filter { from: Int }
  type Query { one(n: Int!): String since(at: Moment): String rows(filter: Filter): String }
`);
schema.getType('Moment').parseValue = (text) => new Date(text);
schema.getType('Moment').parseLiteral = ({ value }) => new Date(value);
const resolvers = {
  one: (_, { n }) => String(n),
  since: (_, { at }) => at?.constructor.name,
  rows: (_, { filter }) => JSON.stringify(filter),
};
for (const [name, resolve] of Object.entries(resolvers)) schema.getQueryType().getFields()[name].resolve = resolve;
const queries = [
  'query ($n: Int! = 1) { one(n: $n) }',
  'query ($at: Moment = "2026-01-01T00:00:00Z") { since(at: $at) }',
  'query ($from: Int) { rows(filter: { from: $from }) }',
];
let same = 0;
for (const query of queries) {
  const document = parse(query);
  const plain = JSON.stringify(await execute({ schema, document }));
  const compiled = JSON.stringify(await compileQuery(schema, document).query({}, {}, {}));
  console.log(`${query}\n  graphql-js:  ${plain}\n  graphql-jit: ${compiled}`);
  if (plain === compiled) same += 1;
}
process.exit(same === 0 ? 0 : 1);
JS
node try.mjs
