import { describe, expect, test } from 'vitest';
import type { BongloyClient } from '../../src/providers/bongloy/index.ts';
import type { ProviderCall } from '../../src/providers/provider.ts';
import { call, clientOf, FIRST_TOKEN, fixture, MEDIA_TYPE, told } from './bongloy-client-support.ts';

const AT_23 = '2020-05-25T05:08:23.000Z';
const AT_24 = '2020-05-25T05:08:24.000Z';

const usd = (minorUnits: number) => ({ minorUnits, currency: 'USD', exponent: 2 });

const ACCOUNT = {
  currency: 'USD',
  status: 'ACTIVE',
  rawStatus: 'active',
  metadata: {},
  createdAt: AT_23,
  updatedAt: AT_23,
};

const CARD = {
  lastFour: '2345',
  expMonth: 5,
  expYear: 2023,
  status: 'ACTIVE',
  rawStatus: 'active',
  type: 'PHYSICAL',
  rawType: 'physical',
};

const LISTED_CARD = {
  ...CARD,
  accountId: 'fea9a79c-24c0-4179-9c15-832977c8e601',
  createdAt: AT_23,
  updatedAt: AT_23,
};

const TRANSACTION = {
  provider: 'BONGLOY',
  type: 'PURCHASE',
  rawType: 'purchase',
  status: 'SETTLED',
  rawStatus: 'settled',
  direction: 'DEBIT',
  amount: usd(1000),
  transactionAmount: usd(1000),
  totalFee: usd(0),
  fees: [],
  details: {
    type: 'card',
    merchant: {
      name: 'Rocket Rides',
      city: 'Phnom Penh',
      country: 'Cambodia',
      category: 'taxicabs_limousines',
    },
  },
  description: 'Rocket Rides, Phnom Penh',
};

const PAGED_TRANSACTION = {
  ...TRANSACTION,
  createdAt: '2020-05-25T05:08:20.000Z',
  updatedAt: '2020-05-25T05:08:20.000Z',
  accountId: 'c7d6e5db-4551-4ad1-87fa-7db4c1ab917a',
  cardId: 'bc944846-0d11-49f6-af76-47154d4ad71a',
};

const FILTER = {
  accountId: '4ec7d89a-57e1-4084-87d5-46835dbcf929',
  cardId: '43390a01-2d49-4b1c-9c9c-ab8883f2974a',
  status: 'SETTLED',
  direction: 'DEBIT',
  from: new Date('2020-01-01T00:00:00Z'),
  to: new Date('2020-01-01T12:00:00Z'),
} as const;

/** What stands in a row twice: the name that the schema has for it, too. */
function withBothNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBothNames);
  if (typeof value !== 'object' || value === null) return value;
  const { id, transactionTime, direction, ...others } = value as Record<string, unknown>;
  return {
    ...Object.fromEntries(Object.entries(others).map(([name, member]) => [name, withBothNames(member)])),
    ...(id !== undefined && { id, providerId: id }),
    ...(transactionTime !== undefined && { transactionTime, occurredAt: transactionTime }),
    ...(direction !== undefined && { direction, balanceAdjustmentType: direction }),
  };
}

interface Sample {
  readonly title: string;
  readonly fixture: string;
  readonly ask: (client: BongloyClient, call: ProviderCall) => Promise<unknown>;
  readonly url: string;
  readonly answer: unknown;
}

const SAMPLES: readonly Sample[] = [
  {
    title: 'the card issuer',
    fixture: 'card-issuer',
    ask: (client, call) => client.cardIssuer(call),
    url: '/connect/v1/card_issuer',
    answer: {
      id: '2e9bfb60-f5fc-4233-a70e-2eb8c7681c04',
      identifier: 'digikh',
      name: 'Digital Cambodia',
      code: '204',
      cardArtwork: {
        imageFrontUrl:
          'https://cms-sandbox.bongloy.com/assets/card-image-front-d717049cc1122eb2ff08523b55d8831faa737f0c6d7b6993b8c849e9a912e88a.png',
        imageBackUrl:
          'https://cms-sandbox.bongloy.com/assets/card-image-back-b26a18e711d82d00d642a3d1abc2382a0edb2c994fc15ab6cbc5a182031537b9.png',
      },
      createdAt: AT_23,
      updatedAt: AT_23,
    },
  },
  {
    title: 'the cardholder',
    fixture: 'cardholder',
    ask: (client, call) => client.cardholder(call),
    url: '/connect/v1/cardholder',
    answer: {
      id: '1bac7f07-8acb-43a6-bcca-ec9637eb0135',
      name: 'Meta Kanha',
      phoneNumber: '+855715100860',
      email: null,
      type: 'INDIVIDUAL',
      rawType: 'individual',
      status: 'ACTIVE',
      rawStatus: 'active',
      individual: {
        address: '#87, Street 63 (Trasak Paem), Sangkat Boeung Raing, Khan Daun Penh, Phnom Penh, Cambodia',
        dateOfBirth: '2002-05-25',
        identityDocumentNumber: 'A123456789',
        identityDocumentType: 'id_card',
      },
      additionalDetails: { name_km: 'មេត្តា កញ្ញា', member_id: 'P01-123456', member_since: '2019' },
      metadata: {},
      createdAt: AT_23,
      updatedAt: AT_23,
    },
  },
  {
    title: 'one account',
    fixture: 'account',
    ask: (client, call) => client.account(call, '1ac8d3c9-cb7c-419d-a84d-d006ff618edd'),
    url: '/connect/v1/accounts/1ac8d3c9-cb7c-419d-a84d-d006ff618edd',
    answer: {
      ...ACCOUNT,
      id: '1ac8d3c9-cb7c-419d-a84d-d006ff618edd',
      number: '000140',
      accountIdentifier: '203000140',
      cardholderId: 'e1f40d6a-d448-4af8-80b7-bc84d08ddbb2',
    },
  },
  {
    title: 'the accounts',
    fixture: 'accounts',
    ask: (client, call) => client.accounts(call, { size: 100 }),
    url: '/connect/v1/accounts?page%5Bsize%5D=100',
    answer: {
      rows: [
        {
          ...ACCOUNT,
          id: '105563c0-e136-43ba-88d4-de968b4110c1',
          number: '000138',
          accountIdentifier: '201000138',
          cardholderId: 'af0cc7b9-3083-4fea-9661-dc494de50b33',
        },
        {
          ...ACCOUNT,
          id: '3671cc02-346b-492d-a3a1-0ae7222a51c1',
          number: '000137',
          accountIdentifier: '201000137',
          cardholderId: 'af0cc7b9-3083-4fea-9661-dc494de50b33',
        },
      ],
      hasOlder: false,
      hasNewer: true,
    },
  },
  {
    title: 'the balance of an account',
    fixture: 'balance',
    ask: (client, call) => client.balance(call, '213a65a1-6ec5-4181-817e-0766170b406d'),
    url: '/connect/v1/accounts/213a65a1-6ec5-4181-817e-0766170b406d/balance',
    answer: { available: usd(10_000), balance: usd(10_000) },
  },
  {
    title: 'one card',
    fixture: 'card',
    ask: (client, call) => client.card(call, '86dbf71d-8fba-43ba-a1bc-a62385c68e62'),
    url: '/connect/v1/cards/86dbf71d-8fba-43ba-a1bc-a62385c68e62',
    answer: {
      ...CARD,
      id: '86dbf71d-8fba-43ba-a1bc-a62385c68e62',
      accountId: 'd0058220-8194-4117-afa4-638dcb85bc91',
      createdAt: AT_24,
      updatedAt: AT_24,
    },
  },
  {
    title: 'the cards after one of them',
    fixture: 'cards',
    ask: (client, call) => client.cards(call, { size: 11, after: '86dbf71d-8fba-43ba-a1bc-a62385c68e62' }),
    url: '/connect/v1/cards?page%5Bsize%5D=11&page%5Bafter%5D=86dbf71d-8fba-43ba-a1bc-a62385c68e62',
    answer: {
      rows: [
        { ...LISTED_CARD, id: 'b496bcdf-3804-491b-9b2c-b7f2eb24856e' },
        { ...LISTED_CARD, id: '4de4c647-6f3c-4761-9a0c-861acadaf797' },
      ],
      hasOlder: false,
      hasNewer: true,
    },
  },
  {
    title: 'one transaction',
    fixture: 'transaction',
    ask: (client, call) => client.transaction(call, '124b35c6-0246-42b3-8b88-fe4485fa3b4e'),
    url: '/connect/v1/transactions/124b35c6-0246-42b3-8b88-fe4485fa3b4e',
    answer: {
      ...TRANSACTION,
      id: '124b35c6-0246-42b3-8b88-fe4485fa3b4e',
      transactionNumber: '445120215177',
      transactionTime: AT_24,
      settlementTime: AT_24,
      createdAt: AT_24,
      updatedAt: AT_24,
      accountId: 'de447152-51d2-4024-bc3d-8e3fbc6a8ced',
      cardId: '2c952203-ad9f-4d99-b562-541cfe18734c',
    },
  },
  {
    title: 'a page of transactions before one of them',
    fixture: 'transactions-page',
    ask: (client, call) =>
      client.transactions(call, { size: 2, before: 'd278b579-217f-44b1-a340-c829d1708cfe' }),
    url: '/connect/v1/transactions?page%5Bsize%5D=2&page%5Bbefore%5D=d278b579-217f-44b1-a340-c829d1708cfe',
    answer: {
      rows: [
        {
          ...PAGED_TRANSACTION,
          id: '327cfed6-1e9e-4bbe-9532-a86be4b7ddd1',
          transactionNumber: '999542400183',
          transactionTime: '2020-01-03T00:00:00.000Z',
          settlementTime: '2020-01-03T00:00:00.000Z',
        },
        {
          ...PAGED_TRANSACTION,
          id: '221bacf3-38b6-42bb-b8d4-d7b497f120ee',
          transactionNumber: '893638277150',
          transactionTime: '2020-01-02T00:00:00.000Z',
          settlementTime: '2020-01-02T00:00:00.000Z',
        },
      ],
      hasOlder: true,
      hasNewer: true,
    },
  },
  {
    title: 'transactions that pass every filter',
    fixture: 'transactions-filtered',
    ask: (client, call) => client.transactions(call, { size: 10 }, FILTER),
    url:
      '/connect/v1/transactions?filter%5Baccount%5D=4ec7d89a-57e1-4084-87d5-46835dbcf929' +
      '&filter%5Bcard%5D=43390a01-2d49-4b1c-9c9c-ab8883f2974a&filter%5Bstatus%5D=settled' +
      '&filter%5Bbalance_adjustment_type%5D=debit&filter%5Bfrom_date%5D=2020-01-01T00%3A00%3A00Z' +
      '&filter%5Bto_date%5D=2020-01-01T12%3A00%3A00Z&page%5Bsize%5D=10',
    answer: {
      rows: [
        {
          ...TRANSACTION,
          id: 'd278b579-217f-44b1-a340-c829d1708cfe',
          transactionNumber: '865786306204',
          transactionTime: '2020-01-01T01:00:00.000Z',
          settlementTime: '2020-01-01T01:00:00.000Z',
          createdAt: AT_24,
          updatedAt: AT_24,
          accountId: FILTER.accountId,
          cardId: FILTER.cardId,
        },
      ],
      hasOlder: false,
      hasNewer: true,
    },
  },
];

describe('every sample of the reference is asked for and understood, value by value', () => {
  test.each(SAMPLES)('$title', async ({ fixture: name, ask, url, answer }) => {
    const { client, host, requests } = await clientOf([{ body: fixture(name) }]);
    let attempts = 0;
    const answered = await ask(client, call({ onAttempt: () => (attempts += 1) }));
    expect(told(answered)).toStrictEqual(withBothNames(answer));
    expect(requests).toStrictEqual([
      {
        method: 'GET',
        url,
        headers: {
          host,
          connection: 'keep-alive',
          'user-agent': 'mekong',
          accept: MEDIA_TYPE,
          authorization: FIRST_TOKEN,
        },
        body: '',
      },
    ]);
    expect(attempts).toBe(1);
  });
});

const listOf = (links: unknown): string =>
  JSON.stringify({ data: [], ...(links !== undefined && { links }) });

describe('lists', () => {
  test.each([
    { links: { prev: null, next: null }, hasOlder: false, hasNewer: false },
    { links: { prev: null, next: 'http://example.org/x' }, hasOlder: true, hasNewer: false },
    { links: { prev: 'http://example.org/x', next: null }, hasOlder: false, hasNewer: true },
    { links: {}, hasOlder: false, hasNewer: false },
    { links: undefined, hasOlder: false, hasNewer: false },
  ])('links are only looked at for being there: $links', async ({ links, hasOlder, hasNewer }) => {
    const { client, requests } = await clientOf([{ body: listOf(links) }]);
    expect(await client.cards(call(), { size: 1 })).toStrictEqual({ rows: [], hasOlder, hasNewer });
    expect(requests).toHaveLength(1);
  });

  test('a response needs no particular content type', async () => {
    const { client } = await clientOf([{ body: listOf(null), headers: { 'content-type': 'text/plain' } }]);
    expect(await client.accounts(call(), { size: 1 })).toMatchObject({ rows: [] });
  });

  test('an id cannot leave its place in the path', async () => {
    const { client, requests } = await clientOf([{ status: 404 }]);
    await client.account(call(), 'a/../b?c#d');
    expect(requests[0]?.url).toBe('/connect/v1/accounts/a%2F..%2Fb%3Fc%23d');
  });
});
