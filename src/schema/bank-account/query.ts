import { decodeIdOf } from '../../domain/global-id.ts';
import { builder } from '../builder.ts';
import { orderedArguments } from '../pagination.ts';
import { calls, pageRows, price } from '../price.ts';
import { BankAccountConnection } from './connection.ts';
import { BankAccount } from './type.ts';

builder.queryFields((t) => ({
  bankAccount: t.field({
    extensions: price({ isShared: true }),
    type: BankAccount,
    nullable: true,
    description: "One bank account; null when there is none with that id, or when it is another business's.",
    skipTypeScopes: true,
    authScopes: { casso: 'casso:read' },
    args: { id: t.arg.id({ required: true, description: 'The id that this API gave the bank account.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.casso().bankAccount(decodeIdOf('BankAccount', id, 'id')),
  }),
  bankAccounts: t.field({
    extensions: price({ calls: calls(1), rows: pageRows }),
    type: BankAccountConnection,
    nullable: true,
    description:
      'The bank accounts of the linked Casso business, in the order in which Casso lists them. Needs a session that has linked Casso, or an operator with `casso:read`.',
    skipTypeScopes: true,
    authScopes: { casso: 'casso:read' },
    args: orderedArguments(t.arg),
    resolve: (_root, args, { loaders }) => loaders.casso().bankAccounts(args),
  }),
}));
