import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANONYMOUS } from '../../src/auth/viewer.ts';
import { unauthenticated } from '../../src/domain/errors.ts';
import { createErrorMask } from '../../src/http/errors.ts';
import { createGraphQL, type GraphQLOptions } from '../../src/http/graphql.ts';
import { graphqlRoute } from '../../src/http/graphql-route.ts';
import { guard } from '../../src/http/guard.ts';
import { createPreparedDocuments } from '../../src/http/prepared.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { Share } from '../../src/loaders/share.ts';
import { schema } from '../../src/schema/index.ts';

/** What Yoga was given to answer, in place of what the route answers by itself. */
let toYoga = 0;
let executed = 0;
let http: HttpServer;
let url: string;

beforeAll(async () => {
  const options: GraphQLOptions = {
    schema,
    authenticate: async () => ANONYMOUS,
    addressOf: () => '192.0.2.1',
    limits: { count: () => {} },
    mask: createErrorMask(createLogger('silent'), { suggestions: true }),
    sessions: { get: async () => null },
    sources: {
      share: new Share(systemClock),
      bongloy: null,
      casso: null,
      credential: () => unauthenticated(),
      // The operations below ask for none of them.
      services: {} as GraphQLOptions['sources']['services'],
    },
    prepared: createPreparedDocuments(),
    plugins: [
      {
        onExecute() {
          executed += 1;
        },
      },
    ],
    streamPlaces: {},
    introspection: true,
    showUpstream: false,
    trustedDocuments: null,
    costLimit: 100,
    depthLimit: 10,
  };
  const graphql = createGraphQL(options);
  const counted = new Proxy(graphql, {
    get(target, name) {
      if (name === 'handle') toYoga += 1;
      return Reflect.get(target, name) as unknown;
    },
  });
  const answer = graphqlRoute(counted, options);
  http = createHttpServer(
    {
      '/graphql': (request: IncomingMessage, response: ServerResponse, requestId: string) =>
        guard(request, response, []) ? undefined : answer(request, response, requestId),
    },
    { onError: (error) => expect.fail(String(error)) },
    { headersWithin: 5000, requestWithin: 5000, keepAlive: 5000 },
  );
  const { port } = await http.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${port}/graphql`;
});
afterAll(() => http.close(0));

const QUERY = 'query Own($id: ID = "no id") { viewer { kind } node(id: $id) { id } }';

async function post(body: object, accept = 'application/json') {
  const before = { toYoga, executed };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { text, toYoga: toYoga - before.toYoga, executed: executed - before.executed };
}

test('a query is answered by Yoga until it is compiled, and by the route from then on', async () => {
  for (const byYoga of [1, 1, 1, 0, 0]) expect((await post({ query: QUERY })).toYoga).toBe(byYoga);
});

test.each<[string, object, string?]>([
  ['variables and a name', { variables: { id: 'none' }, operationName: 'Own' }],
  ['null in their place', { variables: null, operationName: null, extensions: null }],
  ['a name that is empty', { operationName: '' }],
  ['what a client says of itself', { extensions: { clientLibrary: { name: 'x' } } }],
  ["GraphQL's own type", {}, 'application/graphql-response+json'],
  ['a type of two', {}, 'text/event-stream, application/json'],
])('the route answers %s', async (_what, others, accept) => {
  expect(await post({ query: QUERY, ...others }, accept)).toMatchObject({ toYoga: 0, executed: 1 });
});

test.each<[string, object, number, string?]>([
  ['a stream', {}, 1, 'text/event-stream'],
  ['a parameter that there is not', { other: 1 }, 0],
  ['another name', { operationName: 'Other' }, 0],
  ['a name that is no text', { operationName: 1 }, 0],
  ['variables that are a list', { variables: [] }, 0],
  ['extensions that are a list', { extensions: [] }, 0],
  ['a document that is no text', { query: 7 }, 0],
  ['a document that never came', { query: `${QUERY} ` }, 1],
  // It is not run again to be told.
  ['a variable of another type', { variables: { id: {} } }, 1],
])('Yoga answers %s', async (_what, others, runs, accept) => {
  const { toYoga: byYoga, executed: ran } = await post({ query: QUERY, ...others }, accept);
  expect([byYoga, ran]).toEqual([1, runs]);
});

test.each([
  ['with a directive', 'query ($with: Boolean = true) { viewer { kind @include(if: $with) } }'],
  ['of the schema itself', '{ __schema { queryType { name } } }'],
  ['of several operations', 'query Own { viewer { kind } } query Other { viewer { kind } }'],
])('Yoga answers a document %s each time', async (_what, query) => {
  for (let time = 1; time <= 5; time += 1) {
    const operationName = query.includes('Own') ? 'Own' : undefined;
    expect((await post({ query, operationName })).toYoga).toBe(1);
  }
});

test('a text that begins in the name of the operation is not the text that is prepared', async () => {
  const [name, ...rest] = QUERY.split(' ');
  expect(await post({ query: rest.join(' '), operationName: name })).toMatchObject({
    toYoga: 1,
    executed: 0,
  });
});
