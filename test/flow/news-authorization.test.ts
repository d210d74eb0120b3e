import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_ACCOUNTS, SANDBOX_CARDHOLDERS } from '../../src/providers/bongloy/sandbox/index.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, listBongloy, logInAs } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Json } from '../support/json.ts';
import {
  ACTIVITY_EVENTS,
  BANK_EVENTS,
  bongloyBody,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  type Open,
  postBongloy,
  postCasso,
  startNews,
  TRANSACTION_EVENTS,
  TRANSPORTS,
} from '../support/news.ts';

let gateway: Gateway;
/** Two cardholders, two businesses, and whoever runs this gateway. */
let main: string;
let other: string;
let business: string;
let otherBusiness: string;
let operator: string;
beforeAll(async () => {
  gateway = await startNews();
  main = await logInAs(gateway, 'main');
  other = await logInAs(gateway, 'manyAccounts');
  business = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
  otherBusiness = await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey);
  operator = await gateway.operatorToken();
});
afterAll(() => gateway.stop());

let row = 60_000;
let before: string;
beforeEach(async () => {
  before = await eventCursor(gateway, main);
});

const opened: Open[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((open) => open.close()));
});

const othersAccount = async (): Promise<string> => {
  const { data } = await gateway.ask('{ accounts(first: 1) { nodes { providerId } } }', {}, other);
  return data?.accounts.nodes[0].providerId;
};

/** Of a cardholder who has no login here. */
const strangersAccount = async (): Promise<string> =>
  (await listBongloy(gateway, 'metaKanha', '/accounts')).data[0]?.id ?? '';

/** A card payment that no webhook has told of. */
function silentPayment(accountId: string): string {
  gateway.bongloy.control.dropNextWebhook(1);
  return gateway.bongloy.control.makePurchase({ accountId }).id;
}

/** What each of them is told, up to a last event that all of their streams must bring. */
async function heard(feed: Open['feed'], field: string, last: string): Promise<string[]> {
  const ids = () => idsOf(feed.results.map(({ data }) => data?.[field]));
  await feed.until(() => ids().includes(last));
  return ids().slice(0, -1);
}

describe.each(TRANSPORTS)('over %s', (_name, transport) => {
  async function open(query: string, variables: object, token?: string) {
    const subscription = await transport(gateway.url, query, variables, token);
    opened.push(subscription);
    return subscription.feed;
  }

  describe('card events', () => {
    const { everyday } = SANDBOX_ACCOUNTS;
    test.each([
      ['names his account', () => everyday],
      ["names the other one's account", othersAccount],
      ["names a stranger's account", strangersAccount],
      ['names no account', () => undefined],
      ['names an account that nobody has', () => crypto.randomUUID()],
    ])(
      'the one whose payment it was hears of it, and nobody else does, when the unsigned body %s',
      async (_what, claimed) => {
        const feeds = {
          main: await open(TRANSACTION_EVENTS, { after: before }, main),
          other: await open(TRANSACTION_EVENTS, { after: before }, other),
        };
        const mine = silentPayment(everyday);
        const his = silentPayment(await othersAccount());
        const tell = async (id: string, accountId?: string) =>
          expect((await postBongloy(gateway, bongloyBody(id, accountId))).status).toBe(200);
        await tell(mine, await claimed());
        await tell(his, await claimed());
        const myLast = silentPayment(everyday);
        const hisLast = silentPayment(await othersAccount());
        await tell(myLast);
        await tell(hisLast);
        expect(await heard(feeds.main, 'transactionEvents', myLast)).toEqual([mine]);
        expect(await heard(feeds.other, 'transactionEvents', hisLast)).toEqual([his]);
      },
    );

    test('a transaction that does not exist is nobody’s', async () => {
      const feed = await open(TRANSACTION_EVENTS, { after: before }, main);
      await postBongloy(gateway, bongloyBody(crypto.randomUUID(), everyday));
      const last = silentPayment(everyday);
      await postBongloy(gateway, bongloyBody(last));
      expect(await heard(feed, 'transactionEvents', last)).toEqual([]);
    });

    test("a filter on somebody else's account or card is NOT_FOUND, as on one that does not exist", async () => {
      const { id: cardId } = gateway.bongloy.control.addCard({ accountId: await othersAccount() });
      for (const filter of [
        { accountId: encodeGlobalId('Account', await othersAccount()) },
        { accountId: encodeGlobalId('Account', crypto.randomUUID()) },
        { cardId: encodeGlobalId('Card', cardId) },
        { cardId: encodeGlobalId('Card', crypto.randomUUID()) },
      ]) {
        const feed = await open(TRANSACTION_EVENTS, { after: before, filter }, main);
        expect(await refusal(feed)).toEqual({ code: 'NOT_FOUND', provider: 'BONGLOY' });
      }
    });

    test('a filter of the wrong kind is BAD_USER_INPUT that names it', async () => {
      const filter = { accountId: encodeGlobalId('Card', crypto.randomUUID()) };
      const feed = await open(TRANSACTION_EVENTS, { after: before, filter }, main);
      expect(await refusal(feed)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'filter.accountId' });
    });

    test('an account that was opened while subscribed is heard of', async () => {
      const feed = await open(TRANSACTION_EVENTS, { after: before }, main);
      const account = gateway.bongloy.control.addAccount({ cardholder: SANDBOX_CARDHOLDERS.main });
      const { id } = gateway.bongloy.control.makePurchase({ accountId: account.id });
      expect(idsOf([await feed.event()])).toEqual([id]);
    });
  });

  describe('bank events', () => {
    const number = SANDBOX_BUSINESSES.main.accounts[0].accountNumber;
    const othersNumber = SANDBOX_BUSINESSES.second.accounts[0].accountNumber;
    async function tell(accountNumber: string): Promise<string> {
      row += 1;
      const body = cassoBody(cassoRow(row, { bank_sub_acc_id: accountNumber, subAccId: accountNumber }));
      expect((await postCasso(gateway, body)).status).toBe(200);
      return String(row);
    }

    test('reach the businesses that list the account, and no other', async () => {
      const feeds = {
        business: await open(BANK_EVENTS, { after: before }, business),
        operator: await open(BANK_EVENTS, { after: before }, operator),
        other: await open(BANK_EVENTS, { after: before }, otherBusiness),
      };
      const mine = await tell(number);
      const his = await tell(othersNumber);
      await tell('an account that nobody has');
      const myLast = await tell(number);
      const hisLast = await tell(othersNumber);
      expect(await heard(feeds.business, 'bankTransactionEvents', myLast)).toEqual([mine]);
      expect(await heard(feeds.operator, 'bankTransactionEvents', myLast)).toEqual([mine]);
      expect(await heard(feeds.other, 'bankTransactionEvents', hisLast)).toEqual([his]);
    });

    test('an account that was linked while subscribed is heard of', async () => {
      const feed = await open(BANK_EVENTS, { after: before }, otherBusiness);
      const known = await tell(othersNumber);
      expect(idsOf([await feed.event()])).toEqual([known]);
      const accountNumber = `99${row}`;
      gateway.casso.control.addAccount({ business: 'second', accountNumber });
      const fresh = [await tell(accountNumber), await tell(accountNumber)];
      expect(idsOf(await feed.events(2))).toEqual(fresh);
    });

    test('an account that is linked within a minute of news on its number is heard of from then on', async () => {
      const feed = await open(BANK_EVENTS, { after: before }, otherBusiness);
      const accountNumber = `88${row}`;
      const first = await tell(othersNumber);
      await tell(accountNumber);
      const second = await tell(othersNumber);
      expect(idsOf(await feed.events(2))).toEqual([first, second]);
      gateway.casso.control.addAccount({ business: 'second', accountNumber });
      const fresh = await tell(accountNumber);
      const last = await tell(othersNumber);
      expect(idsOf(await feed.events(2))).toEqual([fresh, last]);
    });

    test("a filter on another business's account is NOT_FOUND, as on one that does not exist", async () => {
      for (const id of [SANDBOX_BUSINESSES.second.accounts[0].id, 999_999]) {
        const filter = { bankAccountId: encodeGlobalId('BankAccount', String(id)) };
        const feed = await open(BANK_EVENTS, { after: before, filter }, business);
        expect(await refusal(feed)).toEqual({ code: 'NOT_FOUND', provider: 'CASSO' });
      }
    });
  });

  describe('without the right, the answer is an error, not silence', () => {
    test.each([
      ['transactionEvents', TRANSACTION_EVENTS, undefined, { code: 'UNAUTHENTICATED', provider: 'BONGLOY' }],
      ['bankTransactionEvents', BANK_EVENTS, undefined, { code: 'UNAUTHENTICATED', provider: 'CASSO' }],
      ['activityEvents', ACTIVITY_EVENTS, undefined, { code: 'UNAUTHENTICATED' }],
      [
        'transactionEvents',
        TRANSACTION_EVENTS,
        () => business,
        { code: 'UNAUTHENTICATED', provider: 'BONGLOY' },
      ],
      ['bankTransactionEvents', BANK_EVENTS, () => main, { code: 'UNAUTHENTICATED', provider: 'CASSO' }],
      [
        'transactionEvents',
        TRANSACTION_EVENTS,
        () => operator,
        { code: 'UNAUTHENTICATED', provider: 'BONGLOY' },
      ],
    ])('%s', async (_field, query, token, extensions) => {
      expect(await refusal(await open(query, {}, token?.()))).toMatchObject(extensions);
    });

    test.each([
      ['bankTransactionEvents', BANK_EVENTS],
      ['activityEvents', ACTIVITY_EVENTS],
    ])(
      '%s of an operator without events:read: FORBIDDEN, and which scope is missing',
      async (_field, query) => {
        const token = await gateway.operatorToken(['casso:read', 'casso:sync', 'casso:admin']);
        const feed = await open(query, {}, token);
        expect(await refusal(feed)).toEqual({ code: 'FORBIDDEN', requiredScope: 'events:read' });
      },
    );

    test('events:read alone is enough', async () => {
      const token = await gateway.operatorToken(['events:read']);
      const feeds = [
        await open(BANK_EVENTS, { after: before }, token),
        await open(ACTIVITY_EVENTS, { after: before }, token),
      ];
      const { id } = gateway.casso.control.makeTransfer();
      for (const feed of feeds) expect(idsOf([await feed.event()])).toEqual([String(id)]);
    });
  });
});

async function refusal(feed: Open['feed']): Promise<Json> {
  const end = await feed.ended;
  return end.kind === 'error' ? end.errors[0]?.extensions : feed.results[0]?.errors?.[0]?.extensions;
}

describe('catching up with queries follows the same rules', () => {
  const CARD_PAGE = `query ($after: String) { transactionEvents(after: $after, first: 100) {
    nodes { transaction { providerId } }
  } }`;
  const BANK_PAGE = `query ($after: String) { bankTransactionEvents(after: $after, first: 100) {
    nodes { bankTransaction { providerId } }
  } }`;

  test('each sees his own events alone', async () => {
    const mine = gateway.bongloy.control.makePurchase().id;
    const his = gateway.bongloy.control.makePurchase({ accountId: await othersAccount() }).id;
    await gateway.bongloy.control.webhooksIdle();
    const transfer = String(gateway.casso.control.makeTransfer().id);
    await gateway.casso.control.webhooksIdle();
    const ask = async (query: string, token: string) =>
      idsOf(Object.values<Json>((await gateway.ask(query, { after: before }, token)).data ?? {})[0].nodes);
    expect(await ask(CARD_PAGE, main)).toEqual([mine]);
    expect(await ask(CARD_PAGE, other)).toEqual([his]);
    expect(await ask(BANK_PAGE, business)).toEqual([transfer]);
    expect(await ask(BANK_PAGE, operator)).toEqual([transfer]);
    expect(await ask(BANK_PAGE, otherBusiness)).toEqual([]);
  });

  test.each([
    ['transactionEvents', CARD_PAGE, () => business, { code: 'UNAUTHENTICATED', provider: 'BONGLOY' }],
    ['bankTransactionEvents', BANK_PAGE, () => main, { code: 'UNAUTHENTICATED', provider: 'CASSO' }],
    ['eventCursor', '{ eventCursor }', () => undefined, { code: 'UNAUTHENTICATED' }],
  ])('%s without the right: an error', async (_field, query, token, extensions) => {
    const { errors } = await gateway.ask(query, {}, token());
    expect(errors?.[0]?.extensions).toMatchObject(extensions);
  });
});

test('the sockets of one credential share the call for an event, and the others make none', async () => {
  const feeds: Open['feed'][] = [];
  for (const [, transport] of TRANSPORTS) {
    for (const token of [main, main, other]) {
      const subscription = await transport(gateway.url, TRANSACTION_EVENTS, { after: before }, token);
      opened.push(subscription);
      feeds.push(subscription.feed);
    }
  }
  const { id } = gateway.bongloy.control.makePurchase();
  for (const feed of feeds.filter((_, n) => n % 3 < 2)) expect(idsOf([await feed.event()])).toEqual([id]);
  const last = gateway.bongloy.control.makePurchase({ accountId: await othersAccount() }).id;
  for (const feed of feeds.filter((_, n) => n % 3 === 2)) expect(idsOf([await feed.event()])).toEqual([last]);
  const calls = gateway.bongloy.requests.filter(({ path }) => path.endsWith(id));
  expect(calls).toHaveLength(1);
});
