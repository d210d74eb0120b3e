import { decodeIdOf } from '../../domain/global-id.ts';
import { builder } from '../builder.ts';
import { pagingArguments } from '../pagination.ts';
import { bongloyPage, byId } from '../price.ts';
import { TransactionConnection } from './connection.ts';
import { TransactionFilter, transactionFilter } from './filter.ts';
import { relatedLists } from './related.ts';
import { Transaction } from './type.ts';

builder.queryFields((t) => ({
  transaction: t.field({
    extensions: byId,
    type: Transaction,
    nullable: true,
    description: "One transaction; null when there is none with that id, or when it is somebody else's.",
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    args: { id: t.arg.id({ required: true, description: 'The id that this API gave the transaction.' }) },
    resolve: (_root, { id }, { loaders }) =>
      loaders.bongloy().transaction.load(decodeIdOf('Transaction', id, 'id')),
  }),
  transactions: t.field({
    extensions: bongloyPage,
    type: TransactionConnection,
    nullable: true,
    description:
      'The movements on all accounts of the logged-in cardholder, newest first. Needs a session that has linked Bongloy.',
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    args: {
      filter: t.arg({ type: TransactionFilter, description: 'Only those that meet all of these.' }),
      ...pagingArguments(t.arg),
    },
    resolve: (_root, { filter, ...args }, { loaders }, info) =>
      loaders.bongloy().transactions(transactionFilter(filter), args, relatedLists(info)),
  }),
}));
