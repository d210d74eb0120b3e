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
          'When Casso was asked for the oldest part of this page; rows that its webhooks brought since are on it. Half a minute ago at ' +
          'most for a first page, and older only when Casso allows no request now.',
        resolve: ({ asOf }) => asOf ?? null,
      }),
      totalCount: t.int({
        nullable: true,
        description:
          'How many rows the list has over all pages; null when Casso does not count them, as with a `direction` filter.',
        resolve: ({ totalCount }) => (typeof totalCount === 'function' ? totalCount() : (totalCount ?? null)),
      }),
    }),
  },
  { name: 'BankTransactionEdge', description: 'A bank transaction and where it stands in the list.' },
);
