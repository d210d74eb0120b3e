import { badUserInput } from '../../domain/errors.ts';
import { decodeOptionalIdOf } from '../../domain/global-id.ts';
import { BankTransactionConnection } from '../bank-transaction/connection.ts';
import { BankTransactionFilter, bankTransactionFilter } from '../bank-transaction/filter.ts';
import { builder } from '../builder.ts';
import { forwardArguments } from '../pagination.ts';
import { cassoAccountPage } from '../price.ts';
import { BankAccount } from './type.ts';

builder.objectFields(BankAccount, (t) => ({
  bankTransactions: t.field({
    extensions: cassoAccountPage,
    type: BankTransactionConnection,
    nullable: true,
    description:
      'The movements on it, newest first. Of several accounts, the newest 100 movements of all are looked at first: where they hold ' +
      'enough, any number of accounts costs one request. `totalCount` costs one for each account.',
    args: {
      filter: t.arg({ type: BankTransactionFilter, description: 'Only those that meet all of these.' }),
      ...forwardArguments(t.arg),
    },
    resolve: ({ id }, { filter, ...args }, { loaders }) => {
      const named = decodeOptionalIdOf('BankAccount', filter?.bankAccountId, 'filter.bankAccountId');
      if (named && named !== id) {
        throw badUserInput(
          'filter.bankAccountId',
          'filter.bankAccountId names another account than the one it is asked of.',
        );
      }
      return loaders.casso().bankTransactions({ ...bankTransactionFilter(filter), bankAccountId: id }, args);
    },
  }),
}));
