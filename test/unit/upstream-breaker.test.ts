import type { RequestListener } from 'node:http';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { HOUR } from '../../src/lib/duration.ts';
import type { UpstreamOptions } from '../../src/upstream/create-upstream.ts';
import { answering, failure, get, holding, post, provider, upstreamTo } from './upstream-support.ts';

// Only the clock is ours: the sockets and their timers are real.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

async function breakerOver(handler: RequestListener, options: Partial<UpstreamOptions> = {}) {
  const server = await provider(handler);
  const states: string[] = [];
  const upstream = upstreamTo(server.url, { onBreakerChange: (state) => states.push(state), ...options });
  const ask = (fields = {}) =>
    upstream.request(get({ retry: 'never', ...fields })).then(
      ({ status }) => String(status),
      (error: { kind: string }) => error.kind,
    );
  const asks = async (count: number) => {
    for (let i = 0; i < count; i += 1) await ask();
  };
  return { server, upstream, states, ask, asks };
}

const statuses = (status: number, count: number) => Array.from({ length: count }, () => status);

describe('the breaker opens', () => {
  test('when half of ten calls in ten seconds have failed', async () => {
    const { server, states, ask, asks } = await breakerOver(
      answering(200, 500, 200, 500, 200, 500, 200, 500, 200, 500),
    );
    await asks(9);
    expect(states).toEqual([]);
    await asks(1);
    expect(states).toEqual(['open']);
    expect(await ask()).toBe('breaker-open');
    expect(server.requests).toHaveLength(10);
  });

  test('not for fewer than half, and not for fewer than ten', async () => {
    const fewer = await breakerOver(answering(200, ...statuses(500, 4), ...statuses(200, 5)));
    await fewer.asks(10);
    expect(fewer.states).toEqual([]);
    const nine = await breakerOver(answering(...statuses(500, 9)));
    await nine.asks(9);
    expect(nine.states).toEqual([]);
  });

  test('not for failures that are more than ten seconds old', async () => {
    const { states, asks } = await breakerOver(answering(...statuses(500, 18)));
    await asks(9);
    pass(10_000);
    await asks(9);
    expect(states).toEqual([]);
  });

  test('for no answer and for late answers as for 5xx', async () => {
    let count = 0;
    const { states, ask } = await breakerOver(
      (_request, response) => {
        count += 1;
        if (count % 2) response.socket?.resetAndDestroy();
      },
      { attemptTimeoutMs: 20, breaker: { minimumCalls: 6 } },
    );
    const kinds: string[] = [];
    for (let i = 0; i < 6; i += 1) kinds.push(await ask());
    expect(new Set(kinds)).toEqual(new Set(['no-answer', 'late']));
    expect(states).toEqual(['open']);
  });

  test('for answers shorter than their Content-Length', async () => {
    const { states, asks } = await breakerOver(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('short');
        setImmediate(() => response.socket?.end());
      },
      { breaker: { minimumCalls: 3 } },
    );
    await asks(3);
    expect(states).toEqual(['open']);
  });

  test('and counts calls, not attempts: a fault that a retry cured is no failure', async () => {
    const { upstream, server, states } = await breakerOver(
      answering(...Array.from({ length: 12 }, (_, i) => (i % 2 ? 200 : 503))),
      { breaker: { minimumCalls: 2 } },
    );
    for (let i = 0; i < 6; i += 1) expect((await upstream.request(get())).status).toBe(200);
    expect(server.requests).toHaveLength(12);
    expect(states).toEqual([]);
  });
});

describe('what is not a failure', () => {
  test.each([400, 401, 404, 422, 429])('is a %i', async (status) => {
    const { states, asks } = await breakerOver(answering(...statuses(status, 12)));
    await asks(12);
    expect(states).toEqual([]);
  });

  test('is a body over the limit: the provider is there', async () => {
    const { states, ask } = await breakerOver((_request, response) => response.end('x'.repeat(100)), {
      maxResponseBytes: 10,
      breaker: { minimumCalls: 2 },
    });
    for (let i = 0; i < 4; i += 1) expect(await ask()).toBe('wrong-shape');
    expect(states).toEqual([]);
  });

  test('is a caller who gives up', async () => {
    const { handler, arrived } = holding();
    const { states, ask } = await breakerOver(handler, { breaker: { minimumCalls: 2 } });
    for (let i = 1; i <= 4; i += 1) {
      const caller = new AbortController();
      const call = ask({ signal: caller.signal });
      await arrived(i);
      caller.abort();
      expect(await call).toBe('aborted');
    }
    expect(states).toEqual([]);
  });

  test('is our own full queue', async () => {
    const { handler, release, arrived } = holding();
    const { states, ask } = await breakerOver(handler, {
      concurrency: 1,
      queue: 0,
      breaker: { minimumCalls: 2 },
    });
    const held = ask();
    await arrived(1);
    for (let i = 0; i < 4; i += 1) expect(await ask()).toBe('overloaded');
    release();
    expect(await held).toBe('200');
    expect(states).toEqual([]);
  });

  test('is a call that had waited so long for its turn that the provider got too little time', async () => {
    const { states, ask } = await breakerOver(
      (_request, response) => {
        setTimeout(() => response.end(), 300);
      },
      { concurrency: 1, totalTimeoutMs: 500, breaker: { minimumCalls: 1 } },
    );
    expect(await Promise.all([ask(), ask()])).toEqual(['200', 'late']);
    expect(await ask()).toBe('200');
    expect(states).toEqual([]);
  });
});

describe('an open breaker', () => {
  const small = { minimumCalls: 2, openMs: 1_000 };

  test('lets one call try after its time, and closes when that succeeds', async () => {
    const { server, states, ask, asks } = await breakerOver(answering(500, 500), { breaker: small });
    await asks(2);
    pass(999);
    expect(await ask()).toBe('breaker-open');
    pass(1);
    expect(await ask()).toBe('200');
    expect(await ask()).toBe('200');
    expect(states).toEqual(['open', 'half-open', 'closed']);
    expect(server.requests).toHaveLength(4);
  });

  test('stays open for as long again when the try fails', async () => {
    const { states, ask, asks } = await breakerOver(answering(500, 500, 500), { breaker: small });
    await asks(2);
    pass(1_000);
    expect(await ask()).toBe('500');
    pass(999);
    expect(await ask()).toBe('breaker-open');
    pass(1);
    expect(await ask()).toBe('200');
    expect(states).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
  });

  test('refuses everybody else at once while one call tries', async () => {
    const { handler, release, arrived } = holding();
    const first = answering(500, 500);
    let count = 0;
    const { ask, asks } = await breakerOver(
      (request, response) => (++count <= 2 ? first : handler)(request, response),
      // One place, which the try takes: whoever comes next is refused, and does not wait for it.
      { concurrency: 1, breaker: small },
    );
    await asks(2);
    pass(1_000);
    const trying = ask();
    await arrived(1);
    expect(await ask()).toBe('breaker-open');
    release();
    expect(await trying).toBe('200');
    expect(await ask()).toBe('200');
  });

  test('is not closed by a caller who gives up the try: the next call tries', async () => {
    const { handler, release, arrived } = holding();
    const first = answering(500, 500);
    let count = 0;
    const { states, ask, asks } = await breakerOver(
      (request, response) => (++count <= 2 ? first : handler)(request, response),
      { breaker: small },
    );
    await asks(2);
    pass(1_000);
    const caller = new AbortController();
    const trying = ask({ signal: caller.signal });
    await arrived(1);
    caller.abort();
    expect(await trying).toBe('aborted');
    release();
    await vi.waitFor(() => expect(states).toEqual(['open', 'half-open', 'open']), { interval: 1 });
    expect(await ask()).toBe('200');
    expect(states).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
  });

  test('lets a call try where the clock was put back meanwhile, and not only when it has caught up', async () => {
    const { states, ask } = await breakerOver(answering(500, 200), { breaker: { minimumCalls: 1 } });
    await ask();
    expect(await ask()).toBe('breaker-open');
    pass(-HOUR);
    expect(await ask()).toBe('200');
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  test('refuses at once, also those who were waiting for their turn', async () => {
    const { handler, release, arrived } = holding();
    const { server, upstream, ask } = await breakerOver(
      (request, response) => {
        if (request.url === '/fail') response.writeHead(500).end();
        else handler(request, response);
      },
      { concurrency: 2, breaker: { minimumCalls: 1, failureRatio: 0.5 } },
    );
    const held = ask();
    await arrived(1);
    const opening = ask({ path: '/fail' });
    const waiting = ask({ path: '/waiting' });
    expect(await opening).toBe('500');
    expect(await waiting).toBe('breaker-open');
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill('breaker-open'));
    expect(server.requests.map(({ url }) => url)).not.toContain('/waiting');
    release();
    expect(await held).toBe('200');
    expect(await failure(upstream.request(post()))).toBe('breaker-open');
  });

  test('refuses thousands of calls that wait for their turn', async () => {
    const { upstream, server } = await breakerOver(answering(500), {
      concurrency: 1,
      retries: 0,
      breaker: { minimumCalls: 1 },
    });
    const calls = Array.from({ length: 4_000 }, () => failure(upstream.request(get())));
    expect(new Set((await Promise.all(calls)).slice(1))).toEqual(new Set(['breaker-open']));
    expect(server.requests).toHaveLength(1);
  });

  test('ends the retries of a call that began before it opened, which keeps its own answer', async () => {
    vi.setSystemTime('2024-01-01T00:00:00.900Z');
    const { server, upstream, states, ask } = await breakerOver(
      (request, response) => {
        const headers = { 'retry-after': 'Mon, 01 Jan 2024 00:00:01 GMT' };
        if (request.url === '/patient') response.writeHead(503, headers).end('own answer');
        else response.writeHead(500).end();
      },
      { breaker: { minimumCalls: 2 } },
    );
    const patient = upstream.request(get({ path: '/patient' }));
    await Promise.all([ask(), ask()]);
    expect(states).toEqual(['open']);
    expect(await patient).toMatchObject({ status: 503, body: 'own answer' });
    expect(server.requests.filter(({ url }) => url === '/patient')).toHaveLength(1);
  });
});
