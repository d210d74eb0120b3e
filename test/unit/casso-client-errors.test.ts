import { describe, expect, test } from 'vitest';
import { GatewayError, unauthenticated } from '../../src/domain/errors.ts';
import type { CassoClient } from '../../src/providers/casso/index.ts';
import type { ProviderCall } from '../../src/providers/provider.ts';
import { UpstreamFailure } from '../../src/upstream/errors.ts';
import {
  type Answer,
  call,
  clientOf,
  credential,
  envelope,
  everythingSaid,
  FIRST_TOKEN,
  fixture,
  refusal,
  rejection,
  SECOND_TOKEN,
  silentClient,
} from './casso-client-support.ts';

const HTML = '<html><body>SECRET-BODY</body></html>';
const SETTINGS = { url: 'https://gw.example.com/h', secureToken: 'SECRET-TOKEN', incomeOnly: false };
const WINDOW = { from: '2021-04-01', to: '2021-04-15', page: 1, pageSize: 100, sort: 'DESC' } as const;

type Ask = (client: CassoClient, call: ProviderCall) => Promise<unknown>;

const remove: Ask = (client, call) => client.deleteWebhook(call, '1');

/** What a client is told of a call that got this answer. */
async function told(answer: Answer, ask: Ask = (client, call) => client.accounts(call)) {
  const { client, requests } = await clientOf([answer]);
  const error = await refusal(ask(client, call()));
  return { code: error.code, details: error.details, attempts: requests.length, error };
}

const UNAUTHENTICATED = { code: 'UNAUTHENTICATED', details: { provider: 'CASSO' } };
const REJECTED = { code: 'UPSTREAM_REJECTED', details: { provider: 'CASSO' } };
const UNAVAILABLE = { code: 'UPSTREAM_UNAVAILABLE', details: { provider: 'CASSO' } };
const limited = (retryAfterSeconds: number) => ({
  code: 'RATE_LIMITED',
  details: { provider: 'CASSO', retryAfterSeconds },
});

describe('an HTTP error is judged by its status, whatever its body', () => {
  test.each([
    [401, fixture('unauthorized'), UNAUTHENTICATED],
    [401, '', UNAUTHENTICATED],
    [401, HTML, UNAUTHENTICATED],
    [401, envelope(null, 0), UNAUTHENTICATED],
    [400, '', REJECTED],
    [403, envelope(null, 403), REJECTED],
    [404, '', REJECTED],
    [422, HTML, REJECTED],
    [400, envelope(null, 401), REJECTED],
    [429, HTML, limited(60)],
    [429, '', limited(60)],
    [500, envelope(null, 401), UNAVAILABLE],
    [502, HTML, UNAVAILABLE],
    [503, '', UNAVAILABLE],
    [504, envelope(null, 0), UNAVAILABLE],
  ])('%i with the body %j', async (status, body, expected) => {
    expect(await told({ status, body })).toMatchObject(expected);
  });
});

describe('a 2xx whose envelope has a code other than 0 is a failure', () => {
  test.each([
    [200, 401, UNAUTHENTICATED],
    [200, 403, REJECTED],
    [200, 404, REJECTED],
    [200, 429, limited(60)],
    [200, 12, REJECTED],
    [200, 500, REJECTED],
    [200, 90_001, REJECTED],
    [201, -1, REJECTED],
  ])('%i with the code %i', async (status, code, expected) => {
    expect(await told({ status, body: envelope([], code) })).toMatchObject(expected);
  });

  test('the code stands in the cause, for the log', async () => {
    const { error } = await told({ body: envelope(null, 90_001) });
    expect(error.cause).toMatchObject({ name: 'CassoRefusal', status: 400, code: 90_001 });
  });
});

describe('a 2xx that is not what is documented is no usable answer', () => {
  test.each([
    ['an empty body', ''],
    ['a page of a proxy', HTML],
    ['a body that was cut off', fixture('accounts').slice(0, -20)],
    ['another JSON value', '[]'],
    ['an object without a code', '{"message":"success","data":[]}'],
    ['a code that is a text', '{"error":"0","message":"success","data":[]}'],
    ['no data', '{"error":0,"message":"success"}'],
    ['null in the place of the list', envelope(null)],
    ['an object in the place of the list', envelope({})],
    ['rows in the place of accounts', envelope([1, 'x', []])],
    ['null in the place of an account', envelope([null])],
    ['an account without its number', envelope([{ id: 2001, accountNumber: '' }])],
    ['an account whose id is no integer', envelope([{ id: '2001', accountNumber: '1' }])],
  ])('%s', async (_, body) => {
    expect(await told({ body })).toMatchObject(UNAVAILABLE);
  });

  test.each([
    ['a page without its rows', envelope({ totalRecords: 0, totalPages: 0 })],
    ['null in the place of a page', envelope(null)],
  ])('%s', async (_, body) => {
    expect(await told({ body }, (client, call) => client.transactions(call, WINDOW))).toMatchObject(
      UNAVAILABLE,
    );
  });

  test('but a row that cannot be read fails alone', async () => {
    const [row] = JSON.parse(fixture('transactions')).data.records;
    const rows = [null, row, { ...row, id: 7, amount: 0.5 }];
    const accounts = [
      { id: 2001, accountNumber: '' },
      { id: 2002, accountNumber: '1' },
    ];
    const { client } = await clientOf([{ body: envelope(rows) }, { body: envelope(accounts) }]);
    expect(await client.transactions(call(), WINDOW)).toMatchObject({
      rows: [{ id: null, member: 'row' }, { id: String(row.id) }, { id: '7', member: 'amount' }],
    });
    expect(await client.accounts(call())).toMatchObject([{ id: '2002' }]);
  });

  test('several accounts in the place of one', async () => {
    const row: unknown = JSON.parse(fixture('accounts')).data[0];
    const answer = { body: envelope([row, row]) };
    expect(await told(answer, (client, call) => client.account(call, '2001'))).toMatchObject(UNAVAILABLE);
  });

  test('a redirect, which is not followed', async () => {
    const answer = { status: 302, headers: { location: '/v2/userInfo' }, body: envelope([]) };
    expect(await told(answer)).toMatchObject({ ...UNAVAILABLE, attempts: 1 });
  });
});

describe('what does not exist', () => {
  const UNKNOWN: readonly [string, Answer][] = [
    ['null in the place of data', { body: envelope(null) }],
    ['404', { status: 404, body: HTML }],
    ['404 in an envelope', { status: 404, body: envelope(null, 404) }],
    ['the code 404 under a 200', { body: envelope(null, 404) }],
  ];

  test.each(UNKNOWN)(
    'an unknown bank account or transaction is null when Casso answers %s',
    async (_, answer) => {
      const { client } = await clientOf([answer]);
      expect(await client.account(call(), '1')).toBeNull();
      expect(await client.transaction(call(), '1')).toBeNull();
    },
  );

  test('an unknown bank account is null when Casso answers an empty list', async () => {
    const { client } = await clientOf([{ body: envelope([]) }]);
    expect(await client.account(call(), '1')).toBeNull();
  });

  test.each(UNKNOWN)('transactions of an unknown bank account are NOT_FOUND: %s', async (_, answer) => {
    const window = { ...WINDOW, bankAccountId: '1' };
    expect(await told(answer, (client, call) => client.transactions(call, window))).toMatchObject({
      code: 'NOT_FOUND',
      details: { provider: 'CASSO' },
    });
  });

  test('the code 12 is about webhooks: elsewhere it is a refusal', async () => {
    const answer = { body: envelope(null, 12) };
    expect(await told(answer, (client, call) => client.transaction(call, '1'))).toMatchObject(REJECTED);
    expect(await told(answer, (client, call) => client.createWebhook(call, SETTINGS))).toMatchObject(
      REJECTED,
    );
  });

  test.each<[string, Answer]>([
    ['12 under a 200', { body: envelope(null, 12) }],
    ['12 under a 400', { status: 400, body: envelope(null, 12) }],
    ['12 under a 404', { status: 404, body: envelope(null, 12) }],
    ['a bare 404', { status: 404 }],
  ])('deleting a webhook that is not there is false: %s', async (_, answer) => {
    const { client } = await clientOf([answer]);
    expect(await client.deleteWebhook(call(), '1')).toBe(false);
    expect(await client.deleteWebhooks(call(), 'https://gw.example.com/h')).toBe(false);
  });

  test.each<[string, Answer]>([
    ['12 under a 200', { body: envelope(null, 12) }],
    ['null', { body: envelope(null) }],
  ])('reading or changing a webhook that is not there is NOT_FOUND: %s', async (_, answer) => {
    const expected = { code: 'NOT_FOUND' };
    expect(await told(answer, (client, call) => client.getWebhook(call, '1'))).toMatchObject(expected);
    expect(await told(answer, (client, call) => client.updateWebhook(call, '1', SETTINGS))).toMatchObject(
      expected,
    );
  });

  test('a deletion that fails otherwise is an error, not false', async () => {
    expect(await told({ status: 500, body: envelope(null, 12) }, remove)).toMatchObject(UNAVAILABLE);
    expect(await told({ status: 403 }, remove)).toMatchObject(REJECTED);
  });
});

describe('how long to wait', () => {
  test.each([
    ['7', 7],
    ['0', 1],
    ['soon', 60],
    ['-3', 60],
  ])('Retry-After: %s', async (value, seconds) => {
    expect(await told({ status: 429, headers: { 'retry-after': value } })).toMatchObject(limited(seconds));
  });

  test('Retry-After as a date', async () => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    const { error } = await told({ status: 429, headers: { 'retry-after': date } });
    expect(error.details.retryAfterSeconds).toBeGreaterThan(80);
    expect(error.details.retryAfterSeconds).toBeLessThanOrEqual(90);
  });

  test('Retry-After beside the code 429 under a 200', async () => {
    const answer = { body: envelope(null, 429), headers: { 'retry-after': '7' } };
    expect(await told(answer)).toMatchObject(limited(7));
  });
});

describe('a refused token', () => {
  const REFUSALS: readonly [string, Answer][] = [
    ['a 401', { status: 401, body: fixture('unauthorized') }],
    ['the code 401 under a 200', { status: 200, body: fixture('unauthorized') }],
  ];

  test.each(REFUSALS)('is renewed once, and the call repeated once: %s', async (_, refused) => {
    const { client, requests } = await clientOf([refused, { body: fixture('accounts') }]);
    const grant = credential(SECOND_TOKEN);
    expect(await client.accounts(call({ credential: grant.value }))).toHaveLength(1);
    expect(grant.refused).toEqual([FIRST_TOKEN]);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([FIRST_TOKEN, SECOND_TOKEN]);
    expect(requests[1]).toEqual({ ...requests[0], headers: requests[1]?.headers });
  });

  test.each(REFUSALS)('is UNAUTHENTICATED when the renewed one is refused too: %s', async (_, refused) => {
    const { client, requests } = await clientOf([refused]);
    const grant = credential(SECOND_TOKEN, 'Bearer third');
    const error = await refusal(client.accounts(call({ credential: grant.value })));
    expect(error).toMatchObject(UNAUTHENTICATED);
    expect(grant.refused).toEqual([FIRST_TOKEN]);
    expect(requests).toHaveLength(2);
  });

  test('is UNAUTHENTICATED when there is no better one', async () => {
    const { client, requests } = await clientOf([{ status: 401 }]);
    expect(await refusal(client.accounts(call()))).toMatchObject(UNAUTHENTICATED);
    expect(requests).toHaveLength(1);
  });

  test('other refusals do not touch the grant', async () => {
    const { client } = await clientOf([{ status: 403 }]);
    const grant = credential(SECOND_TOKEN);
    await refusal(client.accounts(call({ credential: grant.value })));
    expect(grant.refused).toEqual([]);
  });

  test("the credential's own error is passed on, and nothing is sent", async () => {
    const { client, requests } = await clientOf([{ body: fixture('accounts') }]);
    const gone = unauthenticated('CASSO');
    const grant = { ...credential().value, authorization: () => Promise.reject(gone) };
    expect(await rejection(client.accounts(call({ credential: grant })))).toBe(gone);
    expect(requests).toHaveLength(0);
  });
});

describe('how often a request leaves', () => {
  const QUICK = { retries: 2, headers: { 'retry-after': '0' } };

  test('a sync leaves once, however it is answered', async () => {
    for (const status of [429, 500, 502, 503, 504]) {
      const { client, requests } = await clientOf([{ status, headers: QUICK.headers }], { retries: 2 });
      await refusal(client.sync(call(), '0123456789'));
      expect(requests).toHaveLength(1);
    }
  });

  test('a sync refused for its token did nothing, so it leaves once more with the renewed one, and no third time', async () => {
    const { client, requests } = await clientOf([{ status: 401 }, { status: 503, headers: QUICK.headers }], {
      retries: 2,
    });
    const grant = credential(SECOND_TOKEN, 'Bearer third');
    expect(await refusal(client.sync(call({ credential: grant.value }), '0123456789'))).toMatchObject(
      UNAVAILABLE,
    );
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([FIRST_TOKEN, SECOND_TOKEN]);
  });

  test('a webhook is created, changed and deleted with one request each', async () => {
    const { client, requests } = await clientOf([{ status: 503, headers: QUICK.headers }], { retries: 2 });
    await refusal(client.createWebhook(call(), SETTINGS));
    await refusal(client.updateWebhook(call(), '1', SETTINGS));
    await refusal(client.deleteWebhook(call(), '1'));
    await refusal(client.deleteWebhooks(call(), SETTINGS.url));
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'DELETE', 'DELETE']);
  });

  test('a read is repeated while that may help, and every attempt is counted', async () => {
    const busy = { status: 503, headers: QUICK.headers };
    const { client, requests } = await clientOf([busy, busy, { body: fixture('accounts') }], { retries: 2 });
    let attempts = 0;
    const counted = call({ onAttempt: () => (attempts += 1) });
    expect(await client.accounts(counted)).toHaveLength(1);
    expect(requests).toHaveLength(3);
    expect(attempts).toBe(3);
  });
});

describe('calls that end without an answer', () => {
  test('a connection that breaks is UPSTREAM_UNAVAILABLE', async () => {
    const { client, server, asked } = await silentClient();
    const answer = refusal(client.accounts(call()));
    await asked;
    server.closeAllConnections();
    expect(await answer).toMatchObject(UNAVAILABLE);
  });

  test('a late answer is UPSTREAM_TIMEOUT', async () => {
    const { client } = await silentClient({ attemptTimeoutMs: 50, totalTimeoutMs: 100 });
    expect(await refusal(client.accounts(call()))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      details: { provider: 'CASSO' },
    });
  });

  test("the caller's abort passes through", async () => {
    const { client, asked } = await silentClient();
    const caller = new AbortController();
    const answer = rejection(client.accounts(call({ signal: caller.signal })));
    await asked;
    caller.abort();
    const error = await answer;
    expect(error).toBeInstanceOf(UpstreamFailure);
    expect(error).toMatchObject({ kind: 'aborted' });
  });
});

describe('secrets', () => {
  const SECRETS = ['SECRET', '0123456789', 'first-token', 'second-token', '7777'];
  const BODY = JSON.stringify({ error: 1, message: 'SECRET-MESSAGE', data: { accountNumber: '0123456789' } });

  test.each<[string, Answer]>([
    ['400', { status: 400, body: BODY, headers: { 'x-trace': 'SECRET-HEADER' } }],
    ['401', { status: 401, body: BODY }],
    ['404', { status: 404, body: BODY }],
    ['429', { status: 429, body: BODY }],
    ['500', { status: 500, body: BODY }],
    ['a code', { body: BODY }],
    ['no envelope', { body: '"SECRET"' }],
    ['no JSON', { body: 'SECRET {' }],
  ])('neither our secrets nor what Casso said is told, in any part of an error: %s', async (_, answer) => {
    const window = { ...WINDOW, bankAccountId: '7777' };
    const asks: readonly Ask[] = [
      (client, call) => client.accounts(call),
      (client, call) => client.transactions(call, window),
      (client, call) => client.createWebhook(call, SETTINGS),
    ];
    for (const ask of asks) {
      const { error } = await told(answer, ask);
      expect(error).toBeInstanceOf(GatewayError);
      for (const secret of SECRETS) expect(everythingSaid(error)).not.toContain(secret);
    }
  });

  test('nor of a row of another shape', async () => {
    const row = { id: 'SECRET', accountNumber: '0123456789', when: 'SECRET' };
    for (const ask of [
      (client, call) => client.accounts(call),
      (client, call) => client.transaction(call, '1'),
    ] as const satisfies readonly Ask[]) {
      const { error } = await told({ body: envelope([row]) }, ask);
      for (const secret of SECRETS) expect(everythingSaid(error)).not.toContain(secret);
    }
  });

  test('a sync that fails does not tell which account it was for', async () => {
    const { error } = await told({ status: 400, body: BODY }, (client, call) =>
      client.sync(call, '0123456789'),
    );
    for (const secret of SECRETS) expect(everythingSaid(error)).not.toContain(secret);
  });
});
