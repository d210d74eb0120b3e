import { describe, expect, test } from 'vitest';
import { call, endpoint, start } from './support.ts';

const wanted = (url: string, incomeOnly = false) => ({
  body: { webhook: url, secure_token: 'token-of-the-api', income_only: incomeOnly },
});
const NOT_EXISTS = { error: 12, message: 'Webhook not exists', data: null };

describe('a webhook made through the API', () => {
  test.each([
    ['v1', 'secure-token'],
    ['v2', 'x-casso-signature'],
  ] as const)(
    'delivers %s, if so chosen, beside the one of the web app',
    async (apiWebhookVersion, proof) => {
      const [hook, webApp] = [await endpoint(), await endpoint()];
      const sandbox = await start({
        apiWebhookVersion,
        webhook: { url: webApp.url, version: 'v1', secret: 'token-of-the-web-app' },
      });
      await call(sandbox, 'main', 'POST /v2/webhooks', wanted(hook.url));
      sandbox.control.makeTransfer();
      await sandbox.control.webhooksIdle();
      expect(hook.received).toHaveLength(1);
      expect(hook.received[0]?.headers).toHaveProperty(proof);
      expect(webApp.received).toHaveLength(1);
    },
  );

  test('is made twice by two requests', async () => {
    const hook = await endpoint();
    const sandbox = await start();
    const first = (await call(sandbox, 'main', 'POST /v2/webhooks', wanted(hook.url))).body.data.id;
    const second = (await call(sandbox, 'main', 'POST /v2/webhooks', wanted(hook.url))).body.data.id;
    expect(second).not.toBe(first);
    sandbox.control.makeTransfer();
    await sandbox.control.webhooksIdle();
    expect(hook.received).toHaveLength(2);
  });

  test('is changed by PUT, and delivers what was changed', async () => {
    const hook = await endpoint();
    const sandbox = await start();
    const { id } = (await call(sandbox, 'main', 'POST /v2/webhooks', wanted('http://127.0.0.1:1/'))).body
      .data;
    const changed = await call(sandbox, 'main', `PUT /v2/webhooks/${id}`, wanted(hook.url, true));
    expect(changed.body.data).toMatchObject({ id, param1: hook.url, send_only_income: 1 });
    sandbox.control.makeTransfer({ amount: -5 });
    sandbox.control.makeTransfer({ amount: 5 });
    await sandbox.control.webhooksIdle();
    expect(hook.received).toHaveLength(1);
  });

  test('is deleted by id', async () => {
    const sandbox = await start();
    const { id } = (await call(sandbox, 'main', 'POST /v2/webhooks', wanted('http://127.0.0.1:1/'))).body
      .data;
    const deleted = await call(sandbox, 'main', `DELETE /v2/webhooks/${id}`);
    expect(deleted.body).toEqual({ error: 0, message: 'success', data: null });
    expect((await call(sandbox, 'main', `GET /v2/webhooks/${id}`)).body).toEqual(NOT_EXISTS);
  });

  test('is deleted by URL with all of that URL, and error 12 tells that there was none', async () => {
    const sandbox = await start();
    const url = 'https://gw.example.com/hooks?a=1&b=2';
    for (const target of [url, url, 'https://other.example.com/']) {
      await call(sandbox, 'main', 'POST /v2/webhooks', wanted(target));
    }
    const remove = `DELETE /v2/webhooks?webhook=${encodeURIComponent(url)}`;
    expect((await call(sandbox, 'main', remove)).body.error).toBe(0);
    const again = await call(sandbox, 'main', remove);
    expect([again.status, again.body]).toEqual([200, NOT_EXISTS]);
    expect((await call(sandbox, 'main', 'GET /v2/webhooks/3003')).body.error).toBe(0);
  });

  test("is unknown to another business's key", async () => {
    const sandbox = await start();
    const { id } = (await call(sandbox, 'main', 'POST /v2/webhooks', wanted('http://127.0.0.1:1/'))).body
      .data;
    for (const method of ['GET', 'DELETE']) {
      expect((await call(sandbox, 'second', `${method} /v2/webhooks/${id}`)).body).toEqual(NOT_EXISTS);
    }
    const put = await call(sandbox, 'second', `PUT /v2/webhooks/${id}`, wanted('http://127.0.0.1:1/'));
    expect(put.body).toEqual(NOT_EXISTS);
  });

  test.each([
    { webhook: 'not a url', secure_token: 't', income_only: true },
    { webhook: 'https://gw.example.com/', income_only: true },
    { webhook: 'https://gw.example.com/', secure_token: 'two\nlines', income_only: true },
    { webhook: 'https://gw.example.com/', secure_token: 't', income_only: 1 },
  ])('is refused for a body like %j', async (body) => {
    const { status } = await call(await start(), 'main', 'POST /v2/webhooks', { body });
    expect(status).toBe(400);
  });
});
