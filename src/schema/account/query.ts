import { decodeIdOf } from '../../domain/global-id.ts';
import { builder } from '../builder.ts';
import { pagingArguments } from '../pagination.ts';
import { bongloyPage, calls, price } from '../price.ts';
import { AccountConnection } from './connection.ts';
import { Account } from './type.ts';

builder.queryFields((t) => ({
  account: t.field({
    extensions: price({ calls: calls(1) }),
    type: Account,
    nullable: true,
    description: "One account; null when there is none with that id, or when it is somebody else's.",
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    args: { id: t.arg.id({ required: true, description: 'The id that this API gave the account.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.bongloy().account.load(decodeIdOf('Account', id, 'id')),
  }),
  accounts: t.field({
    extensions: bongloyPage,
    type: AccountConnection,
    nullable: true,
    description:
      'The accounts of the logged-in cardholder, newest first. Needs a session that has linked Bongloy.',
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    args: pagingArguments(t.arg),
    resolve: (_root, args, { loaders }) => loaders.bongloy().accounts(args),
  }),
}));
