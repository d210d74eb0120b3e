import { builder } from '../builder.ts';
import { BankTransaction } from './type.ts';

export const BankTransactionConnection = builder.connectionObject(
  {
    type: BankTransaction,
    name: 'BankTransactionConnection',
    description: 'A page of bank transactions.',
    fields: (t) => ({
      asOf: t.field({
        type: 'DateTime',
        nullable: true,
        description:
          'When Casso was asked for the oldest part of this page. What its webhooks brought since is on the page. A first page is at ' +
          'most 30 seconds old, or older where Casso allows no request now: then show this time to the user. Pages behind a cursor are ' +
          'kept, and may be much older, as rows that were seen do not change.',
        resolve: ({ asOf }) => asOf ?? null,
      }),
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
