import { paths } from './paths.js';
import { scalars, toAccount, toCardholder, toConnection, toIssuer, toTransaction } from './values.js';

/**
 * Resolvers as the documentation of graphql-js servers writes them: one a relation, each asking `context.load` for
 * what it needs by id. What `load` does is the contestant's.
 */
export const resolvers = {
  ...scalars,
  Query: {
    cardIssuer: async (_root, _args, { get }) => toIssuer((await get(paths.issuer)).data),
    cardholder: async (_root, _args, { get }) => toCardholder((await get(paths.cardholder)).data),
    transactions: async (_root, args, { get }) =>
      toConnection(await get(paths.transactions(args)), args.first, toTransaction),
    accounts: async (_root, args, { get }) =>
      toConnection(await get(paths.accounts(args)), args.first, toAccount),
  },
  Transaction: {
    card: ({ cardId }, _args, { load }) => cardId && load.card(cardId),
    account: ({ accountId }, _args, { load }) => load.account(accountId),
  },
  Account: {
    balance: ({ providerId }, _args, { load }) => load.balance(providerId),
    cards: ({ providerId }, _args, { load }) => load.cardsOf(providerId),
  },
};
