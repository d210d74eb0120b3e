import type {
  BankTransaction as BankTransactionValue,
  Counterparty as CounterpartyValue,
  VirtualAccount as VirtualAccountValue,
} from '../../domain/bank-transaction.ts';
import { MoneyMovement } from '../activity/money-movement.ts';
import { builder } from '../builder.ts';
import { Money } from '../money.ts';

const Counterparty = builder.objectRef<CounterpartyValue>('Counterparty').implement({
  description: 'The other side of a bank transaction, as far as the bank tells.',
  fields: (t) => ({
    accountNumber: t.exposeString('accountNumber', { nullable: true, description: 'Its account number.' }),
    name: t.exposeString('name', { nullable: true, description: 'Its name.' }),
    bankId: t.exposeString('bankId', { nullable: true, description: "Its bank's number or code." }),
    bankName: t.exposeString('bankName', { nullable: true, description: "Its bank's name." }),
  }),
});

const VirtualAccount = builder.objectRef<VirtualAccountValue>('VirtualAccount').implement({
  description: 'A number that stands for a purpose, and that the bank leads to the real account.',
  fields: (t) => ({
    number: t.exposeString('number', { description: 'The number that the payer used.' }),
    name: t.exposeString('name', { nullable: true, description: 'Its name, if it has one.' }),
  }),
});

export const BankTransaction = builder.node(builder.objectRef<BankTransactionValue>('BankTransaction'), {
  description:
    'A line of a bank statement, as Casso tells it: the same row with the same id, whether a webhook or a list brought it. Nothing in it is ' +
    'null because a webhook brought it. Where the bank gives a date alone, its time of day may change once a list shows the row.',
  interfaces: [MoneyMovement],
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('id', { description: "Casso's own id, an integer: unique and stable." }),
    reference: t.exposeString('reference', {
      description:
        "The bank's own id for it. It may repeat between banks: never a key; empty when the bank gives none.",
    }),
    runningBalance: t.expose('runningBalance', {
      type: Money,
      nullable: true,
      description: 'How much was in the account after it; null where the bank does not tell.',
    }),
    counterparty: t.expose('counterparty', {
      type: Counterparty,
      nullable: true,
      description: 'The other side; null when the bank hides it.',
    }),
    virtualAccount: t.expose('virtualAccount', {
      type: VirtualAccount,
      nullable: true,
      description: 'The virtual account that was paid; null when none was.',
    }),
  }),
});
