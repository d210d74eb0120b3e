import { ownAccountsOf } from '../../domain/bank-identity.ts';
import { notFound } from '../../domain/errors.ts';
import { BankAccount } from '../bank-account/type.ts';
import { builder } from '../builder.ts';
import { price } from '../price.ts';
import { idOnly } from '../ref.ts';
import { selectsOnly } from '../selection.ts';
import { BankTransaction } from './type.ts';

/** What a bank account's id alone can answer. */
const KNOWN_BY_ID = new Set(['id', 'providerId', 'bankTransactions']);

builder.objectFields(BankTransaction, (t) => ({
  bankAccount: t.field({
    extensions: price({ isShared: true }),
    type: BankAccount,
    nullable: true,
    description:
      'The account on which it happened; null when it is no longer linked. All accounts cost one list.',
    resolve: async (transaction, _args, { loaders }, info) => {
      const { bankAccountId } = transaction;
      if (bankAccountId !== null && selectsOnly(info, KNOWN_BY_ID)) return idOnly(bankAccountId);
      const accounts = await loaders.casso().allBankAccounts();
      // The viewer may see the transaction: the only question is which of the viewer's own accounts it is on.
      const account =
        accounts.find(({ id }) => id === bankAccountId) ?? ownAccountsOf(transaction, accounts, [])?.[0];
      if (!account) throw notFound('bank account', 'CASSO');
      return account;
    },
  }),
}));
