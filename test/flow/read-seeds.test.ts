import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId, type NodeType } from '../../src/domain/global-id.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { type CardholderName, linkCasso, logInAs } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

/** A resource of the page; its attributes are whatever the fixture holds. */
type Sample = ReturnType<typeof sample>;

const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

async function data(query: string, token: string, variables?: object) {
  const answer = await gateway.ask(query, variables, token);
  expect(answer.errors).toBeUndefined();
  return answer.data ?? {};
}

/** Seconds on the wire, milliseconds here: the same moment. */
const moment = (text: string | null) => text && new Date(text).toISOString();
const dates = (attributes: { created_at: string; updated_at: string }) => ({
  createdAt: moment(attributes.created_at),
  updatedAt: moment(attributes.updated_at),
});
const ids = (type: NodeType, id: string) => ({ id: encodeGlobalId(type, id), providerId: id });
const reference = (type: NodeType, id: string) => ({ id: encodeGlobalId(type, id) });

const MONEY = '{ minorUnits currency decimal formatted }';
const ACCOUNT = `{
  id providerId number accountIdentifier currency status rawStatus metadata createdAt updatedAt cardholder { id }
}`;
const CARD = `{
  id providerId lastFour expMonth expYear status rawStatus type rawType createdAt updatedAt account { id }
}`;
const TRANSACTION = `{
  id providerId provider transactionNumber type rawType status rawStatus balanceAdjustmentType
  amount ${MONEY} transactionAmount ${MONEY} totalFee ${MONEY} fees direction occurredAt description
  transactionTime settlementTime
  details { __typename type ... on CardTransactionDetails { merchant { name city country category } } }
  createdAt updatedAt account { id } card { id }
}`;

const accountOf = ({ id, attributes, relationships }: Sample) => ({
  ...ids('Account', id),
  number: attributes.number,
  accountIdentifier: attributes.account_identifier,
  currency: attributes.currency,
  status: 'ACTIVE',
  rawStatus: attributes.status,
  metadata: attributes.metadata,
  ...dates(attributes),
  cardholder: reference('Cardholder', relationships.cardholder.data.id),
});

const cardOf = ({ id, attributes, relationships }: Sample) => ({
  ...ids('Card', id),
  lastFour: attributes.last_four,
  expMonth: attributes.exp_month,
  expYear: attributes.exp_year,
  status: 'ACTIVE',
  rawStatus: attributes.status,
  type: 'PHYSICAL',
  rawType: attributes.type,
  ...dates(attributes),
  account: reference('Account', relationships.account.data.id),
});

/** Every transaction of the page is a ride for ten dollars. */
const transactionOf = ({ id, attributes, relationships }: Sample) => ({
  ...ids('Transaction', id),
  provider: 'BONGLOY',
  transactionNumber: attributes.transaction_number,
  type: 'PURCHASE',
  rawType: attributes.type,
  status: 'SETTLED',
  rawStatus: attributes.status,
  balanceAdjustmentType: 'DEBIT',
  amount: {
    minorUnits: attributes.amount,
    currency: attributes.currency,
    decimal: '10.00',
    formatted: '$10.00',
  },
  transactionAmount: {
    minorUnits: attributes.transaction_amount,
    currency: attributes.transaction_currency,
    decimal: '10.00',
    formatted: '$10.00',
  },
  totalFee: {
    minorUnits: attributes.total_fee,
    currency: attributes.currency,
    decimal: '0.00',
    formatted: '$0.00',
  },
  fees: attributes.fees,
  direction: 'DEBIT',
  occurredAt: moment(attributes.transaction_time),
  description: 'Rocket Rides, Phnom Penh',
  transactionTime: moment(attributes.transaction_time),
  settlementTime: moment(attributes.settlement_time),
  details: {
    __typename: 'CardTransactionDetails',
    type: attributes.transaction_details.type,
    merchant: attributes.transaction_details.card.merchant_data,
  },
  ...dates(attributes),
  account: reference('Account', relationships.account.data.id),
  card: reference('Card', relationships.card.data.id),
});

describe("every sample value of Bongloy's reference page comes out through GraphQL", () => {
  const as = async (name: CardholderName, query: string, variables?: object) =>
    data(query, await logInAs(gateway, name), variables);

  test('list all accounts', async () => {
    const { accounts } = await as(
      'sampleAccounts',
      `{ accounts { nodes ${ACCOUNT} pageInfo { hasNextPage } } }`,
    );
    expect(accounts).toEqual({
      nodes: sample('bongloy/accounts').data.map(accountOf),
      pageInfo: { hasNextPage: false },
    });
  });

  test('retrieve an account', async () => {
    const wire = sample('bongloy/account').data;
    const { account } = await as('sampleAccount', `query ($id: ID!) { account(id: $id) ${ACCOUNT} }`, {
      id: encodeGlobalId('Account', wire.id),
    });
    expect(account).toEqual(accountOf(wire));
  });

  test('retrieve an account balance, which is of the account with the same id', async () => {
    const { id, attributes } = sample('bongloy/balance').data;
    const { account } = await as(
      'sampleCards',
      `query ($id: ID!) { account(id: $id) { providerId balance { available ${MONEY} balance ${MONEY} } } }`,
      { id: encodeGlobalId('Account', id) },
    );
    const hundred = { decimal: '100.00', formatted: '$100.00' };
    const money = ({ amount, currency }: { amount: number; currency: string }) => ({
      minorUnits: amount,
      currency,
      ...hundred,
    });
    expect(account).toEqual({
      providerId: id,
      balance: { available: money(attributes.available), balance: money(attributes.balance) },
    });
  });

  test('list all cards', async () => {
    const { cards } = await as('sampleCards', `{ cards { nodes ${CARD} pageInfo { hasNextPage } } }`);
    expect(cards).toEqual({
      nodes: sample('bongloy/cards').data.map(cardOf),
      pageInfo: { hasNextPage: false },
    });
  });

  test('retrieve a card', async () => {
    const wire = sample('bongloy/card').data;
    const { card } = await as('sampleAccount', `query ($id: ID!) { card(id: $id) ${CARD} }`, {
      id: encodeGlobalId('Card', wire.id),
    });
    expect(card).toEqual(cardOf(wire));
  });

  test('retrieve the card issuer', async () => {
    const { cardIssuer } = await as(
      'metaKanha',
      `{ cardIssuer {
        id providerId identifier name code cardArtwork { imageFrontUrl imageBackUrl } createdAt updatedAt
      } }`,
    );
    const { id, attributes } = sample('bongloy/card-issuer').data;
    expect(cardIssuer).toEqual({
      ...ids('CardIssuer', id),
      identifier: attributes.identifier,
      name: attributes.name,
      code: attributes.code,
      cardArtwork: {
        imageFrontUrl: attributes.card_artwork.image_front_url,
        imageBackUrl: attributes.card_artwork.image_back_url,
      },
      ...dates(attributes),
    });
  });

  test('retrieve the cardholder: the phone number gets its plus sign, Khmer letters stay', async () => {
    const { cardholder } = await as(
      'metaKanha',
      `{ cardholder {
        id providerId name phoneNumber email type status additionalDetails metadata
        individual { address dateOfBirth identityDocumentNumber identityDocumentType }
        createdAt updatedAt
      } }`,
    );
    const { id, attributes } = sample('bongloy/cardholder').data;
    expect(cardholder).toEqual({
      ...ids('Cardholder', id),
      name: attributes.name,
      phoneNumber: `+${attributes.phone_number}`,
      email: attributes.email,
      type: 'INDIVIDUAL',
      status: 'ACTIVE',
      additionalDetails: attributes.additional_details,
      metadata: attributes.metadata,
      individual: {
        address: attributes.individual.address,
        dateOfBirth: attributes.individual.date_of_birth,
        identityDocumentNumber: attributes.individual.identity_document_number,
        identityDocumentType: attributes.individual.identity_document_type,
      },
      ...dates(attributes),
    });
  });

  test('pagination: a page of two transactions, and there is more', async () => {
    const { transactions } = await as(
      'sampleTransactions',
      `{ transactions(first: 2) { nodes ${TRANSACTION} pageInfo { hasNextPage } } }`,
    );
    expect(transactions).toEqual({
      nodes: sample('bongloy/transactions-page').data.map(transactionOf),
      pageInfo: { hasNextPage: true },
    });
  });

  test('filter transactions, with every filter at once', async () => {
    const wire = sample('bongloy/transactions-filtered').data;
    const { transactions } = await as(
      'metaKanha',
      `query ($filter: TransactionFilter) { transactions(filter: $filter) { nodes ${TRANSACTION} } }`,
      {
        filter: {
          accountId: encodeGlobalId('Account', '4ec7d89a-57e1-4084-87d5-46835dbcf929'),
          cardId: encodeGlobalId('Card', '43390a01-2d49-4b1c-9c9c-ab8883f2974a'),
          status: 'SETTLED',
          balanceAdjustmentType: 'DEBIT',
          from: '2020-01-01T00:00:00Z',
          to: '2020-01-01T12:00:00Z',
        },
      },
    );
    expect(transactions).toEqual({ nodes: wire.map(transactionOf) });
    const sent = gateway.bongloy.requests.at(-1)?.path.split('?')[1]?.split('&') ?? [];
    expect(sent.filter((part) => part.startsWith('filter')).toSorted()).toEqual([
      'filter[account]=4ec7d89a-57e1-4084-87d5-46835dbcf929',
      'filter[balance_adjustment_type]=debit',
      'filter[card]=43390a01-2d49-4b1c-9c9c-ab8883f2974a',
      'filter[from_date]=2020-01-01T00:00:00Z',
      'filter[status]=settled',
      'filter[to_date]=2020-01-01T12:00:00Z',
    ]);
  });

  test('retrieve a transaction', async () => {
    const wire = sample('bongloy/transaction').data;
    const { transaction } = await as(
      'metaKanha',
      `query ($id: ID!) { transaction(id: $id) ${TRANSACTION} }`,
      { id: encodeGlobalId('Transaction', wire.id) },
    );
    expect(transaction).toEqual(transactionOf(wire));
  });

  test('create a cardholder verification', async () => {
    const wire = sample('bongloy/cardholder-verification').data.attributes;
    // The page's own moment: two minutes before its `valid_until`.
    const clock = { now: () => Date.parse('2020-05-25T05:08:23.434Z') };
    const thatDay = await startGateway({ bongloy: { clock } });
    const answer = await thatDay.ask(
      `mutation ($input: CreateCardholderVerificationInput!) {
        createCardholderVerification(input: $input) {
          ... on CreateCardholderVerificationPayload { verification { phoneNumber status validUntil } }
        }
      }`,
      { input: { phoneNumber: `+${wire.phone_number}`, accountIdentifier: '195000131' } },
    );
    await thatDay.stop();
    expect(answer.data?.createCardholderVerification).toEqual({
      verification: {
        phoneNumber: `+${wire.phone_number}`,
        status: wire.status,
        validUntil: wire.valid_until,
      },
    });
  });
});

describe("every sample value of Casso's pages comes out through GraphQL", () => {
  const BANK_TRANSACTION = `{
    id providerId provider reference amount ${MONEY} direction runningBalance ${MONEY} occurredAt description
    counterparty { accountNumber name bankId bankName } virtualAccount { number name }
    bankAccount { id accountNumber }
  }`;
  const [account] = sample('casso/accounts').data;
  const [row] = sample('casso/transactions').data.records;
  const expected = {
    ...ids('BankTransaction', String(row.id)),
    provider: 'CASSO',
    reference: row.tid,
    amount: { minorUnits: row.amount, currency: 'VND', decimal: '250000', formatted: '₫250,000' },
    direction: 'CREDIT',
    runningBalance: {
      minorUnits: row.cusumBalance,
      currency: 'VND',
      decimal: '3750000',
      formatted: '₫3,750,000',
    },
    // Midnight in Vietnam.
    occurredAt: '2021-04-14T17:00:00.000Z',
    description: row.description,
    counterparty: null,
    virtualAccount: null,
    bankAccount: {
      id: encodeGlobalId('BankAccount', String(row.accountId)),
      accountNumber: row.bankSubAccId,
    },
  };
  const logInToCasso = () => linkCasso(gateway, SANDBOX_BUSINESSES.sample.apiKey);

  test('accounts: an integer BIN becomes text, empty texts become null', async () => {
    const { bankAccounts } = await data(
      `{ bankAccounts { nodes {
        id providerId accountNumber accountName bank { code name bin } balance ${MONEY}
      } } }`,
      await logInToCasso(),
    );
    expect(bankAccounts.nodes).toEqual([
      {
        ...ids('BankAccount', String(account.id)),
        accountNumber: account.accountNumber,
        accountName: account.accountName,
        bank: { code: account.bankCodeName, name: account.bankName, bin: String(account.BIN) },
        balance: {
          minorUnits: account.balance,
          currency: account.currency,
          decimal: '3750000',
          formatted: '₫3,750,000',
        },
      },
    ]);
  });

  test('transactions of 15 April 2021: the twelve that the page counts, and the one that it shows', async () => {
    const { bankTransactions } = await data(
      `query ($filter: BankTransactionFilter) {
        bankTransactions(filter: $filter, first: 20) { totalCount nodes ${BANK_TRANSACTION} }
      }`,
      await logInToCasso(),
      { filter: { from: '2021-04-15', to: '2021-04-15' } },
    );
    expect(bankTransactions.totalCount).toBe(sample('casso/transactions').data.totalRecords);
    expect(bankTransactions.nodes).toHaveLength(12);
    expect(bankTransactions.nodes.at(-1)).toEqual(expected);
  });

  test('one transaction by its id', async () => {
    const { bankTransaction } = await data(
      `query ($id: ID!) { bankTransaction(id: $id) ${BANK_TRANSACTION} }`,
      await logInToCasso(),
      { id: expected.id },
    );
    expect(bankTransaction).toEqual(expected);
  });

  test('the sync is accepted; with a key that is not good any more, it is not', async () => {
    const token = await logInToCasso();
    const sync = `mutation ($input: SyncBankTransactionsInput!) {
      syncBankTransactions(input: $input) {
        __typename
        ... on SyncBankTransactionsPayload { bankAccountNumber }
        ... on UnauthenticatedError { code provider }
      }
    }`;
    const number = sample('casso/sync-request').bank_acc_id;
    expect(await data(sync, token, { input: { bankAccountNumber: number } })).toEqual({
      syncBankTransactions: { __typename: 'SyncBankTransactionsPayload', bankAccountNumber: number },
    });

    gateway.casso.control.revokeKey({ business: 'sample' });
    expect(await data(sync, token, { input: { bankAccountNumber: `${number}0` } })).toEqual({
      syncBankTransactions: {
        __typename: 'UnauthenticatedError',
        code: 'UNAUTHENTICATED',
        provider: 'CASSO',
      },
    });
  });
});
