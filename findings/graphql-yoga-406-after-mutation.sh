#!/usr/bin/env bash
# graphql-yoga 5.24.1 (graphql 16.15.0, Node.js 20): content negotiation comes after the execution.
# Expected: a request whose Accept header names no type that can be answered is refused with 406 before a mutation runs.
# Observed: the mutation runs; then the answer is 406 with an empty body, so that its result is lost.
# Exits 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund graphql@16.15.0 graphql-yoga@5.24.1
cat >try.mjs <<'JS'
import { createSchema, createYoga } from 'graphql-yoga';
let runs = 0;
const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: 'type Query { a: Int } type Mutation { add: Int }',
    resolvers: { Mutation: { add: () => ++runs } },
  }),
});
const response = await yoga.fetch('http://localhost/graphql', {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'text/html' },
  body: JSON.stringify({ query: 'mutation { add }' }),
});
const body = await response.text();
console.log(`status ${response.status}, body ${JSON.stringify(body)}, the mutation ran ${runs} time(s)`);
process.exit(response.status === 406 && body === '' && runs === 1 ? 0 : 1);
JS
node try.mjs
