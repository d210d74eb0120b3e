import type { AccountIdentity } from '../domain/bank-identity.ts';
import type { BankTransaction } from '../domain/bank-transaction.ts';
import type { BankTransactionConditions } from '../domain/bank-transaction-conditions.ts';

/**
 * The event log. Glossary, obeyed everywhere below this folder:
 * - *delivery*: one webhook request of a provider; it carries one or more events, or none that we keep;
 * - *event*: something that a provider told us happened, kept once;
 * - *log*: all kept events in one order; *position*: an event's place in it, an integer that only grows (gaps are
 *   allowed); *end*: the position of the newest event, 0 when there never was one;
 * - *epoch*: names a stretch of one log; no two logs, and no two histories of one log, share an epoch;
 * - *cursor*: epoch and position as an opaque text for clients; it carries no authority;
 * - *follower*: whoever reads on from a position, first what is kept, then what comes.
 */
export type LogEvent = BongloyEvent | BankEvent;

/** An event before the log gave it a position. */
export type NewEvent = Omit<BongloyEvent, 'position'> | Omit<BankEvent, 'position'>;

interface EventBase {
  readonly position: number;
  /** De-duplication key, unique within the provider for as long as the event is kept (and no shorter than that). */
  readonly key: string;
  /** The provider's own word, such as `transaction.created`. */
  readonly type: string;
  readonly source: EventSource;
  /** When the gateway took it in, milliseconds since the epoch, UTC. */
  readonly receivedAt: number;
  /** W3C `traceparent` of the delivery that it came with; only when it was traced. */
  readonly traceparent?: string;
}

/**
 * Ids only: Bongloy's webhook does not sign its body (docs/providers/bongloy.md §7), so every subscriber's gateway loads
 * the transaction with that subscriber's own credential before anything is delivered.
 */
export interface BongloyEvent extends EventBase {
  readonly provider: 'BONGLOY';
  readonly transactionId: string;
  /** A hint from the unsigned body: never decides who may see the event. */
  readonly accountIdHint: string | null;
}

/** The transaction itself: Casso's webhook is authenticated as a whole, as are the rows that reconciliation reads. */
export interface BankEvent extends EventBase {
  readonly provider: 'CASSO';
  readonly transaction: BankTransaction;
}

/** The key under which a card event is appended again as `LATE`. */
export const lateKeyOf = (key: string): string => `${key}:late`;

/** `LATE`: a card event that was passed over at its first position, as no listener was known to own its account. */
export type EventSource = 'WEBHOOK' | 'RECONCILIATION' | 'LATE';

/**
 * Narrows what is read; who may see it is not its business. Every condition that is given must hold, and one that only
 * a bank event can meet leaves out all others.
 */
export interface EventFilter extends BankTransactionConditions {
  readonly providers?: readonly LogEvent['provider'][];
  /** Bank events on this account, and those that may be: of its number, and of a bank that cannot be compared. */
  readonly bankAccount?: AccountIdentity;
}

export interface LogPage {
  /** In log order. */
  readonly events: readonly LogEvent[];
  /**
   * Everything up to here has been looked at: read on after it, also when `events` is empty or shorter than asked
   * because of the filter.
   */
  readonly position: number;
  /** Nothing newer was kept when this page was read. */
  readonly atEnd: boolean;
}

export interface AppendResult {
  readonly position: number;
  /** The key was known: nothing was added, and `position` is where the first one stands. */
  readonly duplicate: boolean;
}

/**
 * Ordered, append-only, de-duplicated, replayable. Every adapter keeps every promise here (test/contract/event-log.ts).
 * Every method throws LogUnavailable when the log cannot be reached now, and works again as soon as it can.
 */
export interface EventLog {
  /**
   * The epoch that the position belongs to, or would belong to beyond the end; part of every cursor. The same for a
   * position as long as the log holds it, also after a restart: together they name one event for ever.
   */
  epochAt(position: number): string;

  /**
   * The position here of the event that an epoch and a position name, of this log or of the one that it was moved from.
   * Null: of neither. It may lie outside of what is kept.
   */
  positionOf(epoch: string, position: number): number | null;

  /**
   * Takes in the events of one delivery, all or none, in the order given. When the promise resolves they are on disk
   * (or acknowledged by the quorum), and a follower sees them in position order. Duplicates are not added again.
   * @throws LogUnavailable when they could not be kept: nothing was added, or the outcome is unknown and repeating
   *   the same append is safe; any other error when these events can never be kept: nothing was added.
   */
  append(events: readonly NewEvent[]): Promise<readonly AppendResult[]>;

  /** The position of the newest event, kept or not; an append that begins after this resolves gets a greater one. */
  end(): Promise<number>;

  /** The greatest position that is no longer kept: reading after it, or after anything greater, misses nothing. */
  trimmedTo(): Promise<number>;

  /**
   * Up to `limit` events (at least 1) with a position greater than `after`. The work is bounded too: where few events
   * match, a page may come short, or empty, with `atEnd` false.
   * @throws CursorExpired when events after `after` have been trimmed, the next one is gone although it was counted (what is
   *   before it is given first), or `after` lies beyond the end.
   */
  read(after: number, limit: number, filter?: EventFilter): Promise<LogPage>;

  /**
   * Pages of what is kept after `after`, then of what comes, without gap or repeat. Ends when `signal` aborts, when
   * the consumer returns it (also while it waits for a page), or when the log closes; nothing is left behind then.
   * A page is read only when the consumer asks for it, so a slow consumer holds up nobody and holds at most one page
   * in memory. Pages with no matching event are not yielded. To wait costs nothing but memory.
   * @param takesOver is asked each time that there is nothing to do but wait, with the position up to which everything
   *   was given; when it answers true the iteration ends there, as somebody else goes on from there (see hub.ts).
   * @throws CursorExpired as `read`; also when a consumer fell behind what is trimmed.
   */
  follow(
    after: number,
    filter: EventFilter | undefined,
    signal: AbortSignal,
    takesOver?: TakeOver,
  ): AsyncIterableIterator<LogPage>;

  /**
   * Tells of every event that is added from now on, whichever process appended it, before anybody can get it from this
   * log: before a follower or a reader is given it, and before an append of this process resolves. The same event may be
   * told twice. Listeners must not throw.
   * @returns stops the telling.
   */
  watch(listener: (event: LogEvent) => void): () => void;

  /**
   * Forgets the oldest events, up to the first one that was received at `before` (milliseconds since the epoch) or
   * later, in steps that never hold up an append.
   */
  trim(before: number): Promise<void>;

  /**
   * Waits for appends under way. Followers are given what has been kept, as they ask for it, and then end. The database
   * or connection belongs to whoever opened it.
   */
  close(): Promise<void>;
}

/** @returns whether the caller goes on after `position` by another way, and reads the log no more. */
export type TakeOver = (position: number) => boolean;

/** The log cannot be written or read now. Nothing is lost: the provider repeats the delivery. */
export class LogUnavailable extends Error {
  override readonly name: string = 'LogUnavailable';
}

/** The log was closed here, as the process ends. */
export class LogClosed extends LogUnavailable {
  override readonly name = 'LogClosed';

  constructor() {
    super('the event log is closed');
  }
}

/** The position is gone, or of another log. `trimmedTo` is the oldest position that can still be read after. */
export class CursorExpired extends Error {
  override readonly name = 'CursorExpired';
  readonly trimmedTo: number;

  constructor(trimmedTo: number) {
    super('the log no longer holds that position');
    this.trimmedTo = trimmedTo;
  }
}
