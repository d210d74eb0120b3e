import type { BankAccount } from '../../domain/bank-account.ts';
import type { BankTransaction } from '../../domain/bank-transaction.ts';
import { type UnreadableAnswer, unreadableAsValue } from '../../domain/errors.ts';
import type { Provider } from '../../domain/provider.ts';
import type { Transaction } from '../../domain/transaction.ts';
import { encodeEventCursor } from '../../events/cursor.ts';
import type { BankEvent, BongloyEvent, EventLog, LogEvent } from '../../events/log.ts';
import type { BongloyLoaders } from '../../loaders/bongloy.ts';
import type { Loaders } from '../../loaders/index.ts';

/** An event that the viewer may see, with what it is about as the viewer's own credential reads it. */
export type VisibleEvent = VisibleTransactionEvent | VisibleBankTransactionEvent;

interface Common {
  readonly cursor: string;
  /**
   * Providers that the stream goes on without, told where a stream is not whole or has a cursor of its own: the event
   * looks then as it does in this stream alone.
   */
  readonly unavailableProviders?: readonly Provider[];
}
export interface VisibleTransactionEvent extends Common {
  readonly event: BongloyEvent;
  /** An error in its place when Bongloy tells it in a form that cannot be read: the stream goes on behind it. */
  readonly transaction: Transaction | UnreadableAnswer;
}
export interface VisibleBankTransactionEvent extends Common {
  readonly event: BankEvent;
  readonly transaction: BankTransaction;
  /** Casso's id of the viewer's account that it is on; none when two of the viewer's accounts come into question. */
  readonly bankAccountIds: readonly string[];
}

/** How the transaction of an event is read, under the viewer's own credential. */
export type ReadTransaction = (
  loaders: BongloyLoaders,
  event: BongloyEvent,
) => Promise<Transaction | UnreadableAnswer | null>;

/** Each by itself, as it is now; shared by all who wait for the same event. */
export const readForEvent: ReadTransaction = (loaders, event) => loaders.eventTransaction(event);

/** With the other events of a page, in as few calls as can be. */
export const readForPage: ReadTransaction = (loaders, { transactionId }) =>
  loaders.transaction.load(transactionId).catch(unreadableAsValue);

/**
 * The event as the viewer may see it, or null. The provider decides: a card transaction is loaded with the viewer's
 * own credential, and a bank transaction must be on an account that the viewer's own business lists. What a
 * webhook's unsigned body says about whose it is decides whether the viewer's credential reads it, and never that the viewer gets it.
 * @throws GatewayError when the provider cannot be asked now.
 */
export async function visibleEvent(
  event: LogEvent,
  loaders: Loaders,
  log: Pick<EventLog, 'epochAt'>,
  read: ReadTransaction,
): Promise<VisibleEvent | null> {
  if (event.provider === 'BONGLOY') {
    const bongloy = loaders.bongloy();
    if (await bongloy.skipsEvent(event)) return null;
    const transaction = await read(bongloy, event);
    return transaction && { cursor: encodeEventCursor(log, event.position), event, transaction };
  }
  const accounts = await loaders.casso().eventAccounts(event);
  return accounts && ownBankEvent(event, accounts, log);
}

/** The event for a viewer who is known to own its account. */
export const ownBankEvent = (
  event: BankEvent,
  accounts: readonly BankAccount[],
  log: Pick<EventLog, 'epochAt'>,
): VisibleBankTransactionEvent => ({
  cursor: encodeEventCursor(log, event.position),
  event,
  transaction: event.transaction,
  bankAccountIds: accounts.map(({ id }) => id),
});
