import { describe, expect, test } from 'vitest';
import {
  type CassoSandbox,
  type FaultInput,
  SANDBOX_BUSINESSES,
} from '../../../src/providers/casso/sandbox/index.ts';
import { call, clockAt, NOW, start } from './support.ts';

type Kind = FaultInput extends infer F ? (F extends unknown ? Omit<F, 'match' | 'times'> : never) : never;

async function withFault(fault: Kind): Promise<CassoSandbox> {
  const sandbox = await start();
  sandbox.control.setFault({ match: '/v2/userInfo', ...fault });
  return sandbox;
}

const raw = ({ url }: CassoSandbox, signal: AbortSignal | null = null) =>
  fetch(`${url}/v2/userInfo`, {
    headers: { authorization: `Apikey ${SANDBOX_BUSINESSES.sample.apiKey}` },
    signal,
  });
const body = async (sandbox: CassoSandbox) => (await raw(sandbox)).text();

describe('a fault', () => {
  test('befalls the next matching request, as often as told, and no other', async () => {
    const sandbox = await start();
    sandbox.control.setFault({ match: '/v2/acc', kind: 'status', code: 503, retryAfter: 7, times: 2 });
    const other = await call(sandbox, 'main', 'GET /v2/userInfo');
    const first = await call(sandbox, 'main', 'GET /v2/accounts');
    const second = await call(sandbox, 'main', 'GET /v2/accounts/2101');
    const third = await call(sandbox, 'main', 'GET /v2/accounts');
    expect([other, first, second, third].map(({ status }) => status)).toEqual([200, 503, 503, 200]);
    expect(first.headers.get('retry-after')).toBe('7');
    expect(first.body).toBeNull();
  });

  test('can be taken back', async () => {
    const sandbox = await withFault({ kind: 'reset' });
    sandbox.control.clearFaults();
    expect((await raw(sandbox)).status).toBe(200);
  });

  test('hang: there is no answer, until the client goes', async () => {
    const sandbox = await withFault({ kind: 'hang' });
    const controller = new AbortController();
    const hanging = raw(sandbox, controller.signal);
    expect((await raw(sandbox)).status).toBe(200);
    controller.abort();
    await expect(hanging).rejects.toThrow('aborted');
    expect(sandbox.requests.map(({ status }) => status)).toEqual([null, 200]);
  });

  test('delay: the right answer comes late', async () => {
    const sandbox = await withFault({ kind: 'delay', ms: 30 });
    const before = performance.now();
    expect(JSON.parse(await body(sandbox)).error).toBe(0);
    expect(performance.now() - before).toBeGreaterThan(25);
  });

  test.each(['reset', 'reset-mid-body', 'wrong-content-length'] as const)(
    '%s: the answer is not whole',
    async (kind) => {
      await expect(body(await withFault({ kind }))).rejects.toThrow(/fetch failed|terminated/u);
    },
  );

  test('envelope-error: the error comes under 200', async () => {
    const { status, body } = await call(
      await withFault({ kind: 'envelope-error', code: 429 }),
      'main',
      'GET /v2/userInfo',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ error: 429, data: null });
  });

  test('html: a page in the place of JSON', async () => {
    const response = await raw(await withFault({ kind: 'html', code: 502 }));
    expect([response.status, response.headers.get('content-type')]).toEqual([
      502,
      'text/html; charset=utf-8',
    ]);
  });

  test('truncated-json: a whole answer with half of the document', async () => {
    const text = await body(await withFault({ kind: 'truncated-json' }));
    expect(text).toMatch(/^\{"error":0/u);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test('wrong-shape: an envelope about something else', async () => {
    const answer = JSON.parse(await body(await withFault({ kind: 'wrong-shape' })));
    expect(answer.error).toBe(0);
    expect(answer.data).not.toHaveProperty('business');
  });

  test('huge-body: as many bytes as told', async () => {
    const text = await body(await withFault({ kind: 'huge-body', bytes: 300_000 }));
    expect(text.length).toBeGreaterThan(300_000);
    expect(JSON.parse(text).error).toBe(0);
  });

  test('slow-body: byte by byte', async () => {
    const text = await body(await withFault({ kind: 'slow-body', ms: 0 }));
    expect(JSON.parse(text).data.business.name).toBe('Vi Du');
  });
});

describe('the rate limit', () => {
  test('is 429 beyond so many requests in any minute, for each business', async () => {
    const clock = clockAt(NOW);
    const sandbox = await start({ clock, requestsPerMinute: 2, retryAfter: 30 });
    const ask = async (name: 'main' | 'second') => await call(sandbox, name, 'GET /v2/userInfo');
    await ask('main');
    clock.time += 40_000;
    await ask('main');
    const refused = await ask('main');
    expect([refused.status, refused.body.error, refused.headers.get('retry-after')]).toEqual([
      429,
      429,
      '30',
    ]);
    expect((await ask('second')).status).toBe(200);
    clock.time += 20_000;
    expect((await ask('main')).status).toBe(200);
    expect((await ask('main')).status).toBe(429);
  });

  test('can be set and lifted, and sends no Retry-After unless told', async () => {
    const sandbox = await start();
    sandbox.control.setRequestsPerMinute(1);
    const answers = [
      await call(sandbox, 'main', 'GET /v2/userInfo'),
      await call(sandbox, 'main', 'GET /v2/userInfo'),
    ];
    sandbox.control.setRequestsPerMinute(null);
    answers.push(await call(sandbox, 'main', 'GET /v2/userInfo'));
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 200]);
    expect(answers[1]?.headers.get('retry-after')).toBeNull();
  });
});
