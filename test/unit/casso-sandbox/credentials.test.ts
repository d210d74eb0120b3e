import { describe, expect, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../../src/providers/casso/sandbox/index.ts';
import { call, sample, start } from './support.ts';

const KEY = SANDBOX_BUSINESSES.main.apiKey;

describe('the Authorization header', () => {
  test.each(['Apikey', 'apikey', 'APIKEY'])('takes the key after %s', async (scheme) => {
    const headers = { authorization: `${scheme} ${KEY}` };
    const { body } = await call(await start(), 'main', 'GET /v2/userInfo', { headers });
    expect(body.data.business.id).toBe(101);
  });

  test.each([
    ['is missing', {}],
    ['is called Authentication', { authentication: `Apikey ${KEY}` }],
    ['has no scheme', { authorization: KEY }],
    ['has the key as a bearer', { authorization: `Bearer ${KEY}` }],
    ['has a key that nobody has', { authorization: 'Apikey AK_CS.0' }],
  ])('is answered with the documented 401 when it %s', async (_case, headers) => {
    const sandbox = await start();
    for (const route of ['POST /v2/sync', 'GET /v2/transactions', 'GET /v2/nothing']) {
      const { status, body } = await call(sandbox, 'main', route, { headers });
      expect(status).toBe(401);
      expect(body).toEqual(sample('unauthorized'));
    }
  });

  test('opens one business: the ids of the others are unknown', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'second', 'GET /v2/accounts/2101')).body.data).toBeNull();
    expect((await call(sandbox, 'second', 'GET /v2/transactions/100001')).body.data).toBeNull();
    const numbers = (await call(sandbox, 'second', 'GET /v2/accounts')).body.data;
    expect(numbers.map((account: { accountNumber: string }) => account.accountNumber)).toEqual([
      '0123498765',
      '9704220011',
    ]);
  });

  test('is refused once the key is revoked, for that business alone', async () => {
    const sandbox = await start();
    sandbox.control.revokeKey({ business: 'main' });
    expect((await call(sandbox, 'main', 'GET /v2/userInfo')).status).toBe(401);
    expect((await call(sandbox, 'second', 'GET /v2/userInfo')).status).toBe(200);
  });

  test('is remembered by its scheme alone, with the query decoded', async () => {
    const sandbox = await start();
    await call(sandbox, 'main', 'GET /v2/webhooks?webhook=https%3A%2F%2Fgw.example.com%2Fhooks');
    await call(sandbox, 'main', 'GET /v2/userInfo', { headers: { authorization: KEY } });
    expect(sandbox.requests).toEqual([
      {
        method: 'GET',
        path: '/v2/webhooks?webhook=https://gw.example.com/hooks',
        authorizationScheme: 'apikey',
        status: 404,
        at: expect.any(Number),
      },
      { method: 'GET', path: '/v2/userInfo', authorizationScheme: null, status: 401, at: expect.any(Number) },
    ]);
    sandbox.clearRequests();
    expect(sandbox.requests).toEqual([]);
  });
});
