import type { Account as AccountValue, AccountBalance as Balance } from '../../domain/account.ts';
import { builder } from '../builder.ts';
import { Money } from '../money.ts';
import { type Ref, read } from '../ref.ts';

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

export const Account = builder.node(builder.objectRef<Ref<AccountValue>>('Account'), {
  description: 'A card account at Bongloy.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('id', { description: "Bongloy's own id, a UUID." }),
    number: t.string({
      description: 'The account number: digits with leading zeros, such as `000138`.',
      resolve: read((a) => a.number),
    }),
    accountIdentifier: t.string({
      description: "The issuer's code followed by the number: what a cardholder types to log in.",
      resolve: read((a) => a.accountIdentifier),
    }),
    currency: t.field({
      type: 'CurrencyCode',
      description: 'The currency of the balance and of every `amount` on this account.',
      resolve: read((a) => a.currency),
    }),
    status: t.field({
      type: AccountStatus,
      description: 'Whether it can be used.',
      resolve: read((a) => a.status),
    }),
    rawStatus: t.string({
      description: "The status in Bongloy's own word.",
      resolve: read((a) => a.rawStatus),
    }),
    metadata: t.field({
      type: 'JSONObject',
      description: "The issuer's own key and value pairs.",
      resolve: read((a) => a.metadata),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When Bongloy made the record.',
      resolve: read((a) => a.createdAt),
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When Bongloy last changed the record.',
      resolve: read((a) => a.updatedAt),
    }),
  }),
});
