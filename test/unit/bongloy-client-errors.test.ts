import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/domain/errors.ts';
import { isReadable } from '../../src/domain/unreadable-row.ts';
import { type BongloyClient, createBongloyClient } from '../../src/providers/bongloy/index.ts';
import type { ProviderCall } from '../../src/providers/provider.ts';
import { UpstreamFailure, type UpstreamFailureKind } from '../../src/upstream/errors.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import {
  bongloy,
  call,
  clientOf,
  credential,
  everythingSaid,
  FIRST_TOKEN,
  fixture,
  refusal,
  rejection,
  SECOND_TOKEN,
  upstreamTo,
} from './bongloy-client-support.ts';

const ID = '1ac8d3c9-cb7c-419d-a84d-d006ff618edd';
const ACCOUNT = { body: fixture('account') };
const REFUSED = {
  status: 401,
  headers: {
    'www-authenticate':
      'Bearer realm="x", error="invalid_token", error_description="The access token expired"',
  },
};
/** What no message may repeat. */
const SECRET = 'secret-7fe2-85512583587';

type Ask = (client: BongloyClient, call: ProviderCall) => Promise<unknown>;

const SINGLES: readonly [string, Ask][] = [
  ['account', (client, call) => client.account(call, ID)],
  ['balance', (client, call) => client.balance(call, ID)],
  ['card', (client, call) => client.card(call, ID)],
  ['transaction', (client, call) => client.transaction(call, ID)],
];
const ALWAYS_THERE: readonly [string, Ask][] = [
  ['cardIssuer', (client, call) => client.cardIssuer(call)],
  ['cardholder', (client, call) => client.cardholder(call)],
  ['accounts', (client, call) => client.accounts(call, { size: 10 })],
  ['cards', (client, call) => client.cards(call, { size: 10 })],
  ['transactions', (client, call) => client.transactions(call, { size: 10 })],
];

describe('a token that the provider refuses', () => {
  test('is renewed once, and the read repeated with the new one', async () => {
    const { client, requests } = await clientOf([REFUSED, ACCOUNT]);
    const { value, refused } = credential(SECOND_TOKEN);
    let attempts = 0;
    const counted = call({ credential: value, onAttempt: () => (attempts += 1) });
    expect(await client.account(counted, ID)).toMatchObject({ id: ID });
    expect(refused).toEqual([FIRST_TOKEN]);
    expect(requests.map(({ headers, url }) => [url, headers.authorization])).toEqual([
      [`/connect/v1/accounts/${ID}`, FIRST_TOKEN],
      [`/connect/v1/accounts/${ID}`, SECOND_TOKEN],
    ]);
    expect(attempts).toBe(2);
  });

  test('is not renewed a second time: the grant is over', async () => {
    const { client, requests } = await clientOf([REFUSED]);
    const { value, refused } = credential(SECOND_TOKEN, 'Bearer a-third');
    const error = await refusal(client.account(call({ credential: value }), ID));
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', details: { provider: 'BONGLOY' } });
    expect(refused).toEqual([FIRST_TOKEN]);
    expect(requests).toHaveLength(2);
  });

  test('without a better one ends the call at once', async () => {
    const { client, requests } = await clientOf([REFUSED]);
    const error = await refusal(client.cards(call(), { size: 10 }));
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', details: { provider: 'BONGLOY' } });
    expect(requests).toHaveLength(1);
  });

  test('is never named in the error, nor is what the provider said about it', async () => {
    const { client } = await clientOf([{ ...REFUSED, body: SECRET }]);
    const said = everythingSaid(await refusal(client.cardholder(call())));
    expect(said).not.toMatch(/first-token|invalid_token|expired|secret/);
  });

  test('whose renewal fails ends the call with the reason of that', async () => {
    const { client } = await clientOf([REFUSED]);
    const reason = new GatewayError('INVALID_GRANT', 'over');
    const failing = { ...credential().value, renew: () => Promise.reject(reason) };
    expect(await rejection(client.cardholder(call({ credential: failing })))).toBe(reason);
  });

  test('a grant that can no longer be used costs no request', async () => {
    const { client, requests } = await clientOf([ACCOUNT]);
    const reason = new GatewayError('UNAUTHENTICATED', 'over');
    const failing = { ...credential().value, authorization: () => Promise.reject(reason) };
    expect(await rejection(client.account(call({ credential: failing }), ID))).toBe(reason);
    expect(requests).toHaveLength(0);
  });
});

describe('404', () => {
  const BODIES = ['{"status":404,"error":"Not Found"}', '<!doctype html><h1>404</h1>', ''];

  test.each(SINGLES)('is null for one %s, whatever the body', async (_name, ask) => {
    const { client } = await clientOf(BODIES.map((body) => ({ status: 404, body })));
    for (const _ of BODIES) expect(await ask(client, call())).toBeNull();
  });

  test.each(ALWAYS_THERE)('is a refusal for %s, which the provider always has', async (_name, ask) => {
    const { client } = await clientOf([{ status: 404, body: BODIES[0] as string }]);
    expect(await refusal(ask(client, call()))).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      details: { provider: 'BONGLOY' },
    });
  });
});

describe('the status decides, whatever shape the body has', () => {
  const BODIES = {
    'JSON:API errors': JSON.stringify({ errors: [{ title: SECRET, source: { pointer: '/filter/status' } }] }),
    'an OAuth error': JSON.stringify({ error: 'invalid_grant', error_description: SECRET }),
    'a Rails error': JSON.stringify({ status: 500, error: SECRET }),
    nothing: '',
    'a page of HTML': `<html>${SECRET}</html>`,
    'a good document': fixture('cardholder'),
  };
  const CODES = {
    304: 'UPSTREAM_UNAVAILABLE',
    400: 'UPSTREAM_REJECTED',
    403: 'UPSTREAM_REJECTED',
    409: 'UPSTREAM_REJECTED',
    422: 'UPSTREAM_REJECTED',
    429: 'RATE_LIMITED',
    500: 'UPSTREAM_UNAVAILABLE',
    502: 'UPSTREAM_UNAVAILABLE',
    503: 'UPSTREAM_UNAVAILABLE',
  };

  test.each(
    Object.entries(CODES).flatMap(([status, code]) =>
      Object.keys(BODIES).map((shape) => ({
        status: Number(status),
        code,
        shape: shape as keyof typeof BODIES,
      })),
    ),
  )('$status with $shape: $code', async ({ status, code, shape }) => {
    const { client } = await clientOf([{ status, body: BODIES[shape] }]);
    const error = await refusal(client.cardholder(call()));
    expect(error.code).toBe(code);
    expect(error.details.provider).toBe('BONGLOY');
    expect(everythingSaid(error)).not.toMatch(/secret|85512583587|Meta Kanha|first-token/);
  });

  test('the status is kept for the log', async () => {
    const { client } = await clientOf([{ status: 503 }]);
    expect((await refusal(client.cardholder(call()))).cause).toMatchObject({
      message: 'Bongloy answered 503',
    });
  });
});

describe('too many requests', () => {
  const clock = { now: () => Date.parse('2024-03-02T08:00:00Z') };

  test.each([
    ['seconds', { 'retry-after': '7' }, 7],
    ['a date', { 'retry-after': 'Sat, 02 Mar 2024 08:01:30 GMT' }, 90],
    ['nothing', {}, 30],
    ['nonsense', { 'retry-after': 'soon' }, 30],
  ])('when the provider asks for %s', async (_form, headers, seconds) => {
    const { client } = await clientOf([{ status: 429, headers }], clock);
    expect((await refusal(client.cards(call(), { size: 10 }))).details).toEqual({
      provider: 'BONGLOY',
      retryAfterSeconds: seconds,
    });
  });
});

describe('a 2xx that cannot be used', () => {
  test.each([
    ['no body', ''],
    ['HTML', '<html></html>'],
    ['JSON that was cut off', fixture('account').slice(0, 200)],
    ['a bare null', 'null'],
    ['a bare list', '[]'],
    ['no data', '{}'],
    ['a list', fixture('accounts')],
    ['another resource', fixture('card')],
    ['a type that was not asked for', fixture('account').replace('"type": "account"', '"type": "card"')],
    ['no attributes', JSON.stringify({ data: { id: ID, type: 'account' } })],
    ['no id', fixture('account').replace('"id"', '"uid"')],
    ['a required attribute missing', fixture('account').replace('"number"', '"no"')],
    ['a required attribute of another type', fixture('account').replace('"000140"', '140')],
    ['a time that is none', fixture('account').replace('2020-05-25T05:08:23Z', 'yesterday')],
  ])('with %s is no usable answer', async (_what, body) => {
    const { client } = await clientOf([{ body }]);
    const error = await refusal(client.account(call(), ID));
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { provider: 'BONGLOY' } });
    expect(error.cause).toMatchObject({ kind: 'wrong-shape' });
  });

  test('with null data says that it does not exist, where that can be', async () => {
    const { client } = await clientOf([{ body: '{"data":null}' }, { body: '{"data":null}' }]);
    expect(await client.account(call(), ID)).toBeNull();
    expect((await refusal(client.cardholder(call()))).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  test.each([
    ['one document', fixture('account')],
    ['null for the list', '{"data":null}'],
  ])('for a list, with %s, is no usable answer', async (_what, body) => {
    const { client } = await clientOf([{ body }]);
    expect((await refusal(client.accounts(call(), { size: 10 }))).cause).toMatchObject({
      kind: 'wrong-shape',
    });
  });

  test('says which member is wrong, and never what was in it', async () => {
    const body = fixture('account').replace('"000140"', '[140140]');
    const { client } = await clientOf([{ body }]);
    const error = await refusal(client.account(call(), ID));
    expect(error.message).toBe('Bongloy tells this in a form that cannot be read.');
    expect(everythingSaid(error)).toContain('number is not a text');
    expect(everythingSaid(error)).not.toContain('140140');
  });

  test('for a list, with one bad row among good ones, is short of that row alone', async () => {
    const body = fixture('accounts').replace('"000137"', 'null');
    const { client } = await clientOf([{ body }, { body: fixture('accounts') }]);
    const { rows } = await client.accounts(call(), { size: 10 });
    const { rows: whole } = await client.accounts(call(), { size: 10 });
    const bad = whole.findIndex((row) => isReadable(row) && row.number === '000137');
    expect(rows).toEqual(whole.with(bad, expect.objectContaining({ id: whole[bad]?.id, member: 'number' })));
    expect(isReadable(rows[bad])).toBe(false);
  });

  test('for a list, with links that are no object, may have more rows on both sides', async () => {
    const body = JSON.stringify({ ...JSON.parse(fixture('accounts')), links: 'http://example.org' });
    const { client } = await clientOf([{ body }, { body: '{"data":[]}' }]);
    expect(await client.accounts(call(), { size: 10 })).toMatchObject({ hasOlder: true, hasNewer: true });
    expect(await client.accounts(call(), { size: 10 })).toMatchObject({ hasOlder: false, hasNewer: false });
  });

  test.each(['after', 'before'] as const)(
    'for a list, that holds the row %s which it stands',
    async (side) => {
      const [row] = JSON.parse(fixture('accounts')).data;
      const { client } = await clientOf([{ body: fixture('accounts') }]);
      expect((await refusal(client.accounts(call(), { size: 10, [side]: row.id }))).cause).toMatchObject({
        kind: 'wrong-shape',
      });
    },
  );
});

const failing = (kind: UpstreamFailureKind): Upstream => ({
  request: () => Promise.reject(new UpstreamFailure(kind, kind)),
  close: () => Promise.resolve(),
});

describe('no answer', () => {
  test.each([
    ['no-answer', 'UPSTREAM_UNAVAILABLE'],
    ['wrong-shape', 'UPSTREAM_UNAVAILABLE'],
    ['breaker-open', 'UPSTREAM_UNAVAILABLE'],
    ['overloaded', 'UPSTREAM_UNAVAILABLE'],
    ['late', 'UPSTREAM_TIMEOUT'],
  ] as const)('%s: %s', async (kind, code) => {
    const error = await refusal(createBongloyClient({ upstream: failing(kind) }).cardholder(call()));
    expect(error).toMatchObject({ code, details: { provider: 'BONGLOY' }, cause: { kind } });
  });

  test('a server that is not there is UPSTREAM_UNAVAILABLE', async () => {
    const upstream = upstreamTo('http://127.0.0.1:1');
    const error = await refusal(createBongloyClient({ upstream }).account(call(), ID));
    expect(error.code).toBe('UPSTREAM_UNAVAILABLE');
  });

  test("the caller's own abort is given back as it is", async () => {
    const { url, requests } = await bongloy(ACCOUNT);
    const client = createBongloyClient({ upstream: upstreamTo(url) });
    const error = await rejection(client.account(call({ signal: AbortSignal.abort() }), ID));
    expect(error).toBeInstanceOf(UpstreamFailure);
    expect(error).toMatchObject({ kind: 'aborted' });
    expect(requests).toHaveLength(0);
  });

  test('a fault of ours is not blamed on the provider', async () => {
    const fault = new TypeError('a mistake');
    const upstream: Upstream = { ...failing('late'), request: () => Promise.reject(fault) };
    expect(await rejection(createBongloyClient({ upstream }).cardholder(call()))).toBe(fault);
  });
});
