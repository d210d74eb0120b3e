import { setTimeout } from 'node:timers/promises';
import { accountNumberKey } from '../domain/bank-identity.ts';
import { conditionsKey } from '../domain/bank-transaction-conditions.ts';
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

/** Those who have joined with the same filter, so that it is compared once with each event. */
interface Group {
  readonly filter: EventFilter;
  readonly joined: Set<{ readonly listener: Listener }>;
}

/** How soon the log is tried again after it could not be followed. */
const RETRY = SECOND / 2;

/** @throws LogUnavailable when the log cannot be reached at the start. */
export async function createHub(log: Pick<EventLog, 'end' | 'follow'>): Promise<Hub> {
  /** By the number of the bank account, or by provider for those that are not narrowed to one; then by filter. Empty ones are left out. */
  const groups = new Map<string, Map<string, Group>>();
  /** Everything up to here has been told; null while the log cannot be followed. */
  let position: number | null = await log.end();

  function tell(event: LogEvent): void {
    tellThose(event.provider, event);
    if (event.provider === 'CASSO') tellThose(accountKey(event.transaction.bankAccountNumber), event);
  }

  function tellThose(key: string, event: LogEvent): void {
    for (const { filter, joined } of groups.get(key)?.values() ?? []) {
      if (!matches(event, filter)) continue;
      for (const { listener } of joined) listener.tell(event);
    }
  }

  function loseAll(): void {
    const all = new Set(
      [...groups.values()].flatMap((byFilter) => [...byFilter.values()]).flatMap(({ joined }) => [...joined]),
    );
    groups.clear();
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
      const one = { listener };
      const keys = keysOf(filter);
      const filterKey = keyOf(filter);
      for (const key of keys) {
        const byFilter = groups.get(key) ?? new Map<string, Group>();
        const group = byFilter.get(filterKey) ?? { filter, joined: new Set() };
        group.joined.add(one);
        groups.set(key, byFilter.set(filterKey, group));
      }
      return () => {
        for (const key of keys) {
          const byFilter = groups.get(key);
          const joined = byFilter?.get(filterKey)?.joined;
          if (!joined?.delete(one) || joined.size > 0) continue;
          byFilter?.delete(filterKey);
          if (byFilter?.size === 0) groups.delete(key);
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

/** The same for filters that let the same through. */
const keyOf = ({ providers, bankAccount, ...conditions }: EventFilter): string =>
  JSON.stringify([
    providers,
    bankAccount && [bankAccount.id, bankAccount.accountNumber, bankAccount.bank],
    conditionsKey(conditions),
  ]);
