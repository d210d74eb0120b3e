import { GROWING, OPERATIONS } from './operations.js';
import { toAccount, toBalance, toCard, toCardholder, toIssuer, toTransaction } from './peers/values.js';

/**
 * The operations as a contestant wants them asked. `connect` is the upstream's own vocabulary, for a gateway that puts
 * GraphQL over REST as it is: the same rows and attributes under their JSON:API names.
 */
const single = (query) => ({ query, steps: [() => ({})] });

const MERCHANT = 'transaction_details { card { merchant_data { name city } } }';
const MONEY = 'amount currency';
const BALANCE = `balance { data { attributes { available { ${MONEY} } balance { ${MONEY} } } } }`;

/** The last row's id stands last in the answer. */
const nextPage = (answer) => ({ after: /.*"id":"([^"]*)"/.exec(answer)[1] });

const connect = {
  Q1: single(`query Q1 {
    card_issuer { data { id attributes { identifier name code } } }
    cardholder { data { id attributes { name phone_number status } } }
  }`),
  Q2: single(`query Q2 {
    transactions(size: 20) {
      data { id attributes { transaction_number status transaction_time ${MERCHANT} ${MONEY} } }
    }
  }`),
  Q3: single(`query Q3 {
    transactions(size: 20) {
      data {
        id attributes { transaction_time ${MERCHANT} ${MONEY} }
        card { data { id attributes { last_four exp_month exp_year } } }
        account { data { id attributes { number } } ${BALANCE} }
      }
    }
  }`),
  Q4: single(`query Q4 {
    accounts(size: 10) {
      data {
        id attributes { number currency }
        ${BALANCE}
        cards { data { id attributes { last_four status } relationships { account { data { id } } } } }
      }
    }
  }`),
  Q5: single(`query Q5 {
    transactions(size: 100) {
      data {
        id attributes { transaction_time ${MONEY} }
        relationships { card { data { id } } account { data { id } } }
      }
    }
  }`),
  Q6: {
    query: `query Q6($after: String) {
      transactions(size: 100, after: $after) {
        links { next } data { id attributes { transaction_time status ${MONEY} } }
      }
    }`,
    steps: [() => ({}), nextPage, nextPage],
  },
};

export const DIALECTS = { mekong: { ...OPERATIONS, ...GROWING }, connect };

/** What a resource does not have because it was not asked for. */
const whole = ({ id, attributes, relationships }) => ({
  id,
  attributes: { status: '', transaction_details: { card: { merchant_data: {} } }, ...attributes },
  relationships: {
    card: { data: null },
    account: { data: { id: null } },
    cardholder: { data: null },
    ...relationships,
  },
});
const picked = (value, keys) => Object.fromEntries(keys.map((key) => [key, value[key]]));
const transaction = (row, ...keys) => picked(toTransaction(whole(row)), ['providerId', ...keys]);
const nodesOf = ({ transactions }, map) => ({ transactions: { nodes: transactions.data.map(map) } });

/** The data of an answer in the `connect` dialect, as the others give it. */
export const fromConnect = {
  Q1: ({ card_issuer, cardholder }) => ({
    cardIssuer: toIssuer(card_issuer.data),
    cardholder: toCardholder(cardholder.data),
  }),
  Q2: (data) =>
    nodesOf(data, (row) =>
      transaction(row, 'transactionNumber', 'status', 'transactionTime', 'description', 'amount'),
    ),
  Q3: (data) =>
    nodesOf(data, (row) => ({
      ...transaction(row, 'transactionTime', 'description', 'amount'),
      card: picked(toCard(whole(row.card.data)), ['providerId', 'lastFour', 'expMonth', 'expYear']),
      account: {
        ...picked(toAccount(row.account.data), ['providerId', 'number']),
        balance: toBalance(row.account.balance.data),
      },
    })),
  Q4: ({ accounts }) => ({
    accounts: {
      nodes: accounts.data.map((row) => ({
        ...toAccount(row),
        balance: toBalance(row.balance.data),
        cards: {
          nodes: row.cards.data
            .map(toCard)
            .filter(({ accountId }) => accountId === row.id)
            .map((card) => picked(card, ['providerId', 'lastFour', 'status'])),
        },
      })),
    },
  }),
  Q5: (data) =>
    nodesOf(data, (row) => ({
      ...transaction(row, 'transactionTime', 'amount'),
      card: { providerId: row.relationships.card.data.id },
      account: { providerId: row.relationships.account.data.id },
    })),
  Q6: (data) => ({
    transactions: {
      ...nodesOf(data, (row) => transaction(row, 'transactionTime', 'status', 'amount')).transactions,
      pageInfo: { hasNextPage: data.transactions.links.next !== null },
    },
  }),
};
