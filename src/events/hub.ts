import { setTimeout } from 'node:timers/promises';
import { accountNumberKey } from '../domain/bank-identity.ts';
import { PROVIDERS } from '../domain/provider.ts';
import { SECOND } from '../lib/duration.ts';
import { matches } from './filter.ts';
import type { EventFilter, EventLog, LogEvent } from './log.ts';

/** Who is told of events as they come, rather than reading the log. */
export interface Listener {
  /** The next event that matches, in log order; must return soon. */
  tell(event: LogEvent): void;
  /** The hub has lost the log: no more comes, and what came since must be read from the log. */
  lost(): void;
}

/**
 * The fan-out of a log, whichever adapter keeps it: one follower for the whole process, and an index of listeners by
 * what they are narrowed to, so that an event costs nothing for those whom it does not concern.
 */
export interface Hub {
  /**
   * @returns the leaving; null when the hub has told of events after `after` already, or tells of nothing now: read on,
   *   and ask again at the end of the log.
   */
  join(after: number, filter: EventFilter, listener: Listener): (() => void) | null;
  /** After the log has begun to close: resolves when everything in it was told. */
  close(): Promise<void>;
}

interface Entry {
  readonly filter: EventFilter;
  readonly listener: Listener;
}

/** How soon the log is tried again after it could not be followed. */
const RETRY = SECOND / 2;

/** @throws LogUnavailable when the log cannot be reached at the start. */
export async function createHub(log: Pick<EventLog, 'end' | 'follow'>): Promise<Hub> {
  /** By the number of the bank account, or by provider for those that are not narrowed to one. Empty sets are left out. */
  const entries = new Map<string, Set<Entry>>();
  /** Everything up to here has been told; null while the log cannot be followed. */
  let position: number | null = await log.end();

  function tell(event: LogEvent): void {
    tellThose(event.provider, event);
    if (event.provider === 'CASSO') tellThose(accountKey(event.transaction.bankAccountNumber), event);
  }

  function tellThose(key: string, event: LogEvent): void {
    for (const { filter, listener } of entries.get(key) ?? []) {
      if (matches(event, filter)) listener.tell(event);
    }
  }

  function loseAll(): void {
    const all = new Set([...entries.values()].flatMap((set) => [...set]));
    entries.clear();
    for (const { listener } of all) listener.lost();
  }

  async function follow(after: number): Promise<void> {
    for await (const page of log.follow(after, undefined, new AbortController().signal)) {
      for (const event of page.events) tell(event);
      position = page.position;
    }
  }

  const closing = new AbortController();

  /** Ends when the log closes. */
  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        position ??= await log.end();
        await follow(position);
        return;
      } catch {
        // Each listener's own reader meets what is wrong with the log, and says so where it belongs.
        position = null;
        loseAll();
        await setTimeout(RETRY, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  }

  const over = run();

  return {
    join(after, filter, listener) {
      if (position === null || position > after) return null;
      const entry = { filter, listener };
      const keys = keysOf(filter);
      for (const key of keys) entries.set(key, (entries.get(key) ?? new Set()).add(entry));
      return () => {
        for (const key of keys) {
          const set = entries.get(key);
          if (set?.delete(entry) && set.size === 0) entries.delete(key);
        }
      };
    },

    close() {
      closing.abort();
      return over;
    },
  };
}

const accountKey = (accountNumber: string): string => `account ${accountNumberKey(accountNumber)}`;

const keysOf = ({ bankAccount, providers = PROVIDERS }: EventFilter): readonly string[] =>
  bankAccount ? [accountKey(bankAccount.accountNumber)] : providers;
