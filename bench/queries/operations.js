/**
 * What is asked of every contestant. Ids are the provider's own, as each API wraps them in its own way. A step's
 * variables may need the answer of the step before; `data` is what contestants must agree on.
 */
const MONEY = '{ minorUnits currency }';

const single = (query) => ({ query, steps: [() => ({})] });

export const OPERATIONS = {
  Q1: {
    title: 'issuer and cardholder',
    ...single(`query Q1 {
      cardIssuer { providerId identifier name code }
      cardholder { providerId name phoneNumber status }
    }`),
  },
  Q2: {
    title: '20 transactions, flat',
    ...single(`query Q2 {
      transactions(first: 20) {
        nodes { providerId transactionNumber status transactionTime description amount ${MONEY} }
      }
    }`),
  },
  Q3: {
    title: '20 transactions, each with card, account and balance',
    ...single(`query Q3 {
      transactions(first: 20) {
        nodes {
          providerId transactionTime description amount ${MONEY}
          card { providerId lastFour expMonth expYear }
          account { providerId number balance { available ${MONEY} balance ${MONEY} } }
        }
      }
    }`),
  },
  Q4: {
    title: 'accounts with balances and their cards',
    ...single(`query Q4 {
      accounts(first: 10) {
        nodes {
          providerId number currency
          balance { available ${MONEY} balance ${MONEY} }
          cards(first: 20) { nodes { providerId lastFour status } }
        }
      }
    }`),
  },
  Q5: {
    title: '100 transactions with the ids of card and account',
    ...single(`query Q5 {
      transactions(first: 100) {
        nodes { providerId transactionTime amount ${MONEY} card { providerId } account { providerId } }
      }
    }`),
  },
  Q6: {
    title: 'three pages of 100, walked',
    query: `query Q6($after: String) {
      transactions(first: 100, after: $after) {
        nodes { providerId transactionTime status amount ${MONEY} }
        pageInfo { hasNextPage endCursor }
      }
    }`,
    steps: [() => ({}), nextPage, nextPage],
  },
};

/** What `growth` asks. */
export const GROWING = {
  Page: single(`query Page($first: Int) {
    transactions(first: $first) {
      nodes {
        providerId transactionTime description amount ${MONEY}
        card { providerId lastFour expMonth expYear }
        account { providerId number }
      }
    }
  }`),
  Accounts: single(`query Accounts {
    accounts(first: 100) {
      nodes {
        providerId number currency
        balance { available ${MONEY} balance ${MONEY} }
        cards(first: 20) { nodes { providerId lastFour status } }
      }
    }
  }`),
};

/** Not parsed: the load generator must stay cheap. */
function nextPage(answer) {
  return { after: /"endCursor":"([^"]*)"/.exec(answer)[1] };
}

/** The answer without what each contestant chooses for itself. */
export const comparable = (answer) =>
  JSON.parse(answer, (key, value) => (key === 'endCursor' || key === 'extensions' ? undefined : value));
