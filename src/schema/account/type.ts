import type { Account as AccountValue, AccountBalance as Balance } from '../../domain/account.ts';
import { builder } from '../builder.ts';
import { Money } from '../money.ts';

const AccountStatus = builder.enumType('AccountStatus', {
  description: 'Whether an account can be used.',
  values: {
    ACTIVE: { value: 'ACTIVE', description: 'It can.' },
    OTHER: {
      value: 'OTHER',
      description: 'Any state that Bongloy does not document; see `rawStatus`.',
    },
  },
});

export const AccountBalance = builder.objectRef<Balance>('AccountBalance').implement({
  description: 'How much is in an account.',
  fields: (t) => ({
    available: t.expose('available', {
      type: Money,
      description: 'What can be spent now: the balance less what is held for pending transactions.',
    }),
    balance: t.expose('balance', { type: Money, description: 'What the ledger says.' }),
  }),
});

export const Account = builder.node(builder.objectRef<AccountValue>('Account'), {
  description: 'A card account at Bongloy.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('providerId', { description: "Bongloy's own id, a UUID." }),
    number: t.exposeString('number', {
      description: 'The account number: digits with leading zeros, such as `000138`.',
    }),
    accountIdentifier: t.exposeString('accountIdentifier', {
      description: "The issuer's code followed by the number: what a cardholder types to log in.",
    }),
    currency: t.expose('currency', {
      type: 'CurrencyCode',
      description: 'The currency of the balance and of every `amount` on this account.',
    }),
    status: t.expose('status', {
      type: AccountStatus,
      description: 'Whether it can be used.',
    }),
    rawStatus: t.exposeString('rawStatus', {
      description: "The status in Bongloy's own word.",
    }),
    metadata: t.expose('metadata', {
      type: 'JSONObject',
      description: "The issuer's own key and value pairs.",
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When Bongloy made the record.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When Bongloy last changed the record.',
    }),
  }),
});
