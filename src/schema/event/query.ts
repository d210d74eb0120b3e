import {
  type Connection,
  connection,
  type ForwardArguments,
  MAX_PAGE_SIZE,
  pageRequest,
} from '../../domain/connection.ts';
import type { Provider } from '../../domain/provider.ts';
import { cursorExpired, decodeEventPlace, encodeEventCursor } from '../../events/cursor.ts';
import { CursorExpired } from '../../events/log.ts';
import { readKept } from '../../events/seek.ts';
import { builder } from '../builder.ts';
import type { Context, EventSelection } from '../context.ts';
import { calls, pageRows, price } from '../price.ts';
import {
  BankTransactionEventFilter,
  bankTransactionSelection,
  TransactionEventFilter,
  transactionSelection,
} from './filter.ts';
import { BankTransactionEvent, TransactionEvent } from './type.ts';
import {
  readForPage,
  type VisibleBankTransactionEvent,
  type VisibleEvent,
  type VisibleTransactionEvent,
  visibleEvent,
} from './visible.ts';

/** Events of the log that one page looks at: those of others may cost a read too, and must not cost without end. */
const LOOK_AT = MAX_PAGE_SIZE + 1;
/** Requests beside: to see that a filter's account and card are the viewer's own, and for the newest of a list. */
const FILTER_CALLS = 4;
/** The viewer's own accounts and newest transactions, for all events of the page together. */
const CARD_CALLS = 2;
/** A list of accounts for the filter, a younger one for all events of the page together, and the shop's own. */
const BANK_CALLS = 3;
/** So many at once at least, as looking together is cheaper; of Casso all, which costs the same (see `BANK_CALLS`). */
const AT_ONCE: Readonly<Record<Provider, number>> = { BONGLOY: 25, CASSO: LOOK_AT };

const TransactionEventConnection = builder.connectionObject(
  {
    type: TransactionEvent,
    name: 'TransactionEventConnection',
    description: 'A page of events, oldest first.',
  },
  { name: 'TransactionEventEdge', description: 'An event and where it stands in the log.' },
);

const BankTransactionEventConnection = builder.connectionObject(
  {
    type: BankTransactionEvent,
    name: 'BankTransactionEventConnection',
    description: 'A page of events, oldest first.',
  },
  { name: 'BankTransactionEventEdge', description: 'An event and where it stands in the log.' },
);

const PAGING = {
  first:
    'How many events at most, oldest first: 0 to 100, 10 without. Fewer may come although there are more.',
  after: 'The cursor of the last event that you handled. Without it: from the oldest event that is kept.',
};

builder.queryFields((t) => ({
  eventCursor: t.string({
    description:
      'The end of the event log when this operation started. Read it beside a list, then subscribe after it: nothing ' +
      'falls between the page and the stream. Needs a session or an operator.',
    skipTypeScopes: true,
    authScopes: { somebody: true },
    resolve: async (_root, _args, { eventsEnd, services }) =>
      encodeEventCursor(services.log, await eventsEnd()),
  }),
  transactionEvents: t.field({
    extensions: price({ calls: calls(LOOK_AT + FILTER_CALLS + CARD_CALLS), rows: pageRows }),
    type: TransactionEventConnection,
    nullable: true,
    description: 'Events of card transactions, for catching up. Needs a session that has linked Bongloy.',
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    args: {
      first: t.arg.int({ description: PAGING.first }),
      after: t.arg.string({ description: PAGING.after }),
      filter: t.arg({ type: TransactionEventFilter, description: 'Only those that meet all of these.' }),
    },
    resolve: async (_root, { filter, ...args }, context) =>
      eventPage<VisibleTransactionEvent>(
        args,
        'BONGLOY',
        await transactionSelection(filter, context.loaders),
        context,
      ),
  }),
  bankTransactionEvents: t.field({
    extensions: price({ calls: calls(BANK_CALLS), rows: pageRows }),
    type: BankTransactionEventConnection,
    nullable: true,
    description:
      'Events of bank transactions, for catching up. Needs a session that has linked Casso, or an operator with `events:read`.',
    skipTypeScopes: true,
    authScopes: { casso: 'events:read' },
    args: {
      first: t.arg.int({ description: PAGING.first }),
      after: t.arg.string({ description: PAGING.after }),
      filter: t.arg({ type: BankTransactionEventFilter, description: 'Only those that meet all of these.' }),
    },
    resolve: async (_root, { filter, ...args }, context) =>
      eventPage<VisibleBankTransactionEvent>(
        args,
        'CASSO',
        await bankTransactionSelection(filter, context.loaders),
        context,
      ),
  }),
}));

/**
 * One page of what the viewer may see. At most about 100 events of the log are looked at, so that those of others end
 * a page early rather than cost without end: `endCursor` is then the position that was looked at last.
 */
async function eventPage<E extends VisibleEvent>(
  args: ForwardArguments,
  provider: Provider,
  selection: EventSelection,
  { loaders, services: { log } }: Context,
): Promise<Connection<E>> {
  const { first, after } = pageRequest(args);
  let position =
    after === null
      ? await log.trimmedTo()
      : (await decodeEventPlace(after, log, 'after', [provider]))[provider];
  const visible: E[] = [];
  const atOnce = Math.max(first + 1, AT_ONCE[provider]);
  let atEnd = false;
  for (let looked = 0; looked < LOOK_AT && visible.length <= first && !atEnd; looked += atOnce) {
    const size = Math.min(atOnce, LOOK_AT - looked);
    // Who names no place is given what there is; who does is told when something behind it is gone.
    const reading =
      after === null ? readKept(log, position, size, selection.log) : log.read(position, size, selection.log);
    const page = await reading.catch((error: unknown) => {
      throw error instanceof CursorExpired ? cursorExpired(log, error.trimmedTo) : error;
    });
    ({ position, atEnd } = page);
    // All at once, so that the loaders can answer them together.
    const looks = page.events.map((event) => visibleEvent(event, loaders, log, readForPage));
    const isTold = (event: VisibleEvent | null): event is E => event !== null && selection.tells(event);
    visible.push(...(await Promise.all(looks)).filter(isTold));
  }
  const edges = visible.slice(0, first).map((node) => ({ cursor: node.cursor, node }));
  const more = visible.length > first;
  const sides = { hasNextPage: more || !atEnd, hasPreviousPage: false };
  return more
    ? connection(edges, sides)
    : connection(edges, sides, { endCursor: encodeEventCursor(log, position) });
}
