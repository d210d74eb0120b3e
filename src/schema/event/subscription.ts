import type { Loaders } from '../../loaders/index.ts';
import { builder } from '../builder.ts';
import type { EventSelection } from '../context.ts';
import { calls, price } from '../price.ts';
import {
  BankTransactionEventFilter,
  bankTransactionSelection,
  TransactionEventFilter,
  transactionSelection,
} from './filter.ts';
import { eventStream } from './stream.ts';
import { ActivityEvent, BankTransactionEvent, TransactionEvent } from './type.ts';
import type { VisibleBankTransactionEvent, VisibleTransactionEvent } from './visible.ts';

/** Requests for one event, and to begin with: whose it is, or what it is about. */
const EVENT_CALLS = 2;

const AFTER =
  'The cursor of the last event that you handled: everything kept since then comes first, in order, then what ' +
  'happens; no gap, no repeat. Without it: from now on.';

builder.subscriptionType({
  description:
    'What happens, as it happens. Every event comes once and in order; a client that was away resumes.',
  authScopes: { nobody: true },
});

builder.subscriptionFields((t) => ({
  transactionEvents: t.field({
    extensions: price({ calls: calls(EVENT_CALLS) }),
    type: TransactionEvent,
    description: 'Events of card transactions. Needs a session that has linked Bongloy.',
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    args: {
      filter: t.arg({ type: TransactionEventFilter, description: 'Only those that meet all of these.' }),
      after: t.arg.string({ description: AFTER }),
    },
    subscribe: async (_root, { filter, after }, context) =>
      eventStream(after, await transactionSelection(filter, context.loaders), context),
    resolve: (event) => event as VisibleTransactionEvent,
  }),
  bankTransactionEvents: t.field({
    extensions: price({ calls: calls(EVENT_CALLS) }),
    type: BankTransactionEvent,
    description:
      'Events of bank transactions. Needs a session that has linked Casso, or an operator with `events:read`.',
    skipTypeScopes: true,
    authScopes: { casso: 'events:read' },
    args: {
      filter: t.arg({ type: BankTransactionEventFilter, description: 'Only those that meet all of these.' }),
      after: t.arg.string({ description: AFTER }),
    },
    subscribe: async (_root, { filter, after }, context) =>
      eventStream(after, await bankTransactionSelection(filter, context.loaders), context),
    resolve: (event) => event as VisibleBankTransactionEvent,
  }),
  activityEvents: t.field({
    extensions: price({ calls: calls(EVENT_CALLS) }),
    type: ActivityEvent,
    description:
      'Events of every linked provider in one stream. Needs a session, or an operator with `events:read`.',
    skipTypeScopes: true,
    authScopes: { somebody: true },
    args: { after: t.arg.string({ description: AFTER }) },
    subscribe: (_root, { after }, context) => {
      if (context.viewer.kind === 'OPERATOR') context.access.casso('events:read');
      return eventStream(after, activitySelection(context.loaders), context);
    },
    resolve: (event) => event,
  }),
}));

/** @throws GatewayError UNAUTHENTICATED when no provider is linked: there would never be anything to hear. */
function activitySelection(loaders: Loaders): EventSelection {
  loaders.requireAny();
  const providers = loaders.linkedProviders;
  return { providers, log: { providers }, tells: () => true };
}
