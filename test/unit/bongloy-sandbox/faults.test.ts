import { describe, expect, test } from 'vitest';
import type { BongloySandbox } from '../../../src/providers/bongloy/sandbox/index.ts';
import { call, reader, start } from './support.ts';

type Fault = Parameters<BongloySandbox['control']['setFault']>[0];

const PATH = '/connect/v1/cardholder';

/** One request that meets the fault. */
async function meet(fault: Fault, signal?: AbortSignal) {
  const sandbox = await start();
  const { access_token } = sandbox.control.issueTokens({ cardholder: sandbox.login.cardholder });
  sandbox.control.setFault(fault);
  const init = { headers: { authorization: `Bearer ${access_token}` }, ...(signal ? { signal } : {}) };
  return { sandbox, response: fetch(`${sandbox.url}${PATH}`, init) };
}

describe('a fault', () => {
  test('meets as many matching requests as asked, and no other', async () => {
    const sandbox = await start();
    const read = reader(sandbox, sandbox.login.cardholder);
    sandbox.control.setFault({ match: '/connect/v1/accounts', kind: 'status', code: 503, times: 2 });
    sandbox.control.setFault({ match: '/connect/v1/accounts', kind: 'status', code: 429, retryAfter: 7 });
    expect((await read('/cards')).status).toBe(200);
    const answers = [];
    for (let count = 0; count < 4; count += 1) answers.push(await read('/accounts'));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 429, 200]);
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual([null, null, '7', null]);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([200, 503, 503, 429, 200]);
  });

  test('is gone when cleared', async () => {
    const sandbox = await start();
    const read = reader(sandbox, sandbox.login.cardholder);
    sandbox.control.setFault({ match: '/', kind: 'status', code: 500, times: 1000 });
    sandbox.control.clearFaults();
    expect((await read('/cardholder')).status).toBe(200);
  });

  test('hang: the request is recorded and never answered', async () => {
    const leave = new AbortController();
    const { sandbox, response } = await meet({ match: PATH, kind: 'hang' }, leave.signal);
    await expect.poll(() => sandbox.requests).toMatchObject([{ path: PATH, status: null }]);
    leave.abort();
    await expect(response).rejects.toThrow(/abort/u);
  });

  test('delay: the right answer, late', async () => {
    const started = performance.now();
    const { response } = await meet({ match: PATH, kind: 'delay', ms: 60 });
    expect((await response).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
  });

  test('reset: no answer, and no effect', async () => {
    const sandbox = await start();
    const { access_token } = sandbox.control.issueTokens({ cardholder: sandbox.login.cardholder });
    sandbox.control.setFault({ match: '/oauth/revoke', kind: 'reset' });
    const { clientId: client_id, clientSecret: client_secret } = sandbox.application;
    const body = new URLSearchParams({ token: access_token, client_id, client_secret });
    await expect(fetch(`${sandbox.url}/oauth/revoke`, { method: 'POST', body })).rejects.toThrow(
      'fetch failed',
    );
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await call(`${sandbox.url}${PATH}`, { headers })).status).toBe(200);
  });

  test.each(['reset-mid-body', 'wrong-content-length'] as const)(
    '%s: the answer breaks off, and the request has its effect',
    async (kind) => {
      const sandbox = await start({ rotation: 'strict' });
      const { refresh_token = '', access_token } = sandbox.control.issueTokens({
        cardholder: sandbox.login.cardholder,
      });
      sandbox.control.setFault({ match: '/oauth/token', kind });
      const { clientId: client_id, clientSecret: client_secret } = sandbox.application;
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token,
        client_id,
        client_secret,
      });
      const response = fetch(`${sandbox.url}/oauth/token`, { method: 'POST', body });
      await expect(response.then((answer) => answer.text())).rejects.toThrow(/terminated|fetch failed/u);
      const headers = { authorization: `Bearer ${access_token}` };
      expect((await call(`${sandbox.url}${PATH}`, { headers })).status).toBe(401);
    },
  );

  test('html: a page where JSON was due', async () => {
    const { response } = await meet({ match: PATH, kind: 'html', code: 502 });
    const answer = await response;
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
  });

  test('truncated-json: whole for HTTP, broken as JSON', async () => {
    const { response } = await meet({ match: PATH, kind: 'truncated-json' });
    const text = await (await response).text();
    expect(text).toMatch(/^\{"data":\{/u);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test('wrong-shape: JSON of another shape', async () => {
    const { response } = await meet({ match: PATH, kind: 'wrong-shape' });
    expect(await (await response).json()).toEqual({ data: { id: 7, type: [] }, access_token: 7 });
  });

  test('huge-body: valid JSON of the size asked for, or until the client leaves', async () => {
    const small = await meet({ match: PATH, kind: 'huge-body', bytes: 300_000 });
    const text = await (await small.response).text();
    expect(text.length).toBeGreaterThanOrEqual(300_000);
    expect(JSON.parse(text)).toEqual({ data: [] });
    const leave = new AbortController();
    const { response } = await meet({ match: PATH, kind: 'huge-body' }, leave.signal);
    const reading = (await response).text();
    leave.abort();
    await expect(reading).rejects.toThrow(/abort/u);
  });

  test('slow-body: the right answer, byte by byte', async () => {
    const { response } = await meet({ match: PATH, kind: 'slow-body', ms: 0 });
    const answer = (await response).body?.getReader();
    let chunks = 0;
    let size = 0;
    for (let part = await answer?.read(); part && !part.done; part = await answer?.read()) {
      chunks += 1;
      size += part.value.length;
    }
    expect(chunks).toBeGreaterThan(size / 10);
  });
});

describe('close', () => {
  test.each([
    { kind: 'hang' },
    { kind: 'delay', ms: 3_600_000 },
    { kind: 'slow-body', ms: 3_600_000 },
    { kind: 'huge-body', bytes: 2 ** 40 },
  ] as const)('ends a request that meets %j at once', async (fault) => {
    const { sandbox, response } = await meet({ match: PATH, ...fault });
    const outcome = response
      .then((answer) => answer.text())
      .then(
        () => 'answered',
        () => 'broken off',
      );
    await expect.poll(() => sandbox.requests.length).toBe(1);
    await sandbox.close();
    expect(await outcome).toBe('broken off');
  });

  test('may be called twice, and frees the port', async () => {
    const sandbox = await start();
    await sandbox.close();
    await sandbox.close();
    const again = await start({ port: Number(new URL(sandbox.url).port) });
    expect(again.url).toBe(sandbox.url);
    await expect(start({ port: Number(new URL(sandbox.url).port) })).rejects.toThrow('EADDRINUSE');
  });
});
