import type { TransactionDetails as Details, Merchant as MerchantValue } from '../../domain/transaction.ts';
import { builder } from '../builder.ts';

type CardDetails = Extract<Details, { merchant: unknown }>;
type OtherDetails = Exclude<Details, CardDetails>;

export const TransactionDetails = builder.interfaceRef<Details>('TransactionDetails').implement({
  description: 'What lies behind a transaction; its shape depends on the type.',
  resolveType: (details) => ('merchant' in details ? 'CardTransactionDetails' : 'OtherTransactionDetails'),
  fields: (t) => ({
    type: t.exposeString('type', {
      description: "The kind in Bongloy's own word: `card` is the only documented one.",
    }),
  }),
});

const Merchant = builder.objectRef<MerchantValue>('Merchant').implement({
  description: 'Where a card was used. Any part may be missing.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: true, description: 'The name on the statement.' }),
    city: t.exposeString('city', { nullable: true, description: 'The city.' }),
    country: t.exposeString('country', {
      nullable: true,
      description: 'The country as a name, not a code: "Cambodia".',
    }),
    category: t.exposeString('category', {
      nullable: true,
      description: 'The line of business, such as `taxicabs_limousines`; new words may come.',
    }),
  }),
});

builder.objectRef<CardDetails>('CardTransactionDetails').implement({
  description: 'A card was used at a merchant.',
  interfaces: [TransactionDetails],
  fields: (t) => ({
    merchant: t.expose('merchant', { type: Merchant, description: 'Where it was used.' }),
  }),
});

builder.objectRef<OtherDetails>('OtherTransactionDetails').implement({
  description: 'A kind that Bongloy does not document.',
  interfaces: [TransactionDetails],
  fields: (t) => ({
    raw: t.expose('raw', { type: 'JSONObject', description: "Bongloy's own object, as it came." }),
  }),
});
