import { describe, expect, test } from 'vitest';
import { answering, failure, get, holding, post, provider, upstreamTo } from './upstream-support.ts';

describe('a GET', () => {
  test.each([429, 502, 503, 504, 'reset'] as const)('is repeated after %s', async (trouble) => {
    const server = await provider(answering(trouble, trouble));
    const { status } = await upstreamTo(server.url).request(get());
    expect(status).toBe(200);
    expect(server.requests).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 408, 409, 422, 500, 501])('is not repeated after %i', async (status) => {
    const server = await provider(answering(status));
    expect((await upstreamTo(server.url).request(get())).status).toBe(status);
    expect(server.requests).toHaveLength(1);
  });

  test('is not repeated after a late attempt, whose time is spent', async () => {
    const { handler } = holding();
    const server = await provider(handler);
    expect(await failure(upstreamTo(server.url, { attemptTimeoutMs: 30 }).request(get()))).toBe('late');
    expect(server.requests).toHaveLength(1);
  });

  test('answers with what came last when the attempts are used up', async () => {
    const server = await provider(answering(503, 502, 504));
    expect((await upstreamTo(server.url).request(get())).status).toBe(504);
    expect(server.requests).toHaveLength(3);
    const dead = await provider(answering('reset', 'reset', 'reset'));
    expect(await failure(upstreamTo(dead.url).request(get()))).toBe('no-answer');
    expect(dead.requests).toHaveLength(3);
  });

  test('counts every attempt that is really sent, and nothing else', async () => {
    const server = await provider(answering(503));
    let attempts = 0;
    const onAttempt = () => {
      attempts += 1;
    };
    const upstream = upstreamTo(server.url, { breaker: { minimumCalls: 1 } });
    await upstream.request(get({ onAttempt }));
    expect(attempts).toBe(2);
    await failure(upstream.request(get({ onAttempt, signal: AbortSignal.abort() })));
    expect(attempts).toBe(2);
  });

  test('that asks not to be repeated is sent once', async () => {
    const server = await provider(answering(503));
    expect((await upstreamTo(server.url).request(get({ retry: 'never' }))).status).toBe(503);
    expect(server.requests).toHaveLength(1);
  });
});

describe.each(['POST', 'PUT', 'DELETE'] as const)('a %s', (method) => {
  test.each([429, 503, 'reset'] as const)('is never repeated after %s', async (trouble) => {
    const server = await provider(answering(trouble));
    const call = upstreamTo(server.url).request(post({ method, body: '{}' }));
    await expect(call.then(({ status }) => status).catch(() => 'reset')).resolves.toBe(trouble);
    expect(server.requests).toHaveLength(1);
  });
});

test('a POST that says it is safe is repeated', async () => {
  const server = await provider(answering(503));
  expect((await upstreamTo(server.url).request(post({ retry: 'safe', body: '{}' }))).status).toBe(200);
  expect(server.requests).toHaveLength(2);
});

const busyOnce = (retryAfter: string) => {
  const at: number[] = [];
  return {
    at,
    server: provider((_request, response) => {
      at.push(performance.now());
      if (at.length === 1) response.writeHead(429, { 'retry-after': retryAfter }).end('busy');
      else response.end('done');
    }),
  };
};

describe('Retry-After', () => {
  test('in seconds beats our own delay', async () => {
    const { server, at } = busyOnce('1');
    const { url } = await server;
    expect((await upstreamTo(url).request(get())).body).toBe('done');
    const [first = 0, second = 0] = at;
    expect(second - first).toBeGreaterThanOrEqual(990);
  });

  test('as a date beats our own delay', async () => {
    const { server, at } = busyOnce(new Date(Date.now() + 2_000).toUTCString());
    const { url } = await server;
    expect((await upstreamTo(url).request(get())).body).toBe('done');
    const [first = 0, second = 0] = at;
    // A date has whole seconds only: up to one of the two is lost. Our own first delay is under 150 ms.
    expect(second - first).toBeGreaterThan(500);
  });

  test('that does not fit into what is left of the deadline gives the answer back at once', async () => {
    const { server, at } = busyOnce('60');
    const { url } = await server;
    const begun = performance.now();
    const response = await upstreamTo(url).request(get());
    expect(response).toMatchObject({ status: 429, body: 'busy', headers: { 'retry-after': '60' } });
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(at).toHaveLength(1);
  });
});
