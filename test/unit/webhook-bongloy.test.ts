import { createHash, createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBongloyWebhook } from '../../src/providers/bongloy/webhook.ts';
import type { WebhookVerdict } from '../../src/providers/provider.ts';

const NOW = Date.UTC(2024, 2, 2, 8, 0, 0);
const NOW_SECONDS = NOW / 1000;
const SECRET = 'abcdefghijklmnopqrstuvwxyz012345';
const EVENT_ID = '44444444-aaaa-4aaa-8aaa-000000000001';
const TRANSACTION_ID = '11111111-aaaa-4aaa-8aaa-000000000001';
const ACCOUNT_ID = '22222222-aaaa-4aaa-8aaa-000000000001';

const webhook = (options = {}) =>
  createBongloyWebhook({ secrets: [SECRET], requireExp: false, clock: { now: () => NOW }, ...options });

/** Written without the library under test: RFC 7515 by hand. */
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HS256: object = { alg: 'HS256', typ: 'JWT' };
function jwt(claims: object, { secret = SECRET, header = HS256 } = {}): string {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const CLAIMS = { iss: 'Bongloy', exp: NOW_SECONDS + 300 };
const withToken = (token: string) => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
});

const resource = (fields = {}) => ({
  id: TRANSACTION_ID,
  type: 'transaction',
  attributes: { amount: 1 },
  relationships: { account: { data: { id: ACCOUNT_ID, type: 'account' } } },
  ...fields,
});
const delivery = (type: unknown = 'transaction.created', data: unknown = resource()) => ({
  data: { id: EVENT_ID, type: 'event', attributes: { type, details: { data } } },
});
const bytes = (body: unknown) => Buffer.from(JSON.stringify(body));
const receive = (body: unknown, headers = withToken(jwt(CLAIMS))) => webhook().receive(headers, bytes(body));

const askWith = (authorization: string | undefined, options = {}) =>
  webhook(options).receive({ authorization }, bytes(delivery()));
const ask = (token: string, options = {}) => askWith(`Bearer ${token}`, options);

/** The keys of what was understood; none of anything else. */
const keysOf = (verdict: WebhookVerdict) =>
  verdict.kind === 'authentic' ? verdict.reading.events.map(({ key }) => key) : [];

const refusal = (reason: string, status = 401) => ({ kind: 'refused', status, reason });
const reading = (read: object) => ({ kind: 'authentic', scheme: 'jwt', reading: read });

describe('an authentic delivery about a transaction', () => {
  test('becomes one event with the ids that it names, and nothing else of the body', async () => {
    const body = bytes(delivery());
    expect(await webhook().receive(withToken(jwt(CLAIMS)), body)).toEqual(
      reading({
        events: [
          {
            provider: 'BONGLOY',
            key: `${EVENT_ID}:${createHash('sha256').update(body).digest('hex')}`,
            type: 'transaction.created',
            source: 'WEBHOOK',
            receivedAt: NOW,
            transactionId: TRANSACTION_ID,
            accountIdHint: ACCOUNT_ID,
          },
        ],
        unreadable: [],
      }),
    );
  });

  test('has the same key when it is repeated with a fresh token, and another when its body differs', async () => {
    const keys = async (body: unknown, claims: object) =>
      keysOf(await receive(body, withToken(jwt({ ...CLAIMS, ...claims }))));
    const [first] = await keys(delivery(), {});
    expect(first).toMatch(/^[0-9a-f-]{36}:[0-9a-f]{64}$/);
    expect(await keys(delivery(), { exp: CLAIMS.exp + 60 })).toEqual([first]);
    expect(await keys(delivery('transaction.updated'), {})).not.toEqual([first]);
  });

  test('is understood when the resource itself is the document', async () => {
    const verdict = await receive({ data: resource() });
    expect(verdict).toMatchObject(
      reading({
        events: [{ type: 'transaction', transactionId: TRANSACTION_ID, accountIdHint: ACCOUNT_ID }],
      }),
    );
  });

  test.each([undefined, {}, { account: { data: null } }, { account: { data: { id: 'x' } } }, { account: 7 }])(
    'has no account hint when the relationships are %j',
    async (relationships) => {
      const verdict = await receive(delivery('transaction.created', resource({ relationships })));
      expect(verdict).toMatchObject(reading({ events: [{ accountIdHint: null }] }));
    },
  );

  test('names ids in lower case, however they were written', async () => {
    const verdict = await receive(
      delivery('transaction.created', resource({ id: TRANSACTION_ID.toUpperCase() })),
    );
    expect(verdict).toMatchObject(reading({ events: [{ transactionId: TRANSACTION_ID }] }));
  });
});

test.each([
  ['another resource', delivery('card.created', resource({ type: 'card' }))],
  ['another resource without an id', delivery('phone_call.completed', { type: 'phone_call' })],
])('an authentic event of %s is understood, and nothing to us', async (_name, body) => {
  expect(await receive(body)).toEqual(reading({ events: [], unreadable: [], nothing: 'other-event' }));
});

describe('an authentic delivery that is not what is documented says why', () => {
  const eventWithout = (fields: object) => ({ data: { ...delivery().data, ...fields } });
  test.each([
    [
      'resource',
      'another resource under a transaction event',
      delivery('transaction.created', resource({ type: 'card' })),
    ],
    ['event-type', 'a transaction under another event', delivery('card.created')],
    ['event-type', 'an event type that is no word', delivery('transaction.<script>')],
    ['event-type', 'an event type of any length', delivery(`transaction.${'x'.repeat(100)}`)],
    ['event-type', 'an event type that is no text', delivery(['transaction.created'])],
    [
      'transaction-id',
      'a transaction id that is no UUID',
      delivery('transaction.created', resource({ id: '../cards' })),
    ],
    ['resource', 'no details', eventWithout({ attributes: { type: 'transaction.created' } })],
    [
      'resource',
      'details as a text',
      eventWithout({ attributes: { type: 'transaction.created', details: '{}' } }),
    ],
    ['event-id', 'an event without id', eventWithout({ id: undefined })],
    ['event-id', 'an event id that is no UUID', eventWithout({ id: 'evt_1' })],
    [
      'event-type',
      'another event without a resource',
      eventWithout({ attributes: { type: 'card.created' } }),
    ],
    ['event-type', 'nothing', null],
    ['event-type', 'a list', [delivery()]],
    ['event-type', 'a list of data', { data: [delivery().data] }],
    ['event-type', 'a number', 7],
  ])('%s: %s', async (reason, _name, body) => {
    expect(await receive(body)).toEqual(reading({ events: [], unreadable: [reason] }));
  });
});

describe('the header', () => {
  test.each(['Bearer', 'bearer', 'BEARER'])('may spell the scheme %s', async (scheme) => {
    expect(await askWith(`${scheme} ${jwt(CLAIMS)}`)).toMatchObject({ kind: 'authentic' });
  });

  test('must be there', async () => {
    expect(await askWith(undefined)).toEqual(refusal('no-authorization'));
  });

  test.each(['', 'Bearer', 'Bearer ', 'Basic abc', jwt(CLAIMS), `Bearer ${jwt(CLAIMS)} more`])(
    'must be a bearer token: %s',
    async (authorization) => {
      expect(await askWith(authorization)).toEqual(refusal('not-a-bearer-token'));
    },
  );

  test.each(['x', 'a.b.c', '..', `${jwt(CLAIMS)}.`, 'e30.e30.', `e30.${'A'.repeat(9_000)}.e30`])(
    'must be a JWT: %s',
    async (token) => {
      expect(await ask(token)).toEqual(refusal('malformed-token'));
    },
  );

  test('may hold anything without making us throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 80 }), fc.jsonValue(), fc.jsonValue(), async (text, a, b) => {
        for (const token of [text, `${encoded(a)}.${encoded(b)}.${text}`, jwt(b as object)]) {
          expect((await ask(token)).kind).toBe('refused');
        }
      }),
    );
  });
});

describe('a forged token is refused', () => {
  test('when it is signed with another secret', async () => {
    expect(await ask(jwt(CLAIMS, { secret: 'another' }))).toEqual(refusal('wrong-secret'));
  });

  test('when its claims were changed after it was signed', async () => {
    const [header, , signature] = jwt(CLAIMS).split('.');
    const forged = `${header}.${encoded({ ...CLAIMS, exp: CLAIMS.exp + 9 })}.${signature}`;
    expect(await ask(forged)).toEqual(refusal('wrong-secret'));
  });

  test.each(['none', 'None', 'NONE'])('when it says alg %s', async (alg) => {
    const unsigned = `${encoded({ alg })}.${encoded(CLAIMS)}.`;
    expect(await ask(unsigned)).toMatchObject({ kind: 'refused', status: 401 });
    expect(await ask(jwt(CLAIMS, { header: { alg } }))).toEqual(refusal('wrong-algorithm'));
  });

  test.each(['HS384', 'HS512', 'RS256', 'ES256', 'EdDSA'])('when it says alg %s', async (alg) => {
    expect(await ask(jwt(CLAIMS, { header: { alg } }))).toEqual(refusal('wrong-algorithm'));
  });

  test('when it is signed with RS256, or HS256 with that public key as the secret', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signed = `${encoded({ alg: 'RS256' })}.${encoded(CLAIMS)}`;
    const signature = createSign('sha256').update(signed).sign(privateKey, 'base64url');
    expect(await ask(`${signed}.${signature}`)).toEqual(refusal('wrong-algorithm'));
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(await ask(jwt(CLAIMS, { secret: pem }))).toEqual(refusal('wrong-secret'));
  });

  test.each([
    ['another issuer', { ...CLAIMS, iss: 'bongloy' }, 'wrong-issuer'],
    ['no issuer', { exp: CLAIMS.exp }, 'wrong-issuer'],
    ['an expiry more than a minute ago', { ...CLAIMS, exp: NOW_SECONDS - 61 }, 'expired'],
    ['a beginning more than a minute ahead', { ...CLAIMS, nbf: NOW_SECONDS + 61 }, 'not-yet-valid'],
    ['an expiry that is no number', { ...CLAIMS, exp: 'tomorrow' }, 'no-expiry'],
  ])('when it has %s', async (_name, claims, reason) => {
    expect(await ask(jwt(claims))).toEqual(refusal(reason));
  });

  test('but not when the clocks differ by less than a minute', async () => {
    expect(await ask(jwt({ ...CLAIMS, exp: NOW_SECONDS - 59 }))).toMatchObject({ kind: 'authentic' });
    expect(await ask(jwt({ ...CLAIMS, nbf: NOW_SECONDS + 59 }))).toMatchObject({ kind: 'authentic' });
  });

  test('when nothing is configured', async () => {
    expect(await ask(jwt(CLAIMS), { secrets: [] })).toEqual(refusal('not-configured'));
    expect(await ask(jwt(CLAIMS, { secret: '' }), { secrets: [] })).toEqual(refusal('not-configured'));
  });

  test('before the body is looked at, and the body after it', async () => {
    const garbage = Buffer.from('{"data":');
    expect(await webhook().receive(withToken(jwt(CLAIMS, { secret: 'another' })), garbage)).toEqual(
      refusal('wrong-secret'),
    );
    expect(await webhook().receive(withToken(jwt(CLAIMS)), garbage)).toEqual(refusal('body-not-json', 400));
  });
});

test('any of several secrets may match, so that one can be replaced', async () => {
  const secrets = ['the-old-secret', SECRET];
  for (const secret of secrets) {
    const token = jwt(CLAIMS, { secret });
    expect(await webhook({ secrets }).receive(withToken(token), bytes(delivery()))).toMatchObject({
      kind: 'authentic',
    });
  }
});

describe('an expiry', () => {
  test('is not asked for by default, as it is not documented', async () => {
    expect(await ask(jwt({ iss: 'Bongloy' }), { requireExp: false })).toMatchObject({ kind: 'authentic' });
    expect(await ask(jwt({ ...CLAIMS, exp: NOW_SECONDS + 86_400 }), { requireExp: false })).toMatchObject({
      kind: 'authentic',
    });
  });

  test('can be required, and then lies at most an hour ahead', async () => {
    expect(await ask(jwt({ iss: 'Bongloy' }), { requireExp: true })).toEqual(refusal('no-expiry'));
    expect(await ask(jwt(CLAIMS), { requireExp: true })).toMatchObject({ kind: 'authentic' });
    expect(await ask(jwt({ ...CLAIMS, exp: NOW_SECONDS + 3_600 }), { requireExp: true })).toMatchObject({
      kind: 'authentic',
    });
    expect(await ask(jwt({ ...CLAIMS, exp: NOW_SECONDS + 3_661 }), { requireExp: true })).toEqual(
      refusal('expires-too-late'),
    );
  });
});

test('a header replayed with another body gets no more than ids of its own choosing taken as a hint', async () => {
  const headers = withToken(jwt(CLAIMS));
  const original = await receive(delivery(), headers);
  const replayed = await receive(
    delivery('transaction.created', resource({ attributes: { amount: 999_999 } })),
    headers,
  );
  expect(keysOf(replayed)).toHaveLength(1);
  expect(keysOf(replayed)).not.toEqual(keysOf(original));
  expect(JSON.stringify(replayed)).not.toContain('999999');
});

test.each(['application/x-www-form-urlencoded', 'text/html', 'application/jsonp', 'text/plain'])(
  'a delivery that says it is %s is refused with 415',
  async (type) => {
    const headers = { ...withToken(jwt(CLAIMS)), 'content-type': type };
    expect(await receive(delivery(), headers)).toEqual(refusal('not-json', 415));
  },
);

test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json', ''])(
  'a delivery that says it is %j is looked at',
  async (type) => {
    const headers = { ...withToken(jwt(CLAIMS)), 'content-type': type };
    expect(await receive(delivery(), headers)).toMatchObject({ kind: 'authentic' });
  },
);

test('no body at all makes an authentic delivery throw', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      async (body) => {
        expect(keysOf(await webhook().receive(withToken(jwt(CLAIMS)), Buffer.from(body)))).toEqual([]);
      },
    ),
  );
});
