import type { Transaction as TransactionValue } from '../../domain/transaction.ts';
import { MoneyMovement } from '../activity/money-movement.ts';
import { builder } from '../builder.ts';
import { Money } from '../money.ts';
import { TransactionDetails } from './details.ts';
import { BalanceAdjustmentType, TransactionStatus } from './filter.ts';

const TransactionType = builder.enumType('TransactionType', {
  description: 'Why money moved on a card account.',
  values: {
    PURCHASE: { value: 'PURCHASE', description: 'A card paid a merchant.' },
    OTHER: { value: 'OTHER', description: 'A reason that Bongloy does not document; see `rawType`.' },
  },
});

export const Transaction = builder.node(builder.objectRef<TransactionValue>('Transaction'), {
  description: 'A movement on a card account at Bongloy.',
  interfaces: [MoneyMovement],
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('providerId', { description: "Bongloy's own id, a UUID." }),
    transactionNumber: t.exposeString('transactionNumber', {
      description: 'The number for people, usually twelve digits; it may begin with zeros.',
    }),
    type: t.expose('type', { type: TransactionType, description: 'Why money moved.' }),
    rawType: t.exposeString('rawType', { description: "The type in Bongloy's own word." }),
    status: t.expose('status', { type: TransactionStatus, description: 'How far it has come.' }),
    rawStatus: t.exposeString('rawStatus', { description: "The status in Bongloy's own word." }),
    balanceAdjustmentType: t.expose('balanceAdjustmentType', {
      type: BalanceAdjustmentType,
      description: 'What it does to the balance; `direction` says the same in the words of both providers.',
    }),
    transactionAmount: t.expose('transactionAmount', {
      type: Money,
      description: "What the merchant asked, in the merchant's currency; never negative.",
    }),
    totalFee: t.expose('totalFee', {
      type: Money,
      description:
        "The fees together, in the account's currency. Bongloy does not say whether `amount` includes them.",
    }),
    fees: t.expose('fees', {
      type: ['JSONObject'],
      description: "The single fees as Bongloy's own objects: their shape is not documented.",
    }),
    transactionTime: t.expose('transactionTime', { type: 'DateTime', description: 'When it happened.' }),
    settlementTime: t.expose('settlementTime', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was booked; null while it is pending.',
    }),
    details: t.expose('details', {
      type: TransactionDetails,
      nullable: true,
      description: 'What lies behind it, such as the merchant.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When Bongloy made the record.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When Bongloy last changed the record.',
    }),
  }),
});
