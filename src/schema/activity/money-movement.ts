import type { BankTransaction } from '../../domain/bank-transaction.ts';
import type { Transaction } from '../../domain/transaction.ts';
import { builder } from '../builder.ts';
import { Money, MoneyDirection } from '../money.ts';
import { Provider } from '../provider.ts';

export type MoneyMovementValue = Transaction | BankTransaction;

export const MoneyMovement = builder.interfaceRef<MoneyMovementValue>('MoneyMovement').implement({
  description: 'Money that moved: what transactions of both providers have in common.',
  interfaces: [builder.nodeInterfaceRef()],
  resolveType: ({ provider }) => (provider === 'BONGLOY' ? 'Transaction' : 'BankTransaction'),
  fields: (t) => ({
    provider: t.expose('provider', { type: Provider, description: 'Which provider told it.' }),
    amount: t.expose('amount', {
      type: Money,
      description: "How much, in the account's currency; never negative, see `direction`.",
    }),
    direction: t.expose('direction', { type: MoneyDirection, description: 'Which way it moved.' }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: 'When it happened. Many Vietnamese banks tell the day only: midnight in Vietnam.',
    }),
    description: t.exposeString('description', {
      nullable: true,
      description:
        "A line for people: the merchant and city, the bank's text, or what kind of movement it is, such as `Loyalty bonus`.",
    }),
  }),
});
