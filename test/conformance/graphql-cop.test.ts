import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

/** What graphql-cop (https://github.com/dolevf/graphql-cop) looks for, each as the promise that it finds nothing. */

const JSON_TYPE = { 'content-type': 'application/json' };
const QUERY = encodeURIComponent('{ __typename }');
const MUTATION = encodeURIComponent('mutation { __typename }');
const repeat = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

let production: Gateway;
let development: Gateway;
beforeAll(async () => {
  [production, development] = await Promise.all([
    startGateway({ env: { NODE_ENV: 'production' } }),
    startGateway(),
  ]);
});
afterAll(async () => {
  await Promise.all([production.stop(), development.stop()]);
});

describe.each([
  ['production', () => production],
  ['development', () => development],
])('In %s', (_profile, gateway) => {
  const url = () => `${gateway().url}/graphql`;

  test('an operation of 101 aliases is refused', async () => {
    const { data, errors } = await gateway().ask(`{ ${repeat(101, (n) => `alias${n}: __typename`)} }`);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
  });

  test('a field that is selected 500 times is refused', async () => {
    const { data, errors } = await gateway().ask(`{ ${repeat(500, () => '__typename')} }`);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
  });

  test('51 directives are refused, and one that nobody knows is one mistake, however often it is made', async () => {
    const ask = (count: number) => gateway().ask(`{ __typename ${'@aa'.repeat(count)} }`);
    expect((await ask(51)).errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    const { data, errors } = await ask(10);
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      {
        message: 'Unknown directive "@aa".',
        locations: Array.from({ length: 10 }, (_, n) => ({ line: 1, column: 14 + 3 * n })),
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  });

  test('a batch is refused as a whole', async () => {
    const body = JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ __typename }' })));
    const response = await fetch(url(), { method: 'POST', headers: JSON_TYPE, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [{ message: 'Batching is not supported.', extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  test("a query that goes round in the schema's own description is refused", async () => {
    const { data, errors } = await gateway().ask(
      `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} }'.repeat(4)} } } }`,
    );
    expect(data).toBeUndefined();
    expect(errors?.length).toBeGreaterThan(0);
  });

  test('fragments that spread each other are refused', async () => {
    const { data, errors } = await gateway().ask(
      '{ viewer { ...A } } fragment A on Viewer { kind ...B } fragment B on Viewer { ...A }',
    );
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ message: 'Cannot spread fragment "A" within itself via "B".' }]);
  });

  test('nothing is changed by GET', async () => {
    const response = await fetch(`${url()}?query=${MUTATION}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await response.json()).data).toBeUndefined();
  });

  test('a query by GET is answered, but to no page of another site', async () => {
    const ask = (headers: Record<string, string>) => fetch(`${url()}?query=${QUERY}`, { headers });
    expect((await (await ask({})).json()).data).toEqual({ __typename: 'Query' });
    // What a link, a form or an image sends has no origin.
    const foreign = [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://other.example' }] as const;
    for (const headers of [...foreign, { ...foreign[0], ...foreign[1] }]) {
      const response = await ask(headers);
      expect(response.headers.get('access-control-allow-origin'), JSON.stringify(headers)).toBeNull();
      if ('sec-fetch-site' in headers) expect(response.status).toBe(403);
    }
  });

  test.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, `query=${QUERY}`],
    [
      'a form that holds a mutation',
      { 'content-type': 'application/x-www-form-urlencoded' },
      `query=${MUTATION}`,
    ],
    ['a form of parts', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
    ['plain text', { 'content-type': 'text/plain' }, '{"query":"{ __typename }"}'],
    ['nothing, with the query in its address', {}, null],
  ] as const)('a POST of %s, as any page may send it, is refused unread', async (_what, headers, text) => {
    const body = text === null ? null : new TextEncoder().encode(text);
    const response = await fetch(`${url()}?query=${QUERY}`, { method: 'POST', headers, body });
    expect(response.status).toBe(415);
    expect(await response.text()).not.toContain('data');
  });

  test.each([
    ['a query', '{ __typename }'],
    ['a document that is no GraphQL', 'qwerty cop { abc }'],
    ['a field that is not there', '{ noSuchField }'],
    ['a value of the wrong type', '{ node(id: { a: 1 }) { id } }'],
    ['an id of nobody', '{ node(id: "x") { id } }'],
    ['a provider that cannot be asked', '{ cardholder { name } }'],
  ])(
    '%s is answered without traces, stacks or names of exceptions, also to who asks for them',
    async (_what, query) => {
      const response = await fetch(url(), {
        method: 'POST',
        headers: { ...JSON_TYPE, 'x-apollo-tracing': '1', 'apollo-federation-include-trace': 'ftv1' },
        body: JSON.stringify({ query }),
      });
      expect(response.status).toBe(200);
      const { data, errors, extensions } = await response.json();
      expect(data !== undefined || errors.length > 0).toBe(true);
      for (const name of ['tracing', 'exception', 'debug', 'ftv1', 'trace']) {
        expect(extensions ?? {}).not.toHaveProperty(name);
        for (const error of errors ?? []) expect(error.extensions).not.toHaveProperty(name);
      }
      expect(JSON.stringify({ errors, extensions })).not.toMatch(/stack|\.[jt]s:\d|node_modules|\w+Error\b/);
    },
  );

  test.each(['{"query":', '{"query":"{ __typename }",}', 'query'])(
    'a body that is no JSON is answered without traces, stacks or names of exceptions: %s',
    async (body) => {
      const response = await fetch(url(), { method: 'POST', headers: JSON_TYPE, body });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        errors: [
          {
            message: 'The body is not valid JSON. Send an object, such as {"query":"{ viewer { kind } }"}.',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      });
    },
  );

  test.each(['/graphiql', '/playground', '/console', '/altair', '/voyager', '/'])(
    'there is no page for developers at %s',
    async (path) => {
      const response = await fetch(gateway().url + path, { headers: { accept: 'text/html' } });
      expect(response.status).toBe(404);
      expect(await response.text()).not.toMatch(/<html|playground/i);
    },
  );
});

describe('In production alone', () => {
  test('there is no GraphiQL', async () => {
    const response = await fetch(`${production.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(406);
    expect(await response.text()).not.toContain('<html');
    const page = await fetch(`${development.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('<html');
  });

  test.each([
    ['its types', '{ __schema { types { name fields { name } } } }'],
    ['one of its types', '{ __type(name: "Query") { name fields { name } } }'],
    ['its directives', '{ __schema { directives { name } } }'],
  ])('the schema does not tell %s', async (_what, query) => {
    const { data, errors } = await production.ask(query);
    expect(data).toBeUndefined();
    expect(errors?.[0]?.message).toContain('introspection has been disabled');
    expect((await development.ask(query)).errors).toBeUndefined();
  });

  test('nothing is suggested for a name that is nearly right', async () => {
    for (const query of ['{ __schema { directive } }', '{ viewr { kind } }']) {
      const { errors } = await production.ask(query);
      expect(errors?.length).toBeGreaterThan(0);
      expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
      expect(JSON.stringify((await development.ask(query)).errors)).toMatch(/did you mean/i);
    }
  });

  test('an answer does not tell what was asked of the providers', async () => {
    const ask = async (gateway: Gateway) => (await gateway.ask('{ viewer { kind } }')).upstream;
    expect(await ask(production)).toBeUndefined();
    expect(await ask(development)).toEqual({ bongloy: 0, casso: 0 });
  });
});
