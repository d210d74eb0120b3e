import { describe, expect, test } from 'vitest';
import { ControlRefused, startCassoSandbox } from '../../../src/providers/casso/sandbox/index.ts';
import { call, clockAt, endpoint, NOW, start } from './support.ts';

const post = async (url: string, name: string, body = '') => {
  const response = await fetch(`${url}/_sandbox/${name}`, { method: 'POST', body });
  return { status: response.status, body: (await response.json()) as { error?: string } };
};

describe('the control calls over HTTP', () => {
  test('are listed at /_sandbox/, with what each of them takes and the settings of a gateway', async () => {
    const sandbox = await start();
    const response = await fetch(`${sandbox.url}/_sandbox/`);
    expect(response.status).toBe(200);
    const body = await response.json();
    expect(body.calls).toContain('POST /_sandbox/revoke-key');
    expect(body.arguments['revoke-key'].properties.business).toMatchObject({ default: 'main' });
    for (const name of Object.keys(body.arguments)) expect(body.calls).toContain(`POST /_sandbox/${name}`);
    expect(body.settings).toMatchObject({
      CASSO_API_KEY: sandbox.businesses.main.apiKey,
      CASSO_CLIENT_SECRET: sandbox.oauthClient.clientSecret,
    });
  });

  test('do what the functions do', async () => {
    const hook = await endpoint();
    const sandbox = await start();
    const webhook = { url: hook.url, version: 'v1', secret: 'token' };
    expect(await post(sandbox.url, 'set-webhook', JSON.stringify(webhook))).toEqual({
      status: 200,
      body: null,
    });
    const made = await post(sandbox.url, 'make-transfer', '{"amount":77}');
    expect(made).toMatchObject({ status: 200, body: { amount: 77 } });
    await post(sandbox.url, 'webhooks-idle');
    expect(hook.received[0]?.body.data[0].amount).toBe(77);
    await post(sandbox.url, 'set-requests-per-minute', '1');
    await call(sandbox, 'main', 'GET /v2/userInfo');
    expect((await call(sandbox, 'main', 'GET /v2/userInfo')).status).toBe(429);
    expect(sandbox.requests).toHaveLength(2);
  });

  test('tell the state', async () => {
    const { url } = await start();
    const state = await (await fetch(`${url}/_sandbox/state`)).json();
    expect(state).toMatchObject({
      businesses: [
        { name: 'main', transactions: 459, webhooks: 0 },
        { name: 'second', transactions: 120 },
        { name: 'empty', transactions: 0, accounts: [{ id: 2301, accountNumber: '0000012345', balance: 0 }] },
        { name: 'sample', transactions: 12 },
      ],
      requestsPerMinute: null,
      faults: 0,
    });
  });

  test.each([
    ['make-transfer', '{"amount":"much"}', 422],
    ['make-transfer', '{"accountNumber":"0"}', 422],
    ['make-transfer', '{"ammount":5}', 422],
    ['make-transfer', '{"counterparty":{"nmae":"A"}}', 422],
    ['make-transfer', '{', 400],
    ['fly', '', 404],
  ])('refuse %s with %s', async (name, body, status) => {
    const answer = await post((await start()).url, name, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toEqual(expect.any(String));
  });
});

test('a control call that cannot be done says why', async () => {
  const { control } = await start();
  expect(() => control.makeTransfer({ accountNumber: '0' })).toThrow(ControlRefused);
  expect(() => control.addAccount({ accountNumber: '0909123456' })).toThrow('there is such an account');
});

describe('close', () => {
  test('ends requests that hang and retries that wait, at once', async () => {
    const hook = await endpoint({ status: 500 });
    const sandbox = await startCassoSandbox({
      clock: clockAt(NOW),
      webhook: { url: hook.url, version: 'v1', secret: 'token' },
    });
    sandbox.control.setFault({ match: '/v2/', kind: 'hang' });
    const hanging = call(sandbox, 'main', 'GET /v2/userInfo');
    sandbox.control.makeTransfer();
    await hook.arrived(1);
    await Promise.all([sandbox.close(), expect(hanging).rejects.toThrow('fetch failed')]);
    await sandbox.control.webhooksIdle();
    expect(hook.received).toHaveLength(1);
    await sandbox.close();
    await expect(fetch(sandbox.url)).rejects.toThrow('fetch failed');
  });
});

test('a port that is taken is an error of the start', async () => {
  const { url } = await start();
  await expect(startCassoSandbox({ port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE');
});
