import { setImmediate } from 'node:timers/promises';
import SQLite from 'better-sqlite3';
import { accountNumberKey } from '../domain/bank-identity.ts';
import { createListeners } from '../lib/listeners.ts';
import type { Database } from '../store/database.ts';
import { createFollowers } from './follow.ts';
import { createGroup, type Outcome } from './group.ts';
import { decodeEvent, encodeEvent } from './json.ts';
import {
  type AppendResult,
  CursorExpired,
  type EventFilter,
  type EventLog,
  LogClosed,
  type LogEvent,
  type LogPage,
  LogUnavailable,
  type NewEvent,
} from './log.ts';
import { createEpochs } from './sqlite-epochs.ts';
import { createEventTable, type EventRow } from './sqlite-table.ts';
import { createTail } from './tail.ts';
import { createWaiters } from './waiters.ts';

/** Events in one page of a follower. */
const PAGE = 100;

type Rows = readonly EventRow[];
type Results = readonly AppendResult[];

/**
 * The event log in the embedded database, for one gateway process. Appends share commits; followers near the end
 * share the newest events in memory and are told of new ones, so that thousands of them cost no read. Should a second
 * process write to the same file for a while, as in a hasty restart, its events reach our followers with our next one.
 */
export function createSqliteEventLog({ database }: { readonly database: Database }): EventLog {
  const table = available(() => createEventTable(database));
  const epochs = available(() => createEpochs(database));
  const tail = createTail(available(() => table.end()));
  const waiters = createWaiters();
  const watchers = createListeners<LogEvent>();
  let closed = false;

  const appendOne = database.transaction((rows: Rows): Results => rows.map((row) => table.insert(row)));
  const appendAll = database.transaction((appends: readonly Rows[]): Outcome<Results>[] => {
    epochs.begin(table.end());
    return appends.map((rows) => {
      try {
        return { value: appendOne(rows) };
      } catch (error) {
        // What is wrong with one append is its own affair; what is wrong with the database is everybody's.
        if (isAboutDatabase(error)) throw error;
        return { error };
      }
    });
  });

  const group = createGroup((appends: readonly Rows[]) => {
    const outcomes = available(() => appendAll.immediate(appends));
    epochs.begun();
    outcomes.forEach((outcome, index) => {
      if ('value' in outcome) tell(appends[index] ?? [], outcome.value);
    });
    return outcomes;
  });

  function tell(rows: Rows, results: Results): void {
    rows.forEach(({ text }, index) => {
      const result = results[index];
      if (!result || result.duplicate) return;
      const event = decodeEvent(result.position, text);
      watchers.tell(event);
      if (!tail.add(event, text.length)) waiters.wakeAll();
      waiters.tell(event);
    });
  }

  function read(after: number, limit: number, filter: EventFilter | undefined): LogPage {
    const page = available(() => table.read(after, limit, filter));
    for (const event of page.events) if (event.position > tail.end) watchers.tell(event);
    return page;
  }

  const followers = createFollowers({
    async page(after, filter) {
      const page = tail.page(after, PAGE, filter);
      if (page) return page;
      // Whoever catches up reads page after page: others must have their turn in between.
      await setImmediate();
      return read(after, PAGE, filter);
    },
    wait: (after, filter, signal) =>
      after < tail.end ? Promise.resolve(after) : waiters.wait(after, filter, signal),
  });

  return {
    epochAt: (position) => epochs.at(position),
    positionOf: (epoch, position) => (epochs.at(position) === epoch ? position : null),

    async append(events) {
      if (closed) throw new LogClosed();
      return group.add(events.map(toRow));
    },

    async end() {
      return available(() => table.end());
    },

    async trimmedTo() {
      return available(() => table.trimmedTo());
    },

    async read(after, limit, filter) {
      return read(after, limit, filter);
    },

    follow: followers.follow,

    watch: watchers.add,

    async trim(before) {
      for (;;) {
        const forgotten = available(() => table.forget(before));
        for (const position of forgotten) tail.forget(position);
        await setImmediate();
        if (forgotten.length === 0 || closed) return;
      }
    },

    async close() {
      closed = true;
      group.flush();
      followers.close();
      watchers.clear();
    },
  };
}

const toRow = (event: NewEvent): EventRow => ({
  provider: event.provider,
  key: event.key,
  receivedAt: event.receivedAt,
  bankAccountNumber:
    event.provider === 'CASSO' ? accountNumberKey(event.transaction.bankAccountNumber) : null,
  text: encodeEvent(event),
});

/** Full, locked, read-only, damaged; not: a value that its column does not take. */
const isAboutDatabase = (error: unknown): boolean =>
  error instanceof SQLite.SqliteError && !error.code.startsWith('SQLITE_CONSTRAINT');

const CURES: Readonly<Record<string, string>> = {
  SQLITE_FULL: ' (the disk is full: make room)',
  SQLITE_CORRUPT: ' (the database file is damaged: see docs/operating.md)',
};

/** @throws LogUnavailable in the place of whatever the database throws; CursorExpired passes. */
function available<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof CursorExpired) throw error;
    const reason = error instanceof SQLite.SqliteError ? error.code : 'not open';
    const cure = CURES[reason] ?? '';
    throw new LogUnavailable(`the event log cannot be reached now: ${reason}${cure}`, { cause: error });
  }
}
