import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const JSON_TYPE = { 'content-type': 'application/json' };
const send = (method: string, path: string, init: RequestInit = {}) =>
  fetch(`${gateway.url}${path}`, { method, ...init });
const get = (query: string, headers: Record<string, string> = {}) =>
  send('GET', `/graphql?query=${encodeURIComponent(query)}`, { headers });

/** A request whose headers alone are sent: what the gateway says before it has seen a body. */
function headersAlone(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${gateway.url}/graphql`, { method: 'POST', headers }, (response) => {
      resolve(response.statusCode ?? 0);
      sent.destroy();
    });
    sent.on('error', reject);
    sent.flushHeaders();
  });
}

describe('the process', () => {
  test('tells whether it is alive', async () => {
    const response = await send('GET', '/healthz');
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('tells whether it is able to serve', async () => {
    const response = await send('GET', '/readyz');
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }]);
  });

  test.each(['/', '/graphq', '/graphql/', '/healthz/live', '/constructor', '/__proto__', '//graphql'])(
    'says at %s where the API is',
    async (path) => {
      const response = await send('GET', path);
      expect(response.status).toBe(404);
      expect((await response.json()).errors).toEqual([
        { message: 'There is nothing here. The API is at /graphql.', extensions: { code: 'NOT_FOUND' } },
      ]);
    },
  );
});

describe('a connection', () => {
  test.each([
    ['for longer than load balancers keep theirs', {}, 'timeout=75'],
    ['for as long as KEEP_ALIVE_SECONDS says', { KEEP_ALIVE_SECONDS: '310' }, 'timeout=310'],
  ])('is kept for the next request %s', async (_how, env, told) => {
    const own = await startGateway({ env });
    expect((await fetch(`${own.url}/healthz`)).headers.get('keep-alive')).toBe(told);
    await own.stop();
  });
});

describe('a stream', () => {
  test('asks what lies between to hand on each part as it comes, and begins at once', async () => {
    const token = await gateway.logIn();
    const leaving = new AbortController();
    const response = await send('POST', '/graphql', {
      headers: { ...JSON_TYPE, accept: 'text/event-stream', authorization: `Bearer ${token}` },
      body: '{"query":"subscription { activityEvents { __typename } }"}',
      signal: leaving.signal,
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(response.headers.get('content-encoding')).toBeNull();
    const { value } = await (response.body as ReadableStream<Uint8Array>).getReader().read();
    expect(new TextDecoder().decode(value)).toBe(':\n\n');
    leaving.abort();
  });
});

describe('a body', () => {
  test('of 1 MiB is read', async () => {
    const query = '{ viewer { kind } }';
    const envelope = JSON.stringify({ query });
    const body = envelope.slice(0, -1) + ' '.repeat(1024 * 1024 - envelope.length) + envelope.slice(-1);
    const response = await send('POST', '/graphql', { headers: JSON_TYPE, body });
    expect(response.status).toBe(200);
  });

  test('that is larger is refused before it is sent', async () => {
    expect(await headersAlone({ ...JSON_TYPE, 'content-length': String(1024 * 1024 + 1) })).toBe(413);
  });

  test('that does not tell its length is refused before it is sent', async () => {
    expect(await headersAlone({ ...JSON_TYPE, 'transfer-encoding': 'chunked' })).toBe(411);
  });

  test.each([
    ['no JSON', '{"query":'],
    ['nothing', ''],
    ['JSON without a query', '{"variables":{}}'],
    ['JSON with something unknown beside the query', '{"query":"{ viewer { kind } }","sql":"DROP"}'],
    ['a text', '"{ viewer { kind } }"'],
    ['null', 'null'],
    ['a batch', '[{"query":"{ viewer { kind } }"}]'],
    ['a query that is no text', '{"query":{"viewer":true}}'],
    ['variables that are no object', '{"query":"{ viewer { kind } }","variables":"x"}'],
    ['a query that cannot be parsed', '{"query":"{ viewer { "}'],
    ['a field that does not exist', '{"query":"{ nothing }"}'],
  ])('that holds %s is answered 400 with BAD_USER_INPUT', async (_what, body) => {
    const headers = { ...JSON_TYPE, accept: 'application/graphql-response+json' };
    const response = await send('POST', '/graphql', { headers, body });
    expect(response.status).toBe(400);
    const { data, errors } = await response.json();
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test.each([
    ['text/plain', '{"query":"{ viewer { kind } }"}'],
    ['application/x-www-form-urlencoded', 'query={viewer{kind}}'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n{viewer{kind}}\r\n--x--',
    ],
    ['application/graphql', '{ viewer { kind } }'],
    ['', '{"query":"{ viewer { kind } }"}'],
  ])('of the type %j is refused: a page of another site could send the most of these', async (type, text) => {
    const response = await send('POST', '/graphql', {
      headers: type ? { 'content-type': type } : {},
      body: new TextEncoder().encode(text),
    });
    expect(response.status).toBe(415);
  });

  test('may tell its character set', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const response = await send('POST', '/graphql', { headers, body: '{"query":"{ viewer { kind } }"}' });
    expect(response.status).toBe(200);
  });
});

describe('a request', () => {
  test.each(['PUT', 'DELETE', 'PATCH', 'HEAD'])('with the method %s is refused', async (method) => {
    const response = await send(method, '/graphql');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
  });

  test('by GET may query', async () => {
    const response = await get('{ viewer { kind } }');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ data: { viewer: { kind: 'ANONYMOUS' } } });
  });

  test('by GET changes nothing', async () => {
    const token = await gateway.logIn();
    const headers = { authorization: `Bearer ${token}` };
    const response = await get('mutation { logout { __typename } }', headers);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await (await get('{ viewer { kind } }', headers)).json()).toMatchObject({
      data: { viewer: { kind: 'SESSION' } },
    });
  });
});

describe('a browser on another site', () => {
  let open: Gateway;
  beforeAll(async () => {
    open = await startGateway({
      env: { CORS_ORIGINS: 'https://app.example.com,https://office.example.com' },
    });
  });
  afterAll(() => open.stop());

  /** Who may read the answer, of the question whether it may ask and of the answer itself. */
  async function allowed(url: string, origin: string): Promise<(string | null)[]> {
    const preflight = { origin, 'access-control-request-method': 'POST' };
    const body = '{"query":"{ viewer { kind } }"}';
    const answers = [
      await fetch(`${url}/graphql`, { method: 'OPTIONS', headers: preflight }),
      await fetch(`${url}/graphql`, { method: 'POST', headers: { ...JSON_TYPE, origin }, body }),
    ];
    return answers.map(({ headers }) => headers.get('access-control-allow-origin'));
  }

  test.each(['https://app.example.com', 'https://office.example.com'])(
    'may ask from an origin of CORS_ORIGINS: %s',
    async (origin) => expect(await allowed(open.url, origin)).toEqual([origin, origin]),
  );

  test.each([
    'null',
    'https://evil.example',
    'https://app.example.com.evil.example',
    'http://app.example.com',
  ])('may not from %s', async (origin) => expect(await allowed(open.url, origin)).toEqual([null, null]));

  test('may not from anywhere when there are none', async () => {
    for (const origin of ['null', 'https://app.example.com']) {
      expect(await allowed(gateway.url, origin)).toEqual([null, null]);
    }
  });
});

describe('GraphiQL', () => {
  const page = (headers: Record<string, string> = {}, path = '/graphql') =>
    send('GET', path, { headers: { accept: 'text/html,*/*;q=0.8', ...headers } });

  test('is what a browser gets', async () => {
    const response = await page();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await response.text()).toContain('<title>Mekong</title>');
  });

  test('is what a browser gets when it is reloaded with a query in the address', async () => {
    const response = await page({}, '/graphql?query=%7Bviewer%7Bkind%7D%7D');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    await response.body?.cancel();
  });

  test('is sent once: the browser keeps it', async () => {
    const first = await page();
    await first.body?.cancel();
    const again = await page({ 'if-none-match': first.headers.get('etag') ?? '' });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('is not there when it is off', async () => {
    const production = await startGateway({ env: { NODE_ENV: 'production' } });
    const response = await fetch(`${production.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(406);
    await production.stop();
  });
});
