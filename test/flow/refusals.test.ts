import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANSWER_TYPES, REFUSALS, type Refusal } from '../../src/http/refusals.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { BROWSER, startBrowser } from '../support/browser.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { withNeeds } from '../support/needs.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const QUERY = '{"query":"{ viewer { kind } }"}';
const SUBSCRIPTION = '{"query":"subscription { activityEvents { __typename } }"}';
const MEGABYTE = 1024 * 1024;

/** A web app on an origin of its own: an empty page. */
const site = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html').end('<title>app</title>');
});
let origin: string;
let gateway: Gateway;
beforeAll(async () => {
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  gateway = await startGateway({
    env: { CORS_ORIGINS: `${origin},https://office.example.com`, GRAPHIQL: 'false' },
    waits: { headersWithin: 300 },
  });
});
afterAll(async () => {
  await gateway.stop();
  site.close();
  site.closeAllConnections();
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
interface AskedInBytes extends Omit<Asked, 'body'> {
  readonly body: Buffer;
}
type Name = keyof typeof REFUSALS;

/** What meets each refusal, as a page may send it. */
const BY_PAGES: Partial<Record<Name, Asked>> = {
  noQuery: { method: 'GET', path: '/graphql' },
  brokenJson: { headers: JSON_TYPE, body: `${QUERY}}` },
  noObject: { headers: JSON_TYPE, body: 'true' },
  tooDeep: { headers: JSON_TYPE, body: '['.repeat(1_000) },
  wrongPath: { path: '/graphq', headers: JSON_TYPE, body: QUERY },
  wrongMethod: { method: 'DELETE' },
  noType: { headers: { ...JSON_TYPE, accept: 'text/html' }, body: QUERY },
  noStream: { headers: { ...JSON_TYPE, accept: 'application/json' }, body: SUBSCRIPTION },
  bodyTooLarge: { headers: JSON_TYPE, body: `${QUERY}${' '.repeat(MEGABYTE)}` },
  notJson: { headers: { 'content-type': 'application/graphql' }, body: '{ viewer { kind } }' },
  encoded: { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: QUERY },
  headTooLarge: { method: 'GET', path: `/graphql?query=${'a'.repeat(20_000)}` },
};
/** And as it takes something else to send it. */
const BY_OTHERS: Partial<Record<Name, Asked>> = {
  foreignSite: { headers: { ...JSON_TYPE, 'sec-fetch-site': 'cross-site' }, body: QUERY },
  noLength: { headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, body: QUERY },
};
/** Where no head was read, there is no origin to answer. */
const WITHOUT_HEAD: Partial<Record<Name, string>> = {
  malformed: 'HELLO\r\n\r\n',
  tooSlow: 'GET /graphql HTTP/1.1\r\nHost: x\r\n',
  headTooLarge: `GET /graphql HTTP/1.1\r\nCookie: ${'a'.repeat(MEGABYTE)}\r\n\r\n`,
};

const entries = (table: Partial<Record<Name, Asked>>) => Object.entries(table) as [Name, Asked][];

/** As `fetch`, with any header at all. */
async function send({ method = 'POST', path = '/graphql', headers = {}, body }: Asked | AskedInBytes) {
  const sent = request(gateway.url, { path, method, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const bodyOf = (name: Name) => {
  const { code, message } = REFUSALS[name];
  return { errors: [{ message, extensions: { code } }] };
};

describe('a refusal', () => {
  test.each(entries({ ...BY_PAGES, ...BY_OTHERS }))('%s has words and a code', async (name, asked) => {
    const { status, headers, body } = await send(asked);
    expect([status, JSON.parse(body)]).toEqual([REFUSALS[name].status, bodyOf(name)]);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers).toMatchObject((REFUSALS[name] as Refusal).headers ?? {});
  });

  test.each(entries(WITHOUT_HEAD as Record<Name, Asked>) as unknown as [Name, string][])(
    '%s has words and a code, also where no request could be read',
    async (name, bytes) => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
      socket.on('error', () => {}).write(bytes);
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
      expect(head).toContain(`HTTP/1.1 ${REFUSALS[name].status} `);
      expect(JSON.parse(body)).toEqual(bodyOf(name));
    },
  );

  test('of a fault of ours has words and a code, and can be read by a page', async () => {
    const errors: unknown[] = [];
    const http = createHttpServer(
      { '/': () => Promise.reject(new Error('secret')) },
      { onError: (error) => errors.push(error), corsOrigins: [origin] },
      { headersWithin: 1_000, requestWithin: 1_000, keepAlive: 1_000 },
    );
    const { port } = await http.listen(0, '127.0.0.1');
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { origin } });
    expect([response.status, await response.json()]).toEqual([500, bodyOf('failed')]);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(errors).toMatchObject([{ message: 'secret' }]);
    await http.close(0);
  });

  test('is of a kind that this file tries', () => {
    const tried = new Set(['failed', ...Object.keys({ ...BY_PAGES, ...BY_OTHERS, ...WITHOUT_HEAD })]);
    expect([...tried].toSorted()).toEqual(Object.keys(REFUSALS).toSorted());
  });

  test('is sent as the type that a client of GraphQL over HTTP asks for', async () => {
    const accept = 'application/graphql-response+json, application/json;q=0.9';
    const { headers } = await send({ headers: { accept, 'content-type': 'text/plain' }, body: QUERY });
    expect(headers['content-type']).toBe('application/graphql-response+json; charset=utf-8');
  });
});

describe('every answer, to whatever request', () => {
  const OTHERS: Record<string, Asked> = {
    'a query': { headers: JSON_TYPE, body: QUERY },
    'no JSON': { headers: JSON_TYPE, body: '{' },
    'a wrong token': { headers: { ...JSON_TYPE, authorization: 'Bearer wrong' }, body: QUERY },
    health: { method: 'GET', path: '/readyz' },
    'a webhook that is none': { path: '/webhooks/casso', headers: JSON_TYPE, body: '{}' },
  };
  const asked = Object.entries({ ...BY_PAGES, ...BY_OTHERS, ...OTHERS });

  test.each(asked)('can be read by pages of CORS_ORIGINS, with its id: %s', async (_name, what) => {
    for (const named of [origin, 'https://office.example.com']) {
      // Browsers say where a page is from; it does not matter here.
      const { 'sec-fetch-site': _, ...headers } = { ...what.headers } as Record<string, string>;
      const answer = await send({ ...what, headers: { ...headers, origin: named } });
      expect(answer.headers['access-control-allow-origin']).toBe(named);
      expect(answer.headers.vary).toMatch(/\bOrigin\b/);
      expect(answer.headers['access-control-expose-headers']).toMatch(
        /X-Request-Id.*Retry-After.*WWW-Authenticate/,
      );
    }
  });

  test.each(asked)('can be read by no other page, and says that this depends: %s', async (_name, what) => {
    for (const named of [undefined, 'null', 'https://evil.example']) {
      const answer = await send({ ...what, headers: { ...what.headers, ...(named && { origin: named }) } });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers.vary).toMatch(/\bOrigin\b/);
    }
  });

  test('depends on no origin where no other may ask', async () => {
    const alone = await startGateway();
    const response = await fetch(`${alone.url}/graphql`, { headers: { origin } });
    expect(response.headers.get('vary')).toBeNull();
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    await alone.stop();
  });
});

withNeeds([BROWSER], () => {
  describe('a page in a browser', () => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await startBrowser();
      page = await browser.newPage();
      await page.goto(origin);
    });
    afterAll(() => browser.close());

    /** By `fetch` in that page. */
    const ask = (asked: Asked, url = gateway.url) =>
      page.evaluate(
        async ({ address, method, headers, body }) => {
          const response = await fetch(address, { method, headers, ...(body !== undefined && { body }) });
          return {
            status: response.status,
            body: await response.json(),
            requestId: response.headers.get('x-request-id'),
            retryAfter: response.headers.get('retry-after'),
            challenge: response.headers.get('www-authenticate'),
          };
        },
        {
          address: `${url}${asked.path ?? '/graphql'}`,
          method: asked.method ?? 'POST',
          headers: { ...asked.headers },
          body: asked.body,
        },
      );

    test.each(entries(BY_PAGES))('reads the refusal %s', async (name, asked) => {
      const answer = await ask(asked);
      expect([answer.status, answer.body]).toEqual([REFUSALS[name].status, bodyOf(name)]);
      expect(answer.requestId).toMatch(/^[\w-]{36}$/);
    });

    test('reads that its body was too large, however large it was', async () => {
      const answer = await page.evaluate(async (address) => {
        const body = new Blob(
          Array.from({ length: 40 }, () => ' '.repeat(1024 * 1024)),
          {
            type: 'application/json',
          },
        );
        const response = await fetch(address, { method: 'POST', body });
        return { status: response.status, body: await response.json() };
      }, `${gateway.url}/graphql`);
      expect(answer).toEqual({ status: 413, body: bodyOf('bodyTooLarge') });
    });

    test('reads that its token is not valid, and how to present one', async () => {
      const headers = { ...JSON_TYPE, authorization: 'Bearer wrong' };
      const answer = await ask({ headers, body: QUERY });
      expect(answer).toMatchObject({ status: 401, challenge: 'Bearer error="invalid_token"' });
      expect(answer.body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    });

    test('reads how long it has to wait', async () => {
      const busy = await startGateway({ env: { CORS_ORIGINS: origin, ANONYMOUS_REQUESTS_PER_MINUTE: '1' } });
      const asked = { headers: JSON_TYPE, body: QUERY };
      expect((await ask(asked, busy.url)).status).toBe(200);
      const answer = await ask(asked, busy.url);
      expect(answer.status).toBe(429);
      expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      await busy.stop();
    });

    test('asks for permission once, and not at every request', async () => {
      const asked: string[] = [];
      const counted = await startGateway({ env: { CORS_ORIGINS: origin } });
      const front = createServer((incoming, response) => {
        asked.push(incoming.method ?? '');
        const onwards = request(`${counted.url}${incoming.url}`, {
          method: incoming.method,
          headers: incoming.headers,
        });
        incoming.pipe(onwards);
        onwards.once('response', (answer) => {
          response.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(response);
        });
      });
      front.listen(0, '127.0.0.1');
      await once(front, 'listening');
      const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
      for (let n = 0; n < 3; n += 1)
        expect((await ask({ headers: JSON_TYPE, body: QUERY }, url)).status).toBe(200);
      expect(asked).toEqual(['OPTIONS', 'POST', 'POST', 'POST']);
      const { headers } = await send({
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      expect(Number(headers['access-control-max-age'])).toBeGreaterThan(600);
      front.close();
      front.closeAllConnections();
      await counted.stop();
    });

    test('that is opened where there is no GraphiQL says what this is', async () => {
      const tab = await browser.newPage();
      const response = await tab.goto(`${gateway.url}/graphql`);
      expect(response?.status()).toBe(400);
      expect(await tab.textContent('body')).toContain(REFUSALS.noQuery.message);
      await tab.close();
    });

    test('of another origin reads nothing', async () => {
      const stranger = await browser.newPage();
      await stranger.goto(origin.replace('127.0.0.1', 'localhost'));
      const outcome = await stranger.evaluate(
        (address) =>
          fetch(address).then(
            () => 'read',
            (error) => String(error),
          ),
        `${gateway.url}/graphql`,
      );
      expect(outcome).toBe('TypeError: Failed to fetch');
      await stranger.close();
    });
  });
});

describe('what no type that the client takes can say', () => {
  const mediaRange = fc.record({
    type: fc.constantFrom(
      ...ANSWER_TYPES,
      '*/*',
      'application/*',
      'text/*',
      'multipart/mixed',
      'text/html',
      'image/png',
      '*',
      'application',
      '',
      'APPLICATION/JSON',
    ),
    parameters: fc.array(
      fc.constantFrom(
        ';q=0',
        ';q=0.5',
        ';q=1',
        ';Q=0',
        ';q=x',
        ';charset=utf-8',
        '; charset=UTF-8',
        ';charset=utf8',
        ';charset="utf-8"',
        ';charset=iso-8859-1',
        ';xcharset=1',
        ';boundary=graphql;subscriptionSpec=1.0',
      ),
      { maxLength: 2 },
    ),
  });
  const accepts = fc
    .array(mediaRange, { maxLength: 4 })
    .map((ranges) => ranges.map(({ type, parameters }) => `${type}${parameters.join('')}`).join(', '));

  test('is never done: a mutation is refused with 406 before it runs, or answered', async () => {
    const statuses = new Set<number>();
    let token = await gateway.logIn();
    await fc.assert(
      fc.asyncProperty(accepts, async (accept) => {
        const authorization = `Bearer ${token}`;
        const { status, headers, body } = await send({
          headers: { ...JSON_TYPE, authorization, accept },
          body: '{"query":"mutation { logout { __typename } }"}',
        });
        statuses.add(status);
        const still = await gateway.ask('{ viewer { kind } }', {}, token);
        if (status === 406) {
          expect(JSON.parse(body)).toEqual(bodyOf('noType'));
          expect(headers['accept']).toBe(ANSWER_TYPES.join(', '));
          expect(still.data).toEqual({ viewer: { kind: 'SESSION' } });
        } else {
          expect(status).toBe(200);
          expect(body).toContain('LogoutPayload');
          expect(still.status).toBe(401);
          token = await gateway.logIn();
        }
      }),
      { numRuns: 40 },
    );
    expect(statuses).toEqual(new Set([200, 406]));
  });

  test.each([
    'application/json',
    'application/graphql-response+json, application/json;q=0.9',
    'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json',
    'text/event-stream;q=0, */*',
  ])('is not subscribed to, and the refusal says what to ask for: %s', async (accept) => {
    const { status, headers, body } = await send({ headers: { ...JSON_TYPE, accept }, body: SUBSCRIPTION });
    expect([status, headers['accept']]).toEqual([406, 'text/event-stream']);
    expect(JSON.parse(body)).toEqual(bodyOf('noStream'));
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).not.toMatch(/^mekong_subscriptions\{transport="sse"\} [1-9]/m);
  });

  test('is a stream, or refused in words, whatever Accept says', async () => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(accepts, async (accept) => {
        const { status, headers, body } = await send({
          headers: { ...JSON_TYPE, accept },
          body: SUBSCRIPTION,
        });
        statuses.add(status);
        if (status !== 406) {
          // Of a stream: who asks has no session.
          expect(body).toContain('"code":"UNAUTHENTICATED"');
          return;
        }
        const [{ message, extensions }] = JSON.parse(body).errors;
        const name = message === REFUSALS.noType.message ? 'noType' : 'noStream';
        expect({ message, extensions }).toEqual(bodyOf(name).errors[0]);
        expect(headers['accept']).toBe(REFUSALS[name].headers.accept);
      }),
      { numRuns: 100 },
    );
    expect([...statuses]).toEqual(expect.arrayContaining([200, 406]));
  });

  test.each(['application/json;charset="UTF-8"', 'application/json; charset = "utf-8" ; x=1'])(
    'is none of what this API sends, which is in UTF-8 however that is written: %s',
    async (accept) => {
      expect((await send({ headers: { ...JSON_TYPE, accept }, body: QUERY })).status).toBe(200);
    },
  );
});

/** How clients may write the type of a body that this API reads. */
const contentTypes = fc
  .tuple(
    fc.constantFrom('application/json', 'APPLICATION/JSON', 'Application/Json'),
    fc.constantFrom('', ' ', '\t'),
    fc.array(
      fc.constantFrom(
        ';charset=utf-8',
        '; charset=UTF-8',
        ' ; charset="utf-8"',
        ';charset=utf8',
        ';x=y',
        '; v="1;2"',
      ),
      { maxLength: 2 },
    ),
  )
  .map(([type, blank, parameters]) => (parameters.length > 0 ? type + blank + parameters.join('') : type));

describe('a body', () => {
  test('is read however its type is written', async () => {
    await fc.assert(
      fc.asyncProperty(
        contentTypes,
        fc.constantFrom({}, { 'content-encoding': 'Identity' }),
        async (type, coding) => {
          const { status, body } = await send({ headers: { ...coding, 'content-type': type }, body: QUERY });
          expect([status, JSON.parse(body).data]).toEqual([200, { viewer: { kind: 'ANONYMOUS' } }]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each(['utf-16', 'iso-8859-1', '"latin1"', 'utf-80', ''])(
    'in the character set %s is refused, as its letters would be read as others',
    async (charset) => {
      const { status, body } = await send({
        headers: { 'content-type': `application/json; charset=${charset}` },
        body: QUERY,
      });
      expect([status, JSON.parse(body)]).toEqual([415, bodyOf('notJson')]);
    },
  );

  const bytes = (...parts: (string | readonly number[])[]) =>
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part))),
    );

  test.each([
    ['a lone byte of another character set', [0xe9]],
    ['half a letter', [0xe1, 0x9e]],
    ['half a pair', [0xed, 0xa0, 0x80]],
  ])('that is no UTF-8 is refused: %s', async (_what, wrong) => {
    const body = bytes('{"query":"{ viewer { kind } } # ', wrong, '"}');
    const answer = await send({ headers: JSON_TYPE, body });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([400, bodyOf('brokenJson')]);
  });

  test('may begin with the mark of UTF-8', async () => {
    expect((await send({ headers: JSON_TYPE, body: bytes([0xef, 0xbb, 0xbf], QUERY) })).status).toBe(200);
  });
});

test('an address may be whole, as clients write it that believe this to be a proxy', async () => {
  const whole = (path: string) => `http://api.example.com${path}`;
  const asked = await send({ path: whole('/graphql'), headers: JSON_TYPE, body: QUERY });
  expect([asked.status, JSON.parse(asked.body).data]).toEqual([200, { viewer: { kind: 'ANONYMOUS' } }]);
  const got = await send({
    method: 'GET',
    path: whole(`/graphql?query=${encodeURIComponent('{ viewer { kind } }')}`),
  });
  expect(got.status).toBe(200);
  expect((await send({ method: 'GET', path: whole('/healthz') })).status).toBe(200);
  expect((await send({ method: 'GET', path: whole('/graphq') })).status).toBe(404);
  expect((await send({ method: 'GET', path: 'http://api.example.com' })).status).toBe(404);
});
