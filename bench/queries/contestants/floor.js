import { createServer } from 'node:http';
import { worker } from '../../lib/worker.js';
import { paths } from '../peers/paths.js';
import { createGet } from '../peers/upstream.js';
import {
  toAccount,
  toBalance,
  toCard,
  toCardholder,
  toConnection,
  toIssuer,
  toTransaction,
} from '../peers/values.js';

/**
 * The limit in Node.js: no GraphQL at all. A bare node:http server knows each operation by its name, makes the ideal
 * upstream calls with undici, and writes the same JSON.
 */
const pick =
  (...keys) =>
  (value) => {
    const picked = {};
    for (const key of keys) picked[key] = value[key];
    return picked;
  };
const byId = (values) => new Map(values.map((value) => [value.providerId, value]));

const SHAPES = {
  Q2: pick('providerId', 'transactionNumber', 'status', 'transactionTime', 'description', 'amount'),
  Q3: pick('providerId', 'transactionTime', 'description', 'amount'),
  Q6: pick('providerId', 'transactionTime', 'status', 'amount'),
  card: pick('providerId', 'lastFour', 'expMonth', 'expYear'),
  account: pick('providerId', 'number'),
};

const answers = {
  async Q1(get) {
    const [issuer, cardholder] = await Promise.all([get(paths.issuer), get(paths.cardholder)]);
    return { cardIssuer: toIssuer(issuer.data), cardholder: toCardholder(cardholder.data) };
  },

  async Q2(get) {
    const { data } = await get(paths.transactions({ first: 20 }));
    return { transactions: { nodes: data.map((row) => SHAPES.Q2(toTransaction(row))) } };
  },

  async Q3(get) {
    const [page, cardList, accountList] = await Promise.all([
      get(paths.transactions({ first: 20 })),
      get(paths.cards),
      get(paths.everyAccount),
    ]);
    const transactions = page.data.map(toTransaction);
    const accountIds = [...new Set(transactions.map(({ accountId }) => accountId))];
    const balances = new Map(
      await Promise.all(accountIds.map(async (id) => [id, toBalance((await get(paths.balance(id))).data)])),
    );
    const cards = byId(cardList.data.map(toCard));
    const accounts = byId(accountList.data.map(toAccount));
    const nodes = transactions.map((transaction) => {
      const { cardId, accountId } = transaction;
      return {
        ...SHAPES.Q3(transaction),
        card: SHAPES.card(cards.get(cardId)),
        account: { ...SHAPES.account(accounts.get(accountId)), balance: balances.get(accountId) },
      };
    });
    return { transactions: { nodes } };
  },

  Q4: (get) => accountsWithCards(get, 10),
  Accounts: (get) => accountsWithCards(get, 100),

  async Page(get, { first }) {
    const [page, cardList, accountList] = await Promise.all([
      get(paths.transactions({ first })),
      get(paths.cards),
      get(paths.everyAccount),
    ]);
    const cards = byId(cardList.data.map(toCard));
    const accounts = byId(accountList.data.map(toAccount));
    const nodes = page.data.map(toTransaction).map((transaction) => ({
      ...SHAPES.Q3(transaction),
      card: SHAPES.card(cards.get(transaction.cardId)),
      account: SHAPES.account(accounts.get(transaction.accountId)),
    }));
    return { transactions: { nodes } };
  },

  async Q5(get) {
    const { data } = await get(paths.transactions({ first: 100 }));
    const nodes = data.map((row) => {
      const { providerId, transactionTime, amount, cardId, accountId } = toTransaction(row);
      return {
        providerId,
        transactionTime,
        amount,
        card: { providerId: cardId },
        account: { providerId: accountId },
      };
    });
    return { transactions: { nodes } };
  },

  async Q6(get, { after }) {
    const page = await get(paths.transactions({ first: 100, after }));
    const { nodes, pageInfo } = toConnection(page, 100, toTransaction);
    return { transactions: { nodes: nodes.map(SHAPES.Q6), pageInfo } };
  },
};

worker({
  start: ({ upstream }) =>
    new Promise((resolve) => {
      const get = createGet(upstream);
      const server = createServer(async (request, response) => {
        let text = '';
        for await (const chunk of request) text += chunk;
        const { operationName, variables } = JSON.parse(text);
        const { authorization } = request.headers;
        const data = await answers[operationName]((path) => get(path, authorization), variables ?? {});
        const body = JSON.stringify({ data });
        response
          .writeHead(200, {
            'content-type': 'application/json; charset=utf-8',
            'content-length': Buffer.byteLength(body),
          })
          .end(body);
      });
      server.listen(0, '127.0.0.1', () =>
        resolve({ url: `http://127.0.0.1:${server.address().port}/graphql` }),
      );
    }),
});

function byAccount(cards) {
  const groups = new Map();
  for (const card of cards) {
    const group = groups.get(card.accountId);
    if (group) group.push(card);
    else groups.set(card.accountId, [card]);
  }
  return groups;
}

async function accountsWithCards(get, first) {
  const [accountList, cardList] = await Promise.all([get(paths.accounts({ first })), get(paths.cards)]);
  const cards = byAccount(cardList.data.map(toCard));
  const nodes = await Promise.all(
    accountList.data.map(async (row) => {
      const account = toAccount(row);
      const balance = toBalance((await get(paths.balance(row.id))).data);
      const own = (cards.get(row.id) ?? []).map(({ providerId, lastFour, status }) => ({
        providerId,
        lastFour,
        status,
      }));
      return { ...account, balance, cards: { nodes: own } };
    }),
  );
  return { accounts: { nodes } };
}
