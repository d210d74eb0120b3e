import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import type { Gateway } from '../support/gateway.ts';
import { overSse, overWebSocket, startNews, type Transport } from '../support/news.ts';

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  // Without the operator's key nothing is reconciled: nothing but the tests' own operations asks Casso.
  gateway = await startNews({ env: { CASSO_API_KEY: '' } });
  token = await gateway.logIn();
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.casso.clearRequests());

type Refusal = { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> };

const asked = (query: string) => async (f: object) => (await gateway.ask(query, { f }, token)).errors ?? [];

const subscribed = (transport: Transport) => async (f: object) => {
  const query =
    'subscription ($f: BankTransactionEventFilter) { bankTransactionEvents(filter: $f) { cursor } }';
  const open = await transport(gateway.url, query, { f }, token);
  const end = await open.feed.ended;
  await open.close();
  return end.kind === 'error' ? end.errors : (open.feed.results.at(-1)?.errors ?? []);
};

/** Wherever bank transactions take conditions. */
const PLACES: readonly (readonly [string, (f: object) => Promise<readonly Refusal[]>])[] = [
  ['a list', asked('query ($f: BankTransactionFilter) { bankTransactions(filter: $f) { nodes { id } } }')],
  [
    'the list of an account',
    asked(`query ($f: BankTransactionFilter) {
      bankAccount(id: "${encodeGlobalId('BankAccount', String(SANDBOX_BUSINESSES.main.accounts[0].id))}") {
        bankTransactions(filter: $f) { nodes { id } }
      }
    }`),
  ],
  [
    'a page of events',
    asked(
      'query ($f: BankTransactionEventFilter) { bankTransactionEvents(filter: $f) { nodes { cursor } } }',
    ),
  ],
  ['a subscription over WebSocket', subscribed(overWebSocket)],
  ['a subscription over SSE', subscribed(overSse)],
];

const NOTHING_TO_FIND =
  'filter.text needs a letter or a digit, as blanks and punctuation are ignored. Leave it out to find every text.';

describe.each(PLACES)(
  'a mistake that a person makes with the filter of %s is refused, naming the field',
  (place, refusal) => {
    test.each<[string, object, string, string | RegExp]>([
      ['a search box that is empty', { text: '' }, 'filter.text', NOTHING_TO_FIND],
      ['blanks alone', { text: ' \t\u00a0 ' }, 'filter.text', NOTHING_TO_FIND],
      ['signs and accents alone', { text: '—.🧾\u0301 ₫' }, 'filter.text', NOTHING_TO_FIND],
      [
        'a text that is too long',
        { text: 'x'.repeat(201) },
        '.text',
        /text has 201 characters; 200 are allowed\. Send a shorter text\.$/,
      ],
      [
        'a sign in the place of a direction',
        { minimumAmount: -50_000 },
        'filter.minimumAmount',
        'filter.minimumAmount cannot be negative: direction says which way.',
      ],
      [
        'the same at the other end',
        { maximumAmount: -1, direction: 'DEBIT' },
        'filter.maximumAmount',
        'filter.maximumAmount cannot be negative: direction says which way.',
      ],
      [
        'bounds that are swapped',
        { minimumAmount: 2_000_000, maximumAmount: 1_999_999 },
        'filter.maximumAmount',
        'filter.maximumAmount is less than filter.minimumAmount.',
      ],
      [
        'an amount as text',
        { minimumAmount: '50.000' },
        '.minimumAmount',
        /^Variable "\$f" got an invalid value/,
      ],
      [
        'a fraction of a dong',
        { maximumAmount: 0.5 },
        '.maximumAmount',
        /^Variable "\$f" got an invalid value/,
      ],
      [
        'an amount beyond 53 bits',
        { maximumAmount: 2 ** 53 },
        '.maximumAmount',
        /^Variable "\$f" got an invalid value/,
      ],
      [
        'an amount with a currency, of which Casso has one',
        { minimumAmount: { minorUnits: 50_000, currency: 'USD' } },
        '.minimumAmount',
        /^Variable "\$f" got an invalid value/,
      ],
      ['a text that is a number', { text: 1234 }, '.text', /^Variable "\$f" got an invalid value/],
      ['a member of another name', { description: 'DH-1' }, '', /"description" is not defined/],
      ['a currency of its own', { minimumAmount: 1, currency: 'VND' }, '', /"currency" is not defined/],
      ['a direction in small letters', { direction: 'credit' }, '.direction', /MoneyDirection/],
    ])('%s', async (_what, f, field, message) => {
      const [error, ...others] = await refusal(f);
      expect(others).toEqual([]);
      expect(error?.message).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
      expect(error?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
      expect(String(error?.extensions?.['field'] ?? '')).toMatch(new RegExp(`${field.replace('.', '\\.')}$`));
      // Below an account, the account is asked for first.
      if (!place.includes('account')) expect(gateway.casso.requests).toEqual([]);
    });
  },
);

describe('what looks like a mistake and is none', () => {
  test.each<[string, object]>([
    ['conditions that are null', { text: null, minimumAmount: null, maximumAmount: null, direction: null }],
    ['zero', { minimumAmount: 0, maximumAmount: 0 }],
    ['one letter', { text: 'đ' }],
    ['as long as may be', { text: 'ệ'.repeat(200) }],
    ['bounds that are the same', { minimumAmount: 50_000, maximumAmount: 50_000 }],
    ['what would be a pattern elsewhere', { text: '.*[a-z]%_\\' }],
  ])('%s', async (_what, f) => {
    for (const [place, refusal] of PLACES) {
      if (!place.includes('subscription')) expect(await refusal(f)).toEqual([]);
    }
  });
});
