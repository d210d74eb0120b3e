import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { MAX_JSON_NESTING } from '../../src/http/refusals.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { connect } from '../support/ws-client.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const KIND = '{ viewer { kind } }';
const ANSWER = { data: { viewer: { kind: 'ANONYMOUS' } } };
/** A variable that is not declared: lists inside each other, below the body's object and `variables`. */
const body = (levels: number, query = KIND) =>
  `{"query":${JSON.stringify(query)},"variables":{"x":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`;

async function post(text: string) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
  });
  return { status: response.status, body: await response.json() };
}

describe('a body that is nested too deep is refused before it is parsed', () => {
  const REFUSED = {
    status: 400,
    body: {
      errors: [
        {
          message: `The body is nested more than ${MAX_JSON_NESTING} deep; no operation needs that.`,
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    },
  };

  test('one level is one too many', async () => {
    expect((await post(body(MAX_JSON_NESTING))).body).toMatchObject(ANSWER);
    expect(await post(body(MAX_JSON_NESTING + 1))).toEqual(REFUSED);
  });

  test('half a million levels take no time, whether or not they close', async () => {
    const begun = performance.now();
    for (const text of [body(500_000), `{"variables":${'[{"a":'.repeat(150_000)}`, '['.repeat(1_000_000)]) {
      expect(await post(text)).toEqual(REFUSED);
    }
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test('brackets in a text are no levels', async () => {
    for (const text of ['['.repeat(10_000), `\\"${'{'.repeat(10_000)}`, '\\\\']) {
      const sent = JSON.stringify({ query: KIND, variables: { x: text, y: [[]] } });
      expect((await post(sent)).body).toMatchObject(ANSWER);
    }
  });

  test('a message of a socket closes it with 4400', async () => {
    for (const text of ['['.repeat(200_000), `{"type":"ping","payload":${body(MAX_JSON_NESTING)}}`]) {
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      const closed = new Promise((resolve) => {
        socket.on('close', resolve).on('open', () => socket.send(text));
      });
      expect(await closed).toBe(4400);
    }
  });
});

test('an empty operation name names no operation, over POST, GET and a socket', async () => {
  const query = 'query Kind { viewer { kind } }';
  const address = `query=${encodeURIComponent(query)}&operationName=`;
  const got = await fetch(`${gateway.url}/graphql?${address}`);
  expect(await got.json()).toMatchObject(ANSWER);
  expect((await post(JSON.stringify({ query, operationName: '' }))).body).toMatchObject(ANSWER);

  const socket = await connect(gateway.url);
  const feed = socket.subscribe(query, {}, '');
  expect(await feed.next()).toMatchObject(ANSWER);
  await socket.close();

  const two = await post(
    JSON.stringify({ query: `${query} query Other { viewer { kind } }`, operationName: '' }),
  );
  expect(two.body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test.each([
  ['query A { viewer { kind } }', 'B', /no operation of this operationName/],
  ['query A { viewer { kind } } query B { viewer { kind } }', undefined, /several operations.*operationName/],
  ['fragment F on Viewer { kind }', undefined, /no operation\. Send a query/],
])(
  'an operation that cannot be found is an error that says so, over POST and a socket: %s',
  async (query, name, words) => {
    const told = [{ message: expect.stringMatching(words), extensions: { code: 'BAD_USER_INPUT' } }];
    const { status, body } = await post(JSON.stringify({ query, operationName: name }));
    expect({ status, errors: body.errors }).toEqual({ status: 400, errors: told });

    const socket = await connect(gateway.url);
    await expect(socket.subscribe(query, {}, name).next()).rejects.toThrow(words);
    await socket.close();
  },
);

test.each(['[]', 'null', '7', '"x"', 'true'])('a body that is no object is refused: %s', async (text) => {
  const { status, body } = await post(text);
  expect(status).toBe(400);
  expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
