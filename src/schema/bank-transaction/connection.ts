import { builder } from '../builder.ts';
import { BankTransaction } from './type.ts';

export const BankTransactionConnection = builder.connectionObject(
  {
    type: BankTransaction,
    name: 'BankTransactionConnection',
    description: 'A page of bank transactions.',
    fields: (t) => ({
      totalCount: t.int({
        nullable: true,
        description:
          'How many rows the list has over all pages; null when Casso does not count them, as with a filter by `direction`, ' +
          '`text`, `minimumAmount` or `maximumAmount`.',
        resolve: ({ totalCount }) => (typeof totalCount === 'function' ? totalCount() : (totalCount ?? null)),
      }),
    }),
  },
  { name: 'BankTransactionEdge', description: 'A bank transaction and where it stands in the list.' },
);
