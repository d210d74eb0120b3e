import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Gateway, startGateway } from '../support/gateway.ts';

const ALLOWED = 'https://app.example.com';
const QUERY = '{"query":"{ viewer { kind } }"}';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    env: { CORS_ORIGINS: `${ALLOWED},capacitor://localhost,tauri://localhost,http://tauri.localhost` },
    waits: { headersWithin: 500, requestWithin: 1_500 },
  });
});
afterAll(() => gateway.stop());

/** A connection by hand, and all that comes back on it until it is closed. */
async function bare(): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connectTcp(Number(new URL(gateway.url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, answer: once(socket, 'close').then(() => text) };
}

describe('a client that is slow on purpose is sent away', () => {
  test('with its headers, which it sends one by one', async () => {
    const { socket, answer } = await bare();
    socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\n');
    const drip = setInterval(() => socket.write('X-A: b\r\n'), 50);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  test('with its body, which it sends byte by byte', async () => {
    const { socket, answer } = await bare();
    socket.write(
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
    );
    const drip = setInterval(() => socket.write(' '), 50);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  test('with a first request that never comes', async () => {
    const { answer } = await bare();
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a hundred of them keep nobody else waiting', async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, bare));
    for (const { socket } of slow) socket.write('GET /graphql HTTP/1.1\r\nHost: x\r\n');
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    await Promise.all(slow.map(({ answer }) => answer));
  });
});

test.each([
  ['one header of 20 KB', `X-A: ${'a'.repeat(20_000)}\r\n`],
  ['five thousand headers', 'X-A: b\r\n'.repeat(5_000)],
  ['a cookie of a megabyte', `Cookie: ${'a=b; '.repeat(200_000)}\r\n`],
])('A flood of headers is answered 431: %s', async (_what, headers) => {
  const { socket, answer } = await bare();
  socket.write(`GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
  expect(await answer).toMatch(/^HTTP\/1\.1 431 /);
});

test('An address of 20 KB is answered 431', async () => {
  const { socket, answer } = await bare();
  socket.write(`GET /graphql?query=${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(await answer).toMatch(/^HTTP\/1\.1 431 /);
});

test.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'])(
  'A body that is compressed (%s) is refused with 415 and never unpacked',
  async (encoding) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      body: gzipSync(QUERY),
    });
    expect(response.status).toBe(415);
    expect((await response.json()).errors).toEqual([
      {
        message: 'The body is encoded. Send it as it is, without Content-Encoding.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  },
);

describe('from a page of another site', () => {
  const send = (method: string, headers: Record<string, string>) =>
    fetch(`${gateway.url}/graphql${method === 'GET' ? '?query=%7Bviewer%7Bkind%7D%7D' : ''}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'POST' && { body: QUERY }),
    });

  test.each(['GET', 'POST'])('%s is refused, whatever the page makes the browser send', async (method) => {
    for (const site of ['cross-site', 'same-site', 'CROSS-SITE', 'cross-site, same-origin']) {
      for (const mode of ['no-cors', 'cors', 'websocket']) {
        const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode, origin: 'https://evil.example' };
        expect((await send(method, headers)).status).toBe(403);
      }
    }
  });

  test.each(['GET', 'POST'])('%s is answered where CORS_ORIGINS names its origin', async (method) => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: ALLOWED };
    const response = await send(method, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each(['capacitor://localhost', 'tauri://localhost', 'http://tauri.localhost'])(
    'a page of an app is answered where CORS_ORIGINS names it: %s',
    async (origin) => {
      const response = await send('POST', {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'cors',
        origin,
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    },
  );

  test('the permission that a browser asks for in advance is given to these origins alone', async () => {
    const ask = (origin: string) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type, authorization',
        },
      });
    const given = await ask(ALLOWED);
    expect(given.headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(given.headers.get('access-control-allow-headers')).toBe('content-type, authorization');
    for (const origin of [
      'https://evil.example',
      `${ALLOWED}.evil.example`,
      'null',
      'http://app.example.com',
    ]) {
      const response = await ask(origin);
      expect(response.headers.get('access-control-allow-origin'), origin).toBeNull();
    }
  });

  test('a link to GraphiQL may be followed', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      headers: { accept: 'text/html', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });
});

describe('a socket', () => {
  const open = async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: true,
    });
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    return { socket, closed: once(socket, 'close').then(([code]) => code as number) };
  };

  test('is never compressed, so nothing that is sent can grow when it is read', async () => {
    const { socket } = await open();
    expect(socket.extensions).toBe('');
    socket.terminate();
  });

  test('that floods messages is closed with 1013', async () => {
    const { socket, closed } = await open();
    for (let n = 0; n < 1_200; n += 1) socket.send('{"type":"ping"}');
    expect(await closed).toBe(1013);
  });

  test('that pings without end is closed with 1013', async () => {
    const { socket, closed } = await open();
    let pongs = 0;
    socket.on('pong', () => {
      pongs += 1;
      if (pongs % 10 === 0) for (let n = 0; n < 10; n += 1) socket.ping();
    });
    for (let n = 0; n < 10; n += 1) socket.ping();
    expect(await closed).toBe(1013);
    expect(pongs).toBeGreaterThan(900);
  });

  test('that sends 900 messages in ten seconds is served', async () => {
    const { socket } = await open();
    let pongs = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('message', () => {
        pongs += 1;
        if (pongs === 900) resolve();
      });
    });
    for (let n = 0; n < 900; n += 1) socket.send('{"type":"ping"}');
    await all;
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  test('that sends a message in many pieces is held to the size of the whole', async () => {
    const { socket, closed } = await open();
    for (let n = 0; n < 300; n += 1) socket.send('x'.repeat(1024), { fin: false });
    expect(await closed).toBe(1009);
  });
});

test.each(['variables=%7B', 'variables=x', 'extensions=%5B', 'variables=%7B&extensions=%7B'])(
  'Parameters that are no JSON are a mistake of the client: %s',
  async (parameters) => {
    const response = await fetch(`${gateway.url}/graphql?query=%7Bviewer%7Bkind%7D%7D&${parameters}`, {
      headers: { accept: 'application/graphql-response+json' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [
        {
          message: 'The parameters variables and extensions must hold JSON.',
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
  },
);
