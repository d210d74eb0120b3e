import { builder } from '../builder.ts';
import { Transaction } from './type.ts';

export const TransactionConnection = builder.connectionObject(
  { type: Transaction, name: 'TransactionConnection', description: 'A page of transactions.' },
  { name: 'TransactionEdge', description: 'A transaction and where it stands in the list.' },
);
