import { builder } from '../builder.ts';
import { Account } from './type.ts';

export const AccountConnection = builder.connectionObject(
  { type: Account, name: 'AccountConnection', description: 'A page of accounts.' },
  { name: 'AccountEdge', description: 'An account and where it stands in the list.' },
);
