import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as map from '../../src/providers/bongloy/map.ts';
import { toTransaction as mapTransaction } from '../../src/providers/bongloy/map-transaction.ts';
import type { ToRow } from '../../src/providers/row-reader.ts';
import { fixture, rejection, told } from './bongloy-client-support.ts';

interface Parsed {
  id: string;
  type: string;
  attributes: Record<string, unknown>;
  relationships?: Record<string, unknown>;
}

/** A sample of the reference as a resource, with some attributes changed; `undefined` takes one away. */
function sample(
  name: string,
  attributes: Record<string, unknown> = {},
  others: Partial<Parsed> = {},
): unknown {
  const { data } = JSON.parse(fixture(name)) as { data: Parsed };
  const changed = { ...data, attributes: { ...data.attributes, ...attributes }, ...others };
  // Once more through JSON, as it would have come: undefined members are gone.
  return JSON.parse(JSON.stringify(changed));
}

/** The members that became null, of the row that was mapped last. */
let odd: string[];

const mapped =
  <T>(toRow: ToRow<T>) =>
  (value: unknown): T => {
    odd = [];
    return toRow(value, (member) => odd.push(member));
  };
const toTransaction = mapped(mapTransaction);
const toAccount = mapped(map.toAccount);
const toBalance = mapped(map.toBalance);
const toCard = mapped(map.toCard);
const toCardholder = mapped(map.toCardholder);
const toCardIssuer = mapped(map.toCardIssuer);
const toVerification = mapped(map.toVerification('+85599999999'));

const transaction = (attributes?: Record<string, unknown>) =>
  toTransaction(sample('transaction', attributes));

const wrongShape = (map: (value: unknown) => unknown, value: unknown): Promise<unknown> =>
  rejection((async () => map(value))());

describe('words that the provider adds', () => {
  test.each([
    ['transaction type', () => transaction({ type: 'top_up' }), { type: 'OTHER', rawType: 'top_up' }],
    ['transaction status', () => transaction({ status: 'void' }), { status: 'OTHER', rawStatus: 'void' }],
    ['card type', () => toCard(sample('card', { type: 'metal' })), { type: 'OTHER', rawType: 'metal' }],
    [
      'card status',
      () => toCard(sample('card', { status: 'frozen' })),
      { status: 'OTHER', rawStatus: 'frozen' },
    ],
    [
      'account status',
      () => toAccount(sample('account', { status: 'x' })),
      { status: 'OTHER', rawStatus: 'x' },
    ],
    [
      'cardholder type',
      () => toCardholder(sample('cardholder', { type: 'company' })),
      { type: 'OTHER', rawType: 'company' },
    ],
    [
      'cardholder status',
      () => toCardholder(sample('cardholder', { status: 'x' })),
      { status: 'OTHER', rawStatus: 'x' },
    ],
    [
      'a word that every object knows',
      () => transaction({ type: 'constructor' }),
      { type: 'OTHER', rawType: 'constructor' },
    ],
    [
      'our own word for them',
      () => transaction({ status: 'other' }),
      { status: 'OTHER', rawStatus: 'other' },
    ],
  ])('%s: OTHER, with the raw word beside it', (_what, map, expected) => {
    expect(map()).toMatchObject(expected);
  });

  test('the expected ones are known', () => {
    expect(transaction({ status: 'pending' })).toMatchObject({ status: 'PENDING', rawStatus: 'pending' });
    expect(toCard(sample('card', { type: 'virtual' }))).toMatchObject({
      type: 'VIRTUAL',
      rawType: 'virtual',
    });
  });

  test('attributes that we do not know are ignored', () => {
    expect(told(transaction({ external_id: 'x', account: { id: 'y' } }))).toStrictEqual(told(transaction()));
  });
});

describe('a transaction', () => {
  test('that came in is a credit', () => {
    expect(transaction({ balance_adjustment_type: 'credit' }).direction).toBe('CREDIT');
  });

  test('takes its direction from the adjustment type, never from a sign', () => {
    const { direction, amount, transactionAmount, totalFee } = transaction({
      balance_adjustment_type: 'debit',
      amount: -1000,
      transaction_amount: -4_100_000,
      transaction_currency: 'KHR',
      total_fee: -25,
    });
    expect(direction).toBe('DEBIT');
    expect(amount).toEqual({ minorUnits: 1000, currency: 'USD', exponent: 2 });
    expect(transactionAmount).toEqual({ minorUnits: 4_100_000, currency: 'KHR', exponent: 0 });
    expect(totalFee).toEqual({ minorUnits: 25, currency: 'USD', exponent: 2 });
  });

  test('in a currency whose decimals are not known keeps its smallest units', () => {
    expect(transaction({ currency: 'THB' }).amount).toEqual({
      minorUnits: 1000,
      currency: 'THB',
      exponent: null,
    });
  });

  test.each([null, undefined, ''])('with the settlement time %o is not settled yet', (settlement_time) => {
    expect(transaction({ settlement_time }).settlementTime).toBeNull();
  });

  test.each([
    ['null', { card: { data: null } }],
    ['absent', {}],
  ])('whose card is %s has none', (_how, card) => {
    const account = { data: { id: 'de447152-51d2-4024-bc3d-8e3fbc6a8ced', type: 'account' } };
    const value = sample('transaction', {}, { relationships: { account, ...card } });
    expect(toTransaction(value)).toMatchObject({ cardId: null, accountId: account.data.id });
  });

  test('keeps fees as they are, whatever they are', () => {
    const fee = { type: 'fx', amount: 25, nested: { a: [1] } };
    expect(transaction({ fees: [fee, 25] }).fees).toEqual([fee, { value: 25 }]);
    expect(transaction({ fees: undefined }).fees).toEqual([]);
  });

  test('has its times in UTC, whatever zone they are written in', () => {
    const { transactionTime } = transaction({ transaction_time: '2020-05-25T12:08:24+07:00' });
    expect(transactionTime).toBe('2020-05-25T05:08:24.000Z');
  });

  test('has each of its times as the text that a Date would write, however it is written', () => {
    const moment = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    const zone = fc.constantFrom('Z', 'z', '+00:00', '+07:00', '-0330');
    const written = (date: Date, at: string, digits: number) => {
      const minutes = /\d/.test(at) ? Number(at.slice(1, 3)) * 60 + Number(at.slice(-2)) : 0;
      const local = new Date(
        date.getTime() + (at.startsWith('-') ? -minutes : minutes) * 60_000,
      ).toISOString();
      return `${local.slice(0, digits === 0 ? 19 : 20 + digits)}${at}`;
    };
    fc.assert(
      fc.property(moment, zone, fc.constantFrom(0, 1, 3), (date, at, digits) => {
        const step = 10 ** (3 - digits);
        const told = new Date(Math.floor(date.getTime() / step) * step);
        const time = written(told, at, digits);
        expect(
          transaction({ transaction_time: time, settlement_time: time, created_at: time, updated_at: time }),
        ).toMatchObject({
          transactionTime: told.toISOString(),
          occurredAt: told.toISOString(),
          settlementTime: told.toISOString(),
          createdAt: told.toISOString(),
          updatedAt: told.toISOString(),
        });
      }),
    );
  });
});

const details = (transaction_details: unknown) => {
  const { details, description } = transaction({ transaction_details });
  return { details, description };
};

const merchant = (data: Record<string, unknown>) => details({ type: 'card', card: { merchant_data: data } });

describe('the details of a transaction', () => {
  const UNKNOWN = { name: null, city: null, country: null, category: null };

  test('of another kind are the object that their type names', () => {
    expect(details({ type: 'transfer', transfer: { bank: 'ABA' }, card: {} })).toEqual({
      details: { type: 'transfer', raw: { bank: 'ABA' } },
      description: 'Purchase',
    });
  });

  test.each([
    ['nothing', { type: 'transfer' }],
    ['no object', { type: 'transfer', transfer: 'x' }],
    ['something every object inherits', { type: 'toString' }],
    ['the prototype', { type: '__proto__' }],
  ])('whose type names %s are empty', (_what, value) => {
    expect(details(value).details).toStrictEqual({ type: value.type, raw: {} });
    expect(details(value).details).not.toHaveProperty(
      'raw',
      expect.toSatisfy((raw) => raw === Object.prototype),
    );
  });

  test.each([
    ['no details', undefined],
    ['null', null],
    ['details without a type', {}],
  ])('are null when there are %s', (_what, value) => {
    expect(details(value)).toEqual({ details: null, description: 'Purchase' });
  });

  test.each([{ type: 'card' }, { type: 'card', card: null }, { type: 'card', card: {} }])(
    'of a card without a merchant name none: %j',
    (value) => {
      expect(details(value)).toEqual({
        details: { type: 'card', merchant: UNKNOWN },
        description: 'Purchase',
      });
    },
  );

  test('describe the movement by what is known of the merchant', () => {
    expect(merchant({ name: 'Riverside Coffee', city: 'Kampot' }).description).toBe(
      'Riverside Coffee, Kampot',
    );
    expect(merchant({ name: 'Riverside Coffee' }).description).toBe('Riverside Coffee');
    expect(merchant({ name: '', city: 'Kampot' }).description).toBe('Kampot');
    expect(merchant({ category: 'eating_places_restaurants' })).toEqual({
      details: { type: 'card', merchant: { ...UNKNOWN, category: 'eating_places_restaurants' } },
      description: 'Purchase',
    });
  });
});

describe('what may be missing', () => {
  test('of a cardholder who is no individual', () => {
    const company = sample('cardholder', {
      type: 'company',
      phone_number: null,
      email: undefined,
      individual: undefined,
      additional_details: undefined,
      metadata: null,
    });
    expect(toCardholder(company)).toMatchObject({
      phoneNumber: null,
      email: null,
      individual: null,
      additionalDetails: {},
      metadata: {},
    });
  });

  test('of an individual', () => {
    expect(toCardholder(sample('cardholder', { individual: {} })).individual).toStrictEqual({
      address: null,
      dateOfBirth: null,
      identityDocumentNumber: null,
      identityDocumentType: null,
    });
  });

  test("of an issuer's artwork", () => {
    const none = { imageFrontUrl: null, imageBackUrl: null };
    expect(toCardIssuer(sample('card-issuer', { card_artwork: undefined })).cardArtwork).toEqual(none);
    expect(toCardIssuer(sample('card-issuer', { card_artwork: {} })).cardArtwork).toEqual(none);
  });

  test.each([undefined, {}, { cardholder: null }, { cardholder: { data: null } }])(
    'of an account: its cardholder, %j',
    (relationships) => {
      const value = sample('account', { metadata: undefined }, { relationships } as Partial<Parsed>);
      expect(toAccount(value)).toMatchObject({ cardholderId: null, metadata: {} });
    },
  );

  test('of a card: its account', () => {
    const value = sample('card', {}, { relationships: { account: { data: null } } });
    expect(toCard(value).accountId).toBeNull();
  });
});

describe('what is known exactly', () => {
  test('a balance may be overdrawn', () => {
    const value = sample('balance', {
      available: { amount: -50, currency: 'USD' },
      balance: { amount: 0, currency: 'USD' },
    });
    expect(toBalance(value)).toEqual({
      available: { minorUnits: -50, currency: 'USD', exponent: 2 },
      balance: { minorUnits: 0, currency: 'USD', exponent: 2 },
    });
  });

  test('a phone number has one plus sign', () => {
    for (const phone_number of ['85510000000', '+85510000000']) {
      expect(toCardholder(sample('cardholder', { phone_number })).phoneNumber).toBe('+85510000000');
    }
  });

  test('a verification keeps its milliseconds', () => {
    expect(toVerification(sample('cardholder-verification'))).toStrictEqual({
      id: '41b3e962-eaa7-460a-aaba-029b4673952b',
      phoneNumber: '+85512583587',
      status: 'pending',
      validUntil: new Date('2020-05-25T05:10:23.434Z'),
    });
  });
});

describe('what is only shown, and cannot be read, is not told', () => {
  test.each([
    ['a number for a settlement time', { settlement_time: 1_590_383_304 }, { settlementTime: null }],
    ['fees that are no list', { fees: {} }, { fees: [] }],
    ['details that are no object', { transaction_details: ['card'] }, { details: null }],
    ['a status that is no text', { status: 7 }, { status: 'OTHER', rawStatus: '' }],
    ['a number that is no text', { transaction_number: 999_542_400_183 }, { transactionNumber: '' }],
  ])('%s of a transaction', (_what, attributes, expected) => {
    expect(transaction(attributes)).toMatchObject(expected);
    expect(odd).toEqual(Object.keys(attributes));
  });

  test('a word that is missing is none, and nothing odd', () => {
    expect(transaction({ status: undefined, type: null })).toMatchObject({ rawStatus: '', rawType: '' });
    expect(odd).toEqual([]);
  });

  test.each([
    ['date_of_birth', '5 Jan 1990'],
    ['date_of_birth', '1990-02-30'],
    ['address', ['1 Street']],
  ])('%s of an individual: %j', (member, value) => {
    const { individual } = toCardholder(sample('cardholder', { individual: { [member]: value } }));
    expect(Object.values(individual ?? {})).toEqual([null, null, null, null]);
    expect(odd).toEqual([member]);
  });

  test.each(['12', '0123456789', '+855 12 345 678', 85_510_000_000])(
    '%j, which is no phone number',
    (phone) => {
      expect(toCardholder(sample('cardholder', { phone_number: phone })).phoneNumber).toBeNull();
      expect(toVerification(sample('cardholder-verification', { phone_number: phone })).phoneNumber).toBe(
        '+85599999999',
      );
    },
  );

  test.each(['javascript:alert(1)', '/front.png', 'front.png', 7])(
    '%j, which no browser shows as a picture',
    (url) => {
      const issuer = toCardIssuer(sample('card-issuer', { card_artwork: { image_front_url: url } }));
      expect(issuer.cardArtwork.imageFrontUrl).toBeNull();
    },
  );
});

describe('an amount that Bongloy does not tell', () => {
  test("at the merchant is the account's where the currencies are not two", () => {
    const same = { minorUnits: 1000, currency: 'USD', exponent: 2 };
    const none = { transaction_amount: null };
    expect(transaction({ ...none, transaction_currency: null }).transactionAmount).toEqual(same);
    expect(transaction({ ...none, transaction_currency: 'USD' }).transactionAmount).toEqual(same);
  });

  test('of fees is none where no fee is given', () => {
    const none = { minorUnits: 0, currency: 'USD', exponent: 2 };
    expect(transaction({ total_fee: null, fees: [] }).totalFee).toEqual(none);
    expect(transaction({ total_fee: undefined, fees: undefined }).totalFee).toEqual(none);
  });
});

describe('a wrong shape is', () => {
  test.each([
    ['an unknown direction', { balance_adjustment_type: 'hold' }],
    ['no direction', { balance_adjustment_type: undefined }],
    ['no amount', { amount: undefined }],
    ['a fractional amount', { amount: 10.5 }],
    ['an amount written as a text', { amount: '1000' }],
    ['an amount that a number cannot hold exactly', { amount: 2 ** 53 }],
    ['no fee total beside a fee', { total_fee: null, fees: [{}] }],
    ['a fee total written as a text', { total_fee: '0' }],
    ['no currency', { currency: null }],
    ['a currency in lower case', { currency: 'usd' }],
    ['an amount at the merchant without a currency', { transaction_currency: null }],
    [
      'no amount at the merchant in another currency',
      { transaction_amount: null, transaction_currency: 'KHR' },
    ],
    ['a time of the year 0', { transaction_time: '0000-05-25T05:08:24Z' }],
    ['30 February', { transaction_time: '2020-02-30T05:08:24Z' }],
    ['no time', { transaction_time: undefined }],
    ['a time without a zone', { transaction_time: '2020-05-25T05:08:24' }],
    ['a date for a time', { transaction_time: '2020-05-25' }],
    ['an impossible time', { transaction_time: '2020-13-45T99:99:99Z' }],
  ])('%s of a transaction', async (_what, attributes) => {
    expect(await wrongShape(toTransaction, sample('transaction', attributes))).toMatchObject({
      kind: 'wrong-shape',
    });
  });

  test.each([{}, { account: { data: null } }])('a transaction of no account: %j', async (relationships) => {
    const value = sample('transaction', {}, { relationships });
    expect(await wrongShape(toTransaction, value)).toMatchObject({ kind: 'wrong-shape' });
  });

  test.each([
    [
      'an amount in an old form',
      toBalance,
      sample('balance', { available: [{ amount: 1, currency: 'USD' }] }),
    ],
    ['a balance without a currency', toBalance, sample('balance', { balance: { amount: 1 } })],
    ['an expiry that is no number', toCard, sample('card', { exp_month: 'May' })],
    ['an account for a card', toCard, sample('account')],
    ['nothing', toCard, undefined],
    ['a text', toCard, 'card'],
    ['an expiry beyond 32 bits', toCard, sample('card', { exp_year: 2 ** 31 })],
    ['a thirteenth month', toCard, sample('card', { exp_month: 13 })],
    ['an id that is no UUID', toCard, sample('card', {}, { id: '7' })],
    ['an account without a number', toAccount, sample('account', { number: '' })],
  ])('%s', async (_what, map: (value: unknown) => unknown, value) => {
    expect(await wrongShape(map, value)).toMatchObject({ kind: 'wrong-shape' });
  });
});
