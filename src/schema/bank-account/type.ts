import type { BankAccount as BankAccountValue, Bank as BankValue } from '../../domain/bank-account.ts';
import { builder } from '../builder.ts';
import { Money } from '../money.ts';

const Bank = builder.objectRef<BankValue>('Bank').implement({
  description: 'A Vietnamese bank. Any part may be missing.',
  fields: (t) => ({
    code: t.exposeString('code', { nullable: true, description: "Casso's code name, such as `mbbank`." }),
    name: t.exposeString('name', { nullable: true, description: 'The name for people.' }),
    bin: t.exposeString('bin', {
      nullable: true,
      description: 'The NAPAS bank identification number: six digits.',
    }),
  }),
});

export const BankAccount = builder.node(builder.objectRef<BankAccountValue>('BankAccount'), {
  description: 'A bank account linked to a Casso business.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('id', { description: "Casso's own id, an integer." }),
    accountNumber: t.exposeString('accountNumber', {
      description: "The bank's number, leading zeros kept: what `syncBankTransactions` wants.",
    }),
    accountName: t.exposeString('accountName', {
      nullable: true,
      description: 'Whose it is, as the bank writes it.',
    }),
    bank: t.expose('bank', { type: Bank, description: 'The bank that keeps it.' }),
    balance: t.expose('balance', {
      type: Money,
      nullable: true,
      description:
        'How much was in it when Casso last looked, or after the newest transaction that its webhook brought since; null where the bank does not tell.',
    }),
  }),
});
