import { decodeIdOf } from '../../domain/global-id.ts';
import { builder } from '../builder.ts';
import { forwardArguments } from '../pagination.ts';
import { byId, cassoPage } from '../price.ts';
import { BankTransactionConnection } from './connection.ts';
import { BankTransactionFilter, bankTransactionFilter } from './filter.ts';
import { BankTransaction } from './type.ts';

builder.queryFields((t) => ({
  bankTransaction: t.field({
    extensions: byId,
    type: BankTransaction,
    nullable: true,
    description:
      "One bank transaction; null when there is none with that id, or when it is another business's.",
    skipTypeScopes: true,
    authScopes: { casso: 'casso:read' },
    args: {
      id: t.arg.id({ required: true, description: 'The id that this API gave the bank transaction.' }),
    },
    resolve: (_root, { id }, { loaders }) =>
      loaders.casso().bankTransaction.load(decodeIdOf('BankTransaction', id, 'id')),
  }),
  bankTransactions: t.field({
    extensions: cassoPage,
    type: BankTransactionConnection,
    nullable: true,
    description:
      'The movements on all bank accounts of the linked Casso business, newest first, over the whole history unless ' +
      'the filter says otherwise. Needs a session that has linked Casso, or an operator with `casso:read`.',
    skipTypeScopes: true,
    authScopes: { casso: 'casso:read' },
    args: {
      filter: t.arg({ type: BankTransactionFilter, description: 'Only those that meet all of these.' }),
      ...forwardArguments(t.arg),
    },
    resolve: (_root, { filter, ...args }, { loaders }) =>
      loaders.casso().bankTransactions(bankTransactionFilter(filter), args),
  }),
}));
