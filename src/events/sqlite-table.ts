import { accountNumberKey } from '../domain/bank-identity.ts';
import type { Database } from '../store/database.ts';
import { matches } from './filter.ts';
import { decodeEvent } from './json.ts';
import { type AppendResult, CursorExpired, type EventFilter, type LogEvent, type LogPage } from './log.ts';

/** An event as its row: `text` is the whole of it, the rest is what rows are looked up by. */
export interface EventRow {
  readonly provider: LogEvent['provider'];
  readonly key: string;
  readonly receivedAt: number;
  /** In the form that it is looked up by; accounts of several banks may share it. */
  readonly bankAccountNumber: string | null;
  readonly text: string;
}

/** The statements of the event log; each takes the same time whatever the length of the log. */
export interface EventTable {
  /** Only within a transaction. */
  insert(row: EventRow): AppendResult;
  end(): number;
  trimmedTo(): number;
  /** As `EventLog.read`. */
  read(after: number, limit: number, filter: EventFilter | undefined): LogPage;
  /**
   * Forgets one portion of the oldest events, up to the first that was received at `before` or later.
   * @returns their positions, ascending; empty when there is no more to forget.
   */
  forget(before: number): readonly number[];
}

/** Rows that one filtered read looks at, at most: it may find few among many, and must not hold up the process. */
const LOOK_AT = 500;
/** Rows that one step of trimming forgets, at most. */
const FORGET = 500;

interface KeptRow {
  readonly position: number;
  readonly text: string;
}

export function createEventTable(database: Database): EventTable {
  const log = database.prepare<[], { trimmedTo: number }>('SELECT trimmed_to AS trimmedTo FROM event_log');
  // Before the first event there is no such row.
  const sequence = database.prepare<[], { seq: number }>(
    "SELECT seq FROM sqlite_sequence WHERE name = 'events'",
  );
  const find = database.prepare<[string, string], { position: number }>(
    'SELECT position FROM events WHERE provider = ? AND key = ?',
  );
  const insert = database.prepare<[string, string, number, string | null, string], { position: number }>(
    `INSERT INTO events (provider, key, received_at, bank_account_number, event) VALUES (?, ?, ?, ?, ?)
     RETURNING position`,
  );
  const select = database.prepare<[number, number], KeptRow>(
    'SELECT position, event AS text FROM events WHERE position > ? ORDER BY position LIMIT ?',
  );
  const selectOfAccount = database.prepare<[string, number, number], KeptRow>(
    `SELECT position, event AS text FROM events INDEXED BY events_by_bank_account
     WHERE bank_account_number = ? AND position > ? ORDER BY position LIMIT ?`,
  );
  const oldest = database.prepare<[], { position: number; receivedAt: number }>(
    `SELECT position, received_at AS receivedAt FROM events ORDER BY position LIMIT ${FORGET}`,
  );
  const remove = database.prepare<[number]>('DELETE FROM events WHERE position <= ?');
  const setTrimmedTo = database.prepare<[number]>('UPDATE event_log SET trimmed_to = ?');

  const logRow = () => {
    const row = log.get();
    if (!row) throw new Error('the database has no event log');
    return row;
  };
  const end = (): number => sequence.get()?.seq ?? 0;

  /** One by one: whoever has enough reads no further. */
  function rowsAfter(after: number, limit: number, filter: EventFilter | undefined): Iterable<KeptRow> {
    if (!filter) return select.iterate(after, limit);
    const { bankAccount } = filter;
    return bankAccount
      ? selectOfAccount.iterate(accountNumberKey(bankAccount.accountNumber), after, LOOK_AT)
      : select.iterate(after, LOOK_AT);
  }

  /** In one transaction, so that all that is looked at is of one moment, whatever other processes do. */
  const read = database.transaction(
    (after: number, limit: number, filter: EventFilter | undefined): LogPage => {
      const { trimmedTo } = logRow();
      const newest = end();
      if (after < trimmedTo || after > newest) throw new CursorExpired(trimmedTo);
      const events: LogEvent[] = [];
      let lookedAt = 0;
      let last = newest;
      for (const { position, text } of rowsAfter(after, limit, filter)) {
        lookedAt += 1;
        last = position;
        const event = decodeEvent(position, text);
        if (matches(event, filter)) events.push(event);
        if (events.length === limit) return { events, position, atEnd: position === newest };
      }
      const position = lookedAt >= LOOK_AT ? last : newest;
      return { events, position, atEnd: position === newest };
    },
  );

  const forget = database.transaction((before: number) => {
    const rows = oldest.all();
    const firstKept = rows.findIndex(({ receivedAt }) => receivedAt >= before);
    const positions = (firstKept === -1 ? rows : rows.slice(0, firstKept)).map(({ position }) => position);
    const last = positions.at(-1);
    if (last !== undefined) {
      remove.run(last);
      setTrimmedTo.run(last);
    }
    return positions;
  });

  return {
    insert({ provider, key, receivedAt, bankAccountNumber, text }) {
      // Looked up first: an insert that meets the unique index uses up a position all the same.
      const known = find.get(provider, key);
      if (known) return { position: known.position, duplicate: true };
      const added = insert.get(provider, key, receivedAt, bankAccountNumber, text);
      if (!added) throw new Error('the database gave no position');
      return { position: added.position, duplicate: false };
    },

    end,

    trimmedTo: () => logRow().trimmedTo,

    read: (after, limit, filter) => read(after, limit, filter),

    forget: (before) => forget.immediate(before),
  };
}
