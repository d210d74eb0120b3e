import { builder } from '../builder.ts';
import { BankAccount } from './type.ts';

export const BankAccountConnection = builder.connectionObject(
  { type: BankAccount, name: 'BankAccountConnection', description: 'A page of bank accounts.' },
  { name: 'BankAccountEdge', description: 'A bank account and where it stands in the list.' },
);
