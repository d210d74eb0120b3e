import { createHash } from 'node:crypto';
import { UnreadableAnswer } from '../../domain/errors.ts';
import type { LogEvent } from '../../events/log.ts';
import { BankTransaction } from '../bank-transaction/type.ts';
import { builder } from '../builder.ts';
import { Provider } from '../provider.ts';
import { Transaction } from '../transaction/type.ts';
import type { VisibleBankTransactionEvent, VisibleTransactionEvent } from './visible.ts';

const EventSource = builder.enumType('EventSource', {
  description: 'How an event was learned.',
  values: {
    WEBHOOK: { value: 'WEBHOOK', description: 'The provider told it.' },
    RECONCILIATION: {
      value: 'RECONCILIATION',
      description: 'Its webhook never came; this gateway found it when it compared lists.',
    },
    LATE: {
      value: 'LATE',
      description:
        'The webhook of a card transaction came when its account was not known to be yours, as it was opened a moment ago: this ' +
        'event brings it later, at a position of its own.',
    },
  },
});

const common = {
  id:
    'Opaque, unique over all types, and the same whenever the event comes: a cache key. An event is no `Node`, so `node(id:)` ' +
    'does not take it: page through events with a cursor.',
  cursor:
    'Its place in the event log. After a disconnection give the cursor of the last event that you handled as `after`. It is no cursor of ' +
    'a list of transactions; a page of events takes it too.',
  source: 'How it was learned.',
  receivedAt: 'When this gateway took it in.',
  unavailableProviders:
    'Of `activityEvents`: the providers that this stream goes on without when it gives this event. One that is down comes back by ' +
    'itself, and its events come late, in their own order. One whose login has ended stays away: link it again, reload, and ' +
    'subscribe again; `viewer { linkedProviders }` no longer names it. Empty anywhere else.',
};

/** By what the log knows an event again by, so that it outlasts a move of the log. */
const eventId = ({ provider, key }: LogEvent): string =>
  createHash('sha256').update(`${provider}/${key}`).digest('base64url');

export const TransactionEvent = builder.objectRef<VisibleTransactionEvent>('TransactionEvent').implement({
  description: 'Something happened to a card transaction.',
  fields: (t) => ({
    id: t.id({ description: common.id, resolve: ({ event }) => eventId(event) }),
    cursor: t.exposeString('cursor', { description: common.cursor }),
    type: t.string({
      description: "Bongloy's own word, such as `transaction.created` or `transaction.updated`.",
      resolve: ({ event }) => event.type,
    }),
    source: t.field({ type: EventSource, description: common.source, resolve: ({ event }) => event.source }),
    receivedAt: t.field({
      type: 'DateTime',
      description: common.receivedAt,
      resolve: ({ event }) => new Date(event.receivedAt),
    }),
    unavailableProviders: t.field({
      type: [Provider],
      description: common.unavailableProviders,
      resolve: ({ unavailableProviders }) => unavailableProviders ?? [],
    }),
    transaction: t.field({
      type: Transaction,
      nullable: true,
      description:
        'The transaction as it is now, read with your own login. Null, with an error UPSTREAM_UNAVAILABLE at this path, ' +
        'only when Bongloy tells it in a form that cannot be read: handle the event, and go on behind its cursor.',
      resolve({ transaction }) {
        if (transaction instanceof UnreadableAnswer) throw transaction;
        return transaction;
      },
    }),
  }),
});

export const BankTransactionEvent = builder
  .objectRef<VisibleBankTransactionEvent>('BankTransactionEvent')
  .implement({
    description: 'A bank transaction appeared.',
    fields: (t) => ({
      id: t.id({ description: common.id, resolve: ({ event }) => eventId(event) }),
      cursor: t.exposeString('cursor', { description: common.cursor }),
      type: t.string({
        description: 'Always `bank_transaction.created` today.',
        resolve: ({ event }) => event.type,
      }),
      source: t.field({
        type: EventSource,
        description: common.source,
        resolve: ({ event }) => event.source,
      }),
      receivedAt: t.field({
        type: 'DateTime',
        description: common.receivedAt,
        resolve: ({ event }) => new Date(event.receivedAt),
      }),
      unavailableProviders: t.field({
        type: [Provider],
        description: common.unavailableProviders,
        resolve: ({ unavailableProviders }) => unavailableProviders ?? [],
      }),
      bankTransaction: t.expose('transaction', {
        type: BankTransaction,
        nullable: true,
        description: 'The transaction as Casso told it: null in no event.',
      }),
    }),
  });

export const ActivityEvent = builder.unionType('ActivityEvent', {
  description: 'An event of either provider.',
  types: [TransactionEvent, BankTransactionEvent],
  resolveType: (value) => (value.event.provider === 'BONGLOY' ? 'TransactionEvent' : 'BankTransactionEvent'),
});
