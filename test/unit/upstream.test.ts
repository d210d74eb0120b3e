import { getEventListeners } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  answering,
  closed,
  failure,
  get,
  holding,
  post,
  provider,
  rawProvider,
  upstreamTo,
} from './upstream-support.ts';

describe('a request', () => {
  test('reaches the path below the base URL, with query, headers and body as given', async () => {
    let received = '';
    const server = await provider((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => {
        received += text;
      });
      request.on('end', () => response.writeHead(201, { 'X-Seen': 'yes' }).end('made'));
    });
    const upstream = upstreamTo(`${server.url}/v2/`, { userAgent: 'gateway-test' });

    const response = await upstream.request(
      post({
        path: '/things/7',
        query: { 'page[size]': '2', at: '2020-05-25T05:08:20Z', 'a&b': 'c d' },
        headers: { 'Content-Type': 'application/json', Authorization: 'Apikey k' },
        body: '{"tên":"Việt"}',
      }),
    );

    const [request] = server.requests;
    expect(request?.method).toBe('POST');
    const url = new URL(request?.url ?? '', server.url);
    expect(url.pathname).toBe('/v2/things/7');
    expect([...url.searchParams]).toEqual([
      ['page[size]', '2'],
      ['at', '2020-05-25T05:08:20Z'],
      ['a&b', 'c d'],
    ]);
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Apikey k',
      'user-agent': 'gateway-test',
    });
    expect(received).toBe('{"tên":"Việt"}');
    expect(response).toMatchObject({ status: 201, body: 'made', headers: { 'x-seen': 'yes' } });
  });

  test('answers with the first value of a repeated header', async () => {
    const server = await provider((_request, response) => {
      response
        .writeHead(200, [
          ['X-Twice', 'one'],
          ['X-Twice', 'two'],
        ])
        .end();
    });
    const { headers } = await upstreamTo(server.url).request(get());
    expect(headers['x-twice']).toBe('one');
  });

  test.each([301, 302, 307, 308])('answers with a %i and never follows it', async (status) => {
    const server = await provider((_request, response) =>
      response.writeHead(status, { location: '/elsewhere' }).end(),
    );
    const response = await upstreamTo(server.url).request(get());
    expect(response.status).toBe(status);
    expect(server.requests).toHaveLength(1);
  });

  test('one after the other reuses its sockets', async () => {
    const server = await provider(answering());
    const upstream = upstreamTo(server.url);
    for (let i = 0; i < 9; i += 1) await upstream.request(get());
    expect(server.requests).toHaveLength(9);
    // A socket rests for one turn of the event loop after an answer, so two take turns.
    expect(server.sockets.length).toBeLessThanOrEqual(2);
  });

  test('is never put behind another one on the same socket', async () => {
    const { handler, release, arrived } = holding();
    const server = await provider(handler);
    const upstream = upstreamTo(server.url);
    const calls = [1, 2, 3].map(() => upstream.request(get()));
    await arrived(3);
    expect(server.sockets).toHaveLength(3);
    release();
    await Promise.all(calls);
  });

  test('that is malformed on our side is thrown as that, and blamed on nobody', async () => {
    const server = await provider(answering());
    const results: string[] = [];
    const upstream = upstreamTo(server.url, { onResult: (outcome) => results.push(outcome) });
    const call = upstream.request(get({ headers: { authorization: 'secret\r\ninjected: yes' } }));
    await expect(call).rejects.toThrow('invalid authorization header');
    await expect(call).rejects.not.toThrow('secret');
    expect(results).toEqual(['fault']);
    expect(server.requests).toHaveLength(0);
  });
});

describe('the caller', () => {
  test('who gives up gets `aborted` at once, and the socket is closed', async () => {
    const { handler, arrived } = holding();
    const server = await provider(handler);
    const caller = new AbortController();
    const call = failure(upstreamTo(server.url).request(get({ signal: caller.signal })));
    await arrived(1);
    const socketClosed = closed(server.sockets[0]);
    caller.abort();
    expect(await call).toBe('aborted');
    await socketClosed;
  });

  test('who gives up in the middle of a body gets `aborted`, and the socket is closed', async () => {
    const server = await provider((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('part');
    });
    const caller = new AbortController();
    const call = failure(upstreamTo(server.url).request(get({ signal: caller.signal })));
    while (!server.sockets[0]?.bytesWritten) await new Promise(setImmediate);
    const socketClosed = closed(server.sockets[0]);
    caller.abort();
    expect(await call).toBe('aborted');
    await socketClosed;
  });

  test('who gives up while the connection is made leaves the place to the next at once', async () => {
    const mute = await rawProvider(() => undefined);
    const upstream = upstreamTo(mute.url.replace('http:', 'https:'), { concurrency: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const quitting = failure(upstream.request(get({ signal: first.signal })));
    const sent = new Promise<void>((resolve) => {
      const next = upstream.request(get({ signal: second.signal, onAttempt: resolve }));
      void failure(next);
    });
    first.abort();
    expect(await quitting).toBe('aborted');
    const begun = performance.now();
    await sent;
    expect(performance.now() - begun).toBeLessThan(1_000);
    second.abort();
  });

  test('who has given up before costs the provider nothing', async () => {
    const server = await provider(answering());
    expect(await failure(upstreamTo(server.url).request(get({ signal: AbortSignal.abort() })))).toBe(
      'aborted',
    );
    expect(server.sockets).toHaveLength(0);
  });

  test('who gives up between two attempts gets `aborted` at once', async () => {
    const server = await provider((_request, response) =>
      response.writeHead(503, { 'retry-after': '5' }).end(),
    );
    const caller = new AbortController();
    const begun = performance.now();
    const call = failure(upstreamTo(server.url).request(get({ signal: caller.signal })));
    while (server.requests.length === 0) await new Promise(setImmediate);
    setTimeout(() => caller.abort(), 20);
    expect(await call).toBe('aborted');
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(server.requests).toHaveLength(1);
  });

  test('finds no listener left on its signal after many calls, however they ended, and no warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const server = await provider((request, response) => {
      if (request.url === '/reset') request.socket.resetAndDestroy();
      else if (request.url === '/late') response.flushHeaders();
      else response.end();
    });
    const upstream = upstreamTo(server.url, { attemptTimeoutMs: 30, retries: 0, concurrency: 8 });
    const { signal } = new AbortController();
    const paths = ['/ok', '/reset', '/late'];
    await Promise.allSettled(
      Array.from({ length: 90 }, (_, i) => upstream.request(get({ signal, path: paths[i % 3] ?? '/' }))),
    );
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(warnings).toEqual([]);
  });
});

describe('the queue', () => {
  test('lets at most `concurrency` calls be in flight, and takes the rest in turn', async () => {
    let now = 0;
    let most = 0;
    const server = await provider((_request, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.end();
      }, 5);
    });
    const upstream = upstreamTo(server.url, { concurrency: 3 });
    await Promise.all(Array.from({ length: 20 }, () => upstream.request(get())));
    expect(most).toBe(3);
    expect(server.requests).toHaveLength(20);
  });

  test('is bounded: one call too many fails with `overloaded` at once', async () => {
    const { handler, release, arrived } = holding();
    const server = await provider(handler);
    const upstream = upstreamTo(server.url, { concurrency: 2, queue: 2 });
    const calls = Array.from({ length: 4 }, () => upstream.request(get()));
    await arrived(2);
    expect(await failure(upstream.request(get()))).toBe('overloaded');
    release();
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  test('has room for what 64 people ask at once', async () => {
    const server = await provider((_request, response) => setTimeout(() => response.end(), 20));
    const upstream = upstreamTo(server.url, {});
    const calls = Array.from({ length: 64 * 6 }, () => upstream.request(get()));
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
  });

  test('counts inside the total deadline: who waits too long for a place is late', async () => {
    const server = await provider((_request, response) => {
      setTimeout(() => response.writeHead(503, { 'retry-after': '0' }).end(), 40);
    });
    const upstream = upstreamTo(server.url, { concurrency: 1, totalTimeoutMs: 150, retries: 9 });
    const calls = [upstream.request(get()), upstream.request(get())];
    expect(await Promise.all(calls.map(failure))).toEqual(['late', 'late']);
  });

  test('has room again for a call when one that waited gave up', async () => {
    const { handler, release, arrived } = holding();
    const server = await provider(handler);
    const upstream = upstreamTo(server.url, { concurrency: 1, queue: 1 });
    const first = upstream.request(get());
    await arrived(1);
    const quitter = new AbortController();
    const quitting = failure(upstream.request(get({ signal: quitter.signal })));
    quitter.abort();
    expect(await quitting).toBe('aborted');
    const next = upstream.request(get());
    release();
    expect((await Promise.all([first, next])).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('goes on past callers who gave up while they waited', async () => {
    const { handler, release, arrived } = holding();
    const server = await provider(handler);
    const upstream = upstreamTo(server.url, { concurrency: 1 });
    const first = upstream.request(get());
    await arrived(1);
    const quitter = new AbortController();
    const second = failure(upstream.request(get({ path: '/quit', signal: quitter.signal })));
    const third = upstream.request(get({ path: '/third' }));
    quitter.abort();
    expect(await second).toBe('aborted');
    release();
    await Promise.all([first, third]);
    expect(server.requests.map(({ url }) => url)).toEqual(['/', '/third']);
  });
});

test('a call that is repeated keeps its turn: no other call goes between its attempts', async () => {
  const server = await provider((request, response) => {
    response.writeHead(request.url === '/first' && server.requests.length < 3 ? 503 : 200).end();
  });
  const upstream = upstreamTo(server.url, { concurrency: 1 });
  await Promise.all(['/first', '/second'].map((path) => upstream.request(get({ path }))));
  expect(server.requests.map(({ url }) => url)).toEqual(['/first', '/first', '/first', '/second']);
});

describe('closing', () => {
  test('fails what is under way with `no-answer`, without another attempt', async () => {
    const { handler, arrived } = holding();
    const server = await provider(handler);
    const upstream = upstreamTo(server.url);
    const call = failure(upstream.request(get()));
    await arrived(1);
    await upstream.close();
    expect(await call).toBe('no-answer');
    expect(await failure(upstream.request(get()))).toBe('no-answer');
    expect(server.requests).toHaveLength(1);
  });
});

test('every call reports its outcome and duration once', async () => {
  const server = await provider(answering(200, 302, 404, 429, 500, 'reset'));
  const results: [string, number][] = [];
  const upstream = upstreamTo(server.url, { retries: 0, onResult: (...result) => results.push(result) });
  for (let i = 0; i < 6; i += 1) await upstream.request(get()).catch(() => undefined);
  expect(results.map(([outcome]) => outcome)).toEqual(['2xx', '3xx', '4xx', '4xx', '5xx', 'no-answer']);
  for (const [, duration] of results) expect(duration).toBeGreaterThan(0);
});
