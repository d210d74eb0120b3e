import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBankTransaction } from '../../src/providers/casso/map-transaction.ts';
import { createCassoWebhook, readCassoAgain } from '../../src/providers/casso/webhook.ts';
import type { WebhookVerdict } from '../../src/providers/provider.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/casso/${name}.json`, import.meta.url), 'utf8'));

const NOW = Date.UTC(2025, 1, 12, 8, 36, 22);
const KEY = 'checksum-key';
const TOKEN = 'a-long-random-text';
const TIME = '1739349381020';

const webhook = (options = {}) =>
  createCassoWebhook({ checksumKeys: [KEY], secureTokens: [TOKEN], clock: { now: () => NOW }, ...options });

/** The documented algorithm, written without the code under test: sorted copies, then one serialiser or the other. */
const sortedCopy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortedCopy);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sortedCopy(member)]),
  );
};
const asJavaScript = (value: unknown) => JSON.stringify(sortedCopy(value));
const asPhp = (value: unknown) =>
  Array.from({ length: asJavaScript(value).length }, (_, i) => asJavaScript(value).charCodeAt(i))
    .map((unit) => {
      if (unit === 0x2f) return '\\/';
      return unit < 0x80 ? String.fromCharCode(unit) : `\\u${(unit + 0x10000).toString(16).slice(1)}`;
    })
    .join('');

const header = (signedJson: string, key = KEY) =>
  `t=${TIME},v1=${createHmac('sha512', key).update(`${TIME}.${signedJson}`, 'utf8').digest('hex')}`;
const bytes = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

const v2 = (body: unknown, signature = header(asJavaScript(body)), options = {}) =>
  webhook(options).receive({ 'x-casso-signature': signature }, bytes(body));
const v1 = (body: unknown, token = TOKEN, options = {}) =>
  webhook(options).receive({ 'secure-token': token }, bytes(body));

/** What was understood of an authentic delivery; nothing of any other. */
const transactionsOf = (verdict: WebhookVerdict) =>
  (verdict.kind === 'authentic' ? verdict.reading.events : []).map(
    (event) => 'transaction' in event && event.transaction,
  );

const refusal = (reason: string, status = 401) => ({ kind: 'refused', status, reason });
const authentic = (scheme: string, reading: object) => ({ kind: 'authentic', scheme, reading });
const ignored = (scheme: string) => authentic(scheme, { events: [], unreadable: [], nothing: 'test-call' });
const unreadable = (scheme: string, ...reasons: string[]) =>
  authentic(scheme, { events: [], unreadable: reasons });

const V2 = fixture('webhook-v2');
const V1 = fixture('webhook-v1');
const v2With = (fields: object) => ({ error: 0, data: { ...V2.data, ...fields } });

describe("Casso's published vector", () => {
  const { payload, checksumKey, header: published, signedString } = fixture('webhook-v2-vector');

  test('verifies, and is known as a test call', async () => {
    expect(await v2(payload, published, { checksumKeys: [checksumKey] })).toEqual(ignored('v2'));
  });

  test('is what this test computes too', () => {
    const digest = createHmac('sha512', checksumKey).update(signedString).digest('hex');
    expect(published).toBe(`t=${signedString.split('.')[0]},v1=${digest}`);
    expect(signedString).toBe(`${signedString.split('.')[0]}.${asJavaScript(payload)}`);
  });

  test('does not verify with another time, key or amount', async () => {
    const checksumKeys = [checksumKey];
    const wrong = refusal('wrong-signature');
    expect(await v2(payload, published.replace('t=17', 't=18'), { checksumKeys })).toEqual(wrong);
    expect(await v2(payload, published)).toEqual(wrong);
    const altered = { ...payload, data: { ...payload.data, amount: 599001 } };
    expect(await v2(altered, published, { checksumKeys })).toEqual(wrong);
  });
});

const event = (transaction: object) => ({
  provider: 'CASSO',
  key: '100001',
  type: 'bank_transaction.created',
  source: 'WEBHOOK',
  receivedAt: NOW,
  transaction,
});

describe('an authentic delivery', () => {
  const expected = {
    provider: 'CASSO',
    id: '100001',
    reference: 'FT21000000000001',
    amount: { minorUnits: 250_000, currency: 'VND', exponent: 0 },
    direction: 'CREDIT',
    runningBalance: { minorUnits: 3_750_000, currency: 'VND', exponent: 0 },
    description: 'CHUYEN TIEN DON HANG 42',
    counterparty: null,
    virtualAccount: null,
    bankAccountId: null,
    bankAccountNumber: '0123456789',
    bank: { code: 'MBB', name: 'MBBank', bin: null },
  };
  test('V2 becomes one event with the whole transaction, its time taken as Vietnamese', async () => {
    const transaction = { ...expected, occurredAt: new Date('2025-02-12T08:36:21Z') };
    expect(await v2(V2)).toEqual(authentic('v2', { events: [event(transaction)], unreadable: [] }));
  });

  test('V1 does so under its own names', async () => {
    const transaction = { ...expected, occurredAt: new Date('2021-04-15T02:30:00Z') };
    expect(await v1(V1)).toEqual(authentic('v1', { events: [event(transaction)], unreadable: [] }));
  });

  test('tells the same transaction as REST does, but for the account id that only REST has', async () => {
    const parties = { Account: '8888888888', Name: 'NGUYEN VAN A', BankId: '970415', BankName: 'VietinBank' };
    const named = (prefix: string, number = 'Account') => ({
      [`${prefix}${number}`]: parties.Account,
      [`${prefix}Name`]: parties.Name,
      [`${prefix}BankId`]: parties.BankId,
      [`${prefix}BankName`]: parties.BankName,
    });
    const rest = toBankTransaction(
      {
        id: 7,
        tid: 'T7',
        description: 'Tiền nhà',
        amount: -193_000,
        cusumBalance: -5,
        when: '2025-02-12T15:36:21',
        bankSubAccId: '0123',
        virtualAccount: 'VA1',
        virtualAccountName: 'A',
        ...named('corresponsive'),
        accountId: 2001,
      },
      () => {},
    );
    const [first] = transactionsOf(
      await v1({
        error: 0,
        data: [
          {
            id: 7,
            tid: 'T7',
            description: 'Tiền nhà',
            amount: -193_000,
            cusum_balance: -5,
            when: '2025-02-12 15:36:21',
            bank_sub_acc_id: '0123',
            subAccId: '0123',
            virtualAccount: 'VA1',
            virtualAccountName: 'A',
            ...named('corresponsive'),
          },
        ],
      }),
    );
    const [second] = transactionsOf(
      await v2({
        error: 0,
        data: {
          id: 7,
          reference: 'T7',
          description: 'Tiền nhà',
          amount: -193_000,
          runningBalance: -5,
          transactionDateTime: '2025-02-12 15:36:21',
          accountNumber: '0123',
          virtualAccountNumber: 'VA1',
          virtualAccountName: 'A',
          ...named('counterAccount', 'Number'),
        },
      }),
    );
    expect(rest.bankAccountId).toBe('2001');
    expect(first).toEqual({ ...rest, bankAccountId: null });
    expect(second).toEqual({ ...rest, bankAccountId: null });
  });

  test('may hold one object or a list, in either version', async () => {
    expect(transactionsOf(await v2({ error: 0, data: [V2.data] }))).toEqual(transactionsOf(await v2(V2)));
    expect(transactionsOf(await v1({ error: 0, data: V1.data[0] }))).toEqual(transactionsOf(await v1(V1)));
  });

  test('keeps its order, also of a transaction that it repeats: the log takes in the first one', async () => {
    const [row] = V1.data;
    const rows = [row, { ...row, id: 9 }, { ...row, description: 'again' }, { ...row, id: 5 }];
    const transactions = transactionsOf(await v1({ error: 0, data: rows }));
    expect(transactions).toMatchObject([
      { id: '100001', description: 'CHUYEN TIEN DON HANG 42' },
      { id: '9' },
      { id: '100001', description: 'again' },
      { id: '5' },
    ]);
  });

  test.each([
    ['money out', { amount: -1 }, { direction: 'DEBIT', amount: { minorUnits: 1 } }],
    ['more than 32 bits', { amount: 9e15 }, { amount: { minorUnits: 9e15 } }],
    ['a date alone', { transactionDateTime: '2025-02-12' }, { occurredAt: new Date('2025-02-11T17:00:00Z') }],
    [
      'a T in its time',
      { transactionDateTime: '2025-02-12T01:02:03' },
      { occurredAt: new Date('2025-02-11T18:02:03Z') },
    ],
    ['no reference', { reference: null }, { reference: '' }],
    ['no balance', { runningBalance: null }, { runningBalance: null }],
    [
      'a numeric counterparty',
      { counterAccountNumber: 88 },
      { counterparty: { accountNumber: '88', name: null } },
    ],
    [
      'null texts',
      { description: null, counterAccountName: null },
      { description: null, counterparty: null },
    ],
    ['members that nobody knows', { guid: 'x', orderOfTheDay: 3, nested: [{ a: null }] }, { id: '100001' }],
  ])('is understood with %s', async (_name, fields, transaction) => {
    expect(transactionsOf(await v2(v2With(fields)))).toMatchObject([transaction]);
  });
});

describe('the test call', () => {
  test('is answered and not kept, whatever else is in it, in either version', async () => {
    expect(await v2(v2With({ id: 0, amount: 'x' }))).toEqual(ignored('v2'));
    expect(await v1({ error: 0, data: [{ id: 0 }] })).toEqual(ignored('v1'));
  });

  test('must be authentic too', async () => {
    expect(await v1({ error: 0, data: [{ id: 0 }] }, 'guess')).toEqual(refusal('wrong-token'));
  });

  test('leaves the transactions beside it alone', async () => {
    const transactions = transactionsOf(await v1({ error: 0, data: [{ id: 0 }, ...V1.data] }));
    expect(transactions).toMatchObject([{ id: '100001' }]);
  });
});

describe('an authentic delivery without a row that is understood', () => {
  test.each([
    ['an amount that is no integer', v2With({ amount: 1.5 })],
    ['an amount in words', v2With({ amount: '250000' })],
    ['an id in words', v2With({ id: '900001' })],
    ['no id', v2With({ id: undefined })],
    ['no account number', v2With({ accountNumber: '' })],
    ['a time that is none', v2With({ transactionDateTime: '2025-02-30 00:00:00' })],
    ['an error', { ...V2, error: 401 }],
    ['an error in words', { ...V2, error: '0' }],
    ['no data', { error: 0, data: null }],
    ['an empty list', { error: 0, data: [] }],
    ['a list of texts', { error: 0, data: ['x'] }],
    ['another document', { event: 'account.linked' }],
    ['a list', [V2]],
    ['null', null],
  ])('because of %s is no test call: it says why', async (_name, body) => {
    expect(await v2(body)).toEqual(unreadable('v2', expect.stringMatching(/^[a-zA-Z-]+$/)));
  });

  test.each([
    ['of a wrong shape', { id: 9, amount: null }],
    ['that is no object', 'x'],
  ])('a row %s keeps no good row of its delivery out, and is counted', async (_name, bad) => {
    const verdict = await v1({ error: 0, data: [bad, ...V1.data] });
    expect(verdict).toMatchObject(
      authentic('v1', { events: [{ key: '100001' }], unreadable: [expect.any(String)] }),
    );
  });

  test('an amount beyond 2^53 verifies as the nearest double, and is then refused by the mapping', async () => {
    const text = JSON.stringify(V2).replace('250000', '9007199254740993');
    expect(text).toContain('9007199254740993');
    const verdict = await v2(text, header(asJavaScript(JSON.parse(text))));
    expect(verdict).toEqual(unreadable('v2', expect.any(String)));
  });
});

describe('who may deliver', () => {
  test('each version only with a secret of its own', async () => {
    expect(await v2(V2, undefined, { checksumKeys: [] })).toEqual(refusal('v2-not-configured'));
    expect(await v1(V1, TOKEN, { secureTokens: [] })).toEqual(refusal('v1-not-configured'));
    expect(await webhook().receive({}, bytes(V1))).toEqual(refusal('no-signature-or-token'));
  });

  test('whoever sends a signature is judged by that alone, token or not', async () => {
    const both = (signature: string, token: string, options = {}) =>
      webhook(options).receive({ 'x-casso-signature': signature, 'secure-token': token }, bytes(V2));
    expect(await both(header('other'), TOKEN)).toEqual(refusal('wrong-signature'));
    expect(await both('', TOKEN)).toEqual(refusal('malformed-signature'));
    expect(await both(header(asJavaScript(V2)), TOKEN, { checksumKeys: [] })).toEqual(
      refusal('v2-not-configured'),
    );
    expect(await both(header(asJavaScript(V2)), 'wrong')).toMatchObject({ kind: 'authentic', scheme: 'v2' });
  });

  test('with any of several secrets, so that one can be replaced', async () => {
    const several = { checksumKeys: ['old-key', KEY], secureTokens: ['old-token', TOKEN] };
    for (const key of several.checksumKeys) {
      expect(await v2(V2, header(asJavaScript(V2), key), several)).toMatchObject({ kind: 'authentic' });
    }
    for (const token of several.secureTokens) {
      expect(await v1(V1, token, several)).toMatchObject({ kind: 'authentic' });
    }
  });

  test.each(['', 'A-long-random-text', 'a-long-random-tex', 'a-long-random-text ', TOKEN.repeat(2)])(
    'nobody with the token %j',
    async (token) => {
      expect(await v1(V1, token)).toEqual(refusal('wrong-token'));
    },
  );

  test('V1: the token is looked at before the body', async () => {
    expect(await v1('{', 'wrong')).toEqual(refusal('wrong-token'));
    expect(await v1('{')).toEqual(refusal('body-not-json', 400));
  });
});

describe('the signature header', () => {
  const digest = header(asJavaScript(V2)).slice(-128);

  test.each([
    `t=${TIME}, v1=${digest}`,
    `v1=${digest},t=${TIME}`,
    `t=${TIME},v1=${digest.toUpperCase()}`,
    `t=${TIME},v1=${digest},v2=more`,
  ])('may be written %s', async (signature) => {
    expect(await v2(V2, signature)).toMatchObject({ kind: 'authentic' });
  });

  test.each([
    '',
    digest,
    `t=${TIME}`,
    `v1=${digest}`,
    `t=,v1=${digest}`,
    `t=1e3,v1=${digest}`,
    `t=-${TIME},v1=${digest}`,
    `t=${TIME},v1=`,
    `t=${TIME},v1=${digest.slice(1)}`,
    `t=${TIME},v1=${digest}00`,
    `t=${TIME},v1=${'g'.repeat(128)}`,
    `t=${TIME},t=${TIME},v1=${digest}`,
    `t=${TIME},v1=${digest},v1=${digest}`,
    `sha256=${digest}`,
  ])('is malformed as %s', async (signature) => {
    expect(await v2(V2, signature)).toEqual(refusal('malformed-signature'));
  });

  test('holds for the same values in any order and spacing of the body', async () => {
    const shuffled = { data: Object.fromEntries(Object.entries(V2.data).reverse()), error: 0 };
    const spaced = JSON.stringify(shuffled, null, 3);
    expect(await v2(spaced, header(asJavaScript(V2)))).toMatchObject({ kind: 'authentic' });
  });

  test('covers members that we do not use', async () => {
    expect(await v2(v2With({ extra: 1 }), header(asJavaScript(V2)))).toEqual(refusal('wrong-signature'));
  });
});

test.each(['application/x-www-form-urlencoded', 'text/plain'])(
  'a delivery that says it is %s is refused with 415',
  async (type) => {
    const headers = { 'secure-token': TOKEN, 'content-type': type };
    expect(await webhook().receive(headers, bytes(V1))).toEqual(refusal('not-json', 415));
  },
);

test.each([
  ['{"error":0,"error":0,"data":[]}', 'body-duplicate-key'],
  ['{"error":0,"data":[],"__proto__":{"error":1}}', 'body-forbidden-key'],
  ['['.repeat(40) + ']'.repeat(40), 'body-too-deep'],
  ['['.repeat(500_000), 'body-too-deep'],
  ['', 'body-not-json'],
])(
  'a body that could be read in two ways is refused with 400, and never thrown at us: %.40s',
  async (text, reason) => {
    expect(await v1(text)).toEqual(refusal(reason, 400));
    expect(await v2(text, header('any'))).toEqual(refusal(reason, 400));
  },
);

/** Serialisers of the languages that Casso gives samples in, each written from what its manual says of it. */
const unicodeEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const escapeWhere = (pattern: RegExp) => (json: string) => json.replace(pattern, unicodeEscape);
const SERIALISERS: readonly (readonly [string, string, (json: string) => string])[] = [
  ['JavaScript, and Jackson', 'v2', (json) => json],
  ['PHP', 'v2-escaped', (json) => escapeWhere(/[^\0-\x7f]/g)(json.replaceAll('/', '\\/'))],
  ['Python', 'v2-ascii', escapeWhere(/[^\0-\x7e]/g)],
  [
    'PHP with JSON_UNESCAPED_UNICODE',
    'v2-slashes',
    (json) => escapeWhere(/[\u2028\u2029]/g)(json.replaceAll('/', '\\/')),
  ],
  ['Go', 'v2-html', escapeWhere(/[<>&\u2028\u2029]/g)],
];

describe('a signature over the body as it is written by', () => {
  const description = 'Tiền nhà <A&B> 12/2026 \u2028\u007f';
  test.each(SERIALISERS)('%s verifies, as %s', async (_name, scheme, write) => {
    const body = v2With({ description });
    const signed = write(asJavaScript(body));
    expect(await v2(body, header(signed))).toMatchObject({
      kind: 'authentic',
      scheme,
      reading: { events: [{ transaction: { description } }] },
    });
    expect(await v2(body, header(signed, 'another-key'))).toEqual(refusal('wrong-signature'));
  });

  test.each([
    ['250000.0', 250_000],
    ['2.5e5', 250_000],
    ['-0', 0],
  ])('a sender that writes a number as %s verifies, and means that number', async (source, minorUnits) => {
    const text = JSON.stringify(V2).replace('250000', source);
    const signed = asJavaScript(V2).replace('"amount":250000', `"amount":${source}`);
    for (const [, , write] of SERIALISERS) {
      const verdict = await v2(text, header(write(signed)));
      expect(transactionsOf(verdict)).toMatchObject([{ amount: { minorUnits } }]);
    }
    const other = text.replace(source, '250001');
    expect(await v2(other, header(signed))).toEqual(refusal('wrong-signature'));
  });

  test('a sender that writes a number beyond 2^53 exactly verifies, and no near number does', async () => {
    const text = JSON.stringify(V2).replace('250000', '9007199254740993');
    const signed = asJavaScript(V2).replace('"amount":250000', '"amount":9007199254740993');
    expect(await v2(text, header(signed))).toEqual(unreadable('v2', expect.any(String)));
    expect(await v2(text.replace('0993', '0992'), header(signed))).toEqual(refusal('wrong-signature'));
  });
});

describe('for any transaction', () => {
  const vietnamese = fc.stringMatching(/^[A-Z0-9/ .<>&ăâđêôơưĂÂĐÊÔƠƯàạảãáếềệộớừ€😀"\\\u2028\u007f]{0,24}$/u);
  const payload = fc.record({
    error: fc.constant(0),
    data: fc.record({
      id: fc.integer({ min: 1 }),
      reference: vietnamese,
      description: vietnamese,
      amount: fc.integer(),
      runningBalance: fc.option(fc.integer()),
      transactionDateTime: fc.constantFrom('2025-02-12 15:36:21', '2025-02-12'),
      accountNumber: fc.stringMatching(/^\d{6,14}$/),
      counterAccountName: vietnamese,
    }),
  });

  test('every form of the signature verifies, and the verdict says which it was', async () => {
    await fc.assert(
      fc.asyncProperty(payload, async (body) => {
        const plain = asJavaScript(body);
        const description = body.data.description || null;
        const accepted = { kind: 'authentic', reading: { events: [{ transaction: { description } }] } };
        for (const [, , write] of SERIALISERS) {
          const signed = write(plain);
          const [, scheme] = SERIALISERS.find(([, , other]) => other(plain) === signed) ?? [];
          expect(await v2(body, header(signed))).toMatchObject({ ...accepted, scheme });
        }
      }),
    );
  });

  test('one altered byte, anywhere in the body, is refused', async () => {
    await fc.assert(
      fc.asyncProperty(payload, fc.nat(), fc.integer({ min: 1, max: 255 }), async (body, at, change) => {
        const altered = bytes(body);
        const index = at % altered.length;
        altered[index] = (altered[index] ?? 0) ^ change;
        for (const json of [asJavaScript(body), asPhp(body)]) {
          const verdict = await webhook().receive({ 'x-casso-signature': header(json) }, altered);
          expect(verdict.kind).toBe('refused');
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('one altered byte in the header is refused', async () => {
    const signature = header(asJavaScript(V2));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(signature.length - 1),
        fc.constantFrom(...Array.from('0123456789abcdefg,=.')),
        async (at, sign) => {
          fc.pre(signature[at] !== sign);
          const altered = signature.slice(0, at) + sign + signature.slice(at + 1);
          expect((await v2(V2, altered)).kind).toBe('refused');
        },
      ),
    );
  });
});

test('whatever an authentic body holds, every row of it becomes an event, or is said to be unreadable, or is a test call', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (data) => {
      for (const body of [
        data,
        { error: 0, data },
        { error: 0, data: [data] },
        { error: 0, data: [data, V2.data, V1.data[0]] },
        v2With({ description: data }),
      ]) {
        for (const verdict of [await v1(body), await v2(body)]) {
          if (verdict.kind === 'refused') {
            // An object of JavaScript's does not keep members such as "0" in the order of the sort.
            expect(verdict.reason).toMatch(/^body-|^wrong-signature$/);
            continue;
          }
          const { events, unreadable, nothing } = verdict.reading;
          const isNothing = events.length + unreadable.length === 0;
          expect(nothing).toBe(isNothing ? 'test-call' : undefined);
          const again = readCassoAgain(verdict.scheme, bytes(body), NOW);
          expect(again).toEqual(verdict.reading);
        }
      }
    }),
  );
});
