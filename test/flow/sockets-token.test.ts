import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type ClientOptions, createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { connect } from '../support/ws-client.ts';

const PAGES = 'https://app.example.com';
let gateway: Gateway;
let token: string;
let other: string;
beforeAll(async () => {
  gateway = await startGateway({ env: { CORS_ORIGINS: PAGES } });
  [token, other] = [await gateway.logIn(), await gateway.logIn()];
});
afterAll(() => gateway.stop());

interface Socket {
  readonly client: ReturnType<typeof createClient>;
  /** How many sockets it has opened. */
  opened(): number;
}

/** The client of graphql-ws as it comes; only its waits are short. @param headers of the upgrade request. */
function stockClient(headers: Record<string, string> = {}, options: Partial<ClientOptions> = {}): Socket {
  let opened = 0;
  class Upgrade extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { headers });
      opened += 1;
    }
  }
  const client = createClient({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: Upgrade,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    ...options,
  });
  return { client, opened: () => opened };
}

/** Who the gateway takes it for. @throws the error or the close event that its sink got. */
async function whoIs({ client }: Socket): Promise<string> {
  try {
    const { value } = await client
      .iterate<{ viewer: { kind: string } }>({ query: '{ viewer { kind } }' })
      .next();
    return value.data.viewer.kind;
  } finally {
    await client.dispose();
  }
}

const bearer = (value: string) => `Bearer ${value}`;

describe('a socket is of the session whose token it names', () => {
  test.each<[string, () => Record<string, string>, () => Record<string, unknown>]>([
    ['in connection_init', () => ({}), () => ({ authorization: bearer(token) })],
    ['there in capitals', () => ({}), () => ({ Authorization: bearer(token) })],
    [
      'there below headers',
      () => ({}),
      () => ({ headers: { Authorization: bearer(token) }, apollo: { id: 1 } }),
    ],
    ['in the headers of its upgrade', () => ({ authorization: bearer(token) }), () => ({})],
    [
      'in all places',
      () => ({ Authorization: `bearer ${token}` }),
      () => ({ authorization: bearer(token), headers: { authorization: bearer(token) } }),
    ],
    [
      'beside the password of a proxy',
      () => ({ authorization: 'Basic dTpw' }),
      () => ({ authorization: bearer(token) }),
    ],
    ['from our own pages', () => ({ authorization: bearer(token), origin: gateway.url }), () => ({})],
    ['from pages of CORS_ORIGINS', () => ({ authorization: bearer(token), origin: PAGES }), () => ({})],
  ])('%s', async (_where, headers, connectionParams) => {
    expect(await whoIs(stockClient(headers(), { connectionParams }))).toBe('SESSION');
  });

  test('and of no viewer without one, whatever password a proxy wants', async () => {
    expect(await whoIs(stockClient())).toBe('ANONYMOUS');
    expect(await whoIs(stockClient({ authorization: 'Basic dTpw' }))).toBe('ANONYMOUS');
    expect(await whoIs(stockClient({}, { connectionParams: { headers: {} } }))).toBe('ANONYMOUS');
  });

  test.each<[string, () => Record<string, string>, () => Record<string, unknown>]>([
    [
      'upgrade and connection_init',
      () => ({ authorization: bearer(token) }),
      () => ({ authorization: bearer(other) }),
    ],
    [
      'connection_init and its headers',
      () => ({}),
      () => ({ authorization: bearer(token), headers: { authorization: bearer(other) } }),
    ],
    ['two letter cases', () => ({}), () => ({ Authorization: bearer(token), authorization: bearer(other) })],
    [
      'two letter cases below headers',
      () => ({}),
      () => ({ headers: { AUTHORIZATION: bearer(token) }, Headers: { authorization: bearer(other) } }),
    ],
    [
      'a token and none that can be read',
      () => ({ authorization: bearer(token) }),
      () => ({ authorization: 7 }),
    ],
  ])(
    'and refused, for good and in words, when two places differ: %s',
    async (_where, headers, connectionParams) => {
      const socket = stockClient(headers(), { connectionParams });
      await expect(whoIs(socket)).rejects.toMatchObject({
        code: 4400,
        reason: 'Two different tokens came: send one',
      });
      expect(socket.opened()).toBe(1);
    },
  );

  test.each(['Token', 'bearer:', 'JWT', ''])(
    'and refused when the upgrade has a token of no scheme that is known here: %j',
    async (scheme) => {
      const socket = stockClient({ authorization: `${scheme} ${token}`.trim() });
      await expect(whoIs(socket)).rejects.toMatchObject({ code: 4401 });
      expect(socket.opened()).toBe(1);
    },
  );

  test('which no page of another site can make a browser or a proxy present', async () => {
    for (const origin of ['https://evil.example', 'null']) {
      const sent = request(`${gateway.url}/graphql`, {
        headers: {
          origin,
          authorization: bearer(token),
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          'sec-websocket-protocol': 'graphql-transport-ws',
        },
      });
      sent.end();
      const [response] = await once(sent, 'response');
      expect(response.statusCode).toBe(403);
      expect(JSON.parse(await text(response)).errors[0].extensions.code).toBe('FORBIDDEN');
    }
  });
});

describe('the client of graphql-ws as it comes', () => {
  test.each([
    ['connection_init', {}, { connectionParams: { authorization: 'Bearer wrong' } }],
    ['the upgrade', { authorization: 'Bearer wrong' }, {}],
  ])('tells at once that the token in %s is not valid', async (_where, headers, options) => {
    const socket = stockClient(headers, options);
    await expect(whoIs(socket)).rejects.toMatchObject({
      code: 4401,
      reason: 'The token is not valid, or no longer: log in again.',
    });
    expect(socket.opened()).toBe(1);
  });

  test('tells at once that the session has ended', async () => {
    const mine = await gateway.logIn();
    const socket = stockClient({}, { connectionParams: { authorization: bearer(mine) } });
    const connected = new Promise((resolve) => socket.client.on('connected', resolve));
    const ended = new Promise((resolve) => {
      const query = 'subscription { activityEvents { __typename } }';
      socket.client.subscribe({ query }, { next() {}, complete: () => resolve('completed'), error: resolve });
    });
    await connected;
    await gateway.ask('mutation { logout { __typename } }', {}, mine);
    expect(await ended).toMatchObject({ code: 4401 });
    expect(socket.opened()).toBe(1);
    await socket.client.dispose();
  });

  test('comes again when there were too many sockets, and is let in when one has closed', async () => {
    const mine = await gateway.logIn();
    const full = await Promise.all(Array.from({ length: 100 }, () => connect(gateway.url, mine)));
    const closings: unknown[] = [];
    const socket = stockClient(
      {},
      {
        connectionParams: { authorization: bearer(mine) },
        on: {
          closed: (event) => {
            closings.push((event as { code: number }).code);
            void full.pop()?.close();
          },
        },
      },
    );
    expect(await whoIs(socket)).toBe('SESSION');
    expect(closings[0]).toBe(1013);
    await Promise.all(full.map((client) => client.close()));
  });
});
