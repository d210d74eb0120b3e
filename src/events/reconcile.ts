import type { BankTransaction } from '../domain/bank-transaction.ts';
import { GatewayError } from '../domain/errors.ts';
import { isReadable, isUnreadable, type RowOutcome, type UnreadableRow } from '../domain/unreadable-row.ts';
import type { Clock } from '../lib/clock.ts';
import { DAY, HOUR } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { Rounds } from '../lib/rounds.ts';
import { startLeasedRounds } from '../store/leased-rounds.ts';
import type { Leases } from '../store/leases.ts';
import { bankEvent } from './bank-event.ts';
import type { BankEvent, EventLog } from './log.ts';
import type { Reconciled, ReconcileState } from './reconcile-state.ts';
import { readKept } from './seek.ts';

export interface ReconcilerOptions {
  /** One page of Casso's transactions, newest first, 100 a page; pages are counted from 1. */
  readonly readNewest: (page: number, signal: AbortSignal) => Promise<NewestPage>;
  readonly log: EventLog;
  /** Keeps a row that cannot be read, once. @returns false when it was kept before. @throws Error when it cannot be kept now. */
  readonly keepAside: (row: UnreadableRow) => Promise<boolean>;
  readonly state: ReconcileState;
  readonly clock: Clock;
  /** How long the log keeps an event, and so knows it again: `EVENT_RETENTION_DAYS`. */
  readonly retentionDays: number;
  readonly logger: Logger;
}

export interface NewestPage {
  /** As Casso orders them; one that cannot be read fails alone. */
  readonly rows: readonly RowOutcome<BankTransaction>[];
  readonly hasMore: boolean;
}

export interface Reconciler {
  /**
   * Reads the newest transactions and appends those that the log has not heard of, oldest first. Never rejects: what
   * goes wrong ends the round, is logged, and the next round goes on where this one stopped, so that a small request
   * budget is enough for a long list.
   */
  round(signal: AbortSignal): Promise<void>;
}

/** A row may come late: a bank may date it days back, and rows of one day may share one time. */
const LOOK_BACK = 3 * DAY;
/** A round reads down to where the last one had been; every now and then one reads the whole look-back. */
const SWEEP_EVERY = HOUR;
/** Events in one append, at most. */
const PORTION = 100;
/** Pages of one scan, at most: more than a month of a busy shop. */
const MAX_PAGES = 1_000;

/** Pages read so far, from the newest on. Rows that come meanwhile push others to later pages, and hide none. */
interface Scan {
  nextPage: number;
  hasMore: boolean;
  /** A page brought no row that an earlier one had not brought: what lies behind it was not seen. */
  stalled: boolean;
  lastPage: readonly Row[];
  /** By id. A row without a readable id cannot be compared with the log. */
  readonly rows: Map<string, Row>;
  readonly unreadable: UnreadableRow[];
}

type Row = RowOutcome<BankTransaction>;

const newScan = (): Scan => ({
  nextPage: 1,
  hasMore: true,
  stalled: false,
  lastPage: [],
  rows: new Map(),
  unreadable: [],
});

/** Finds the bank transactions whose webhook never came. The log's de-duplication makes repeats harmless. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { readNewest, log, keepAside, state, clock, retentionDays, logger } = options;
  /** Each lives until it is complete, over as many rounds as that takes. */
  let news = newScan();
  let sweep: Scan | null = null;
  let sweepDue = 0;

  async function ask(page: number, signal: AbortSignal): Promise<NewestPage> {
    signal.throwIfAborted();
    return readNewest(page, signal);
  }

  async function read(scan: Scan, isEnough: (scan: Scan) => boolean, signal: AbortSignal): Promise<void> {
    while (scan.hasMore && !scan.stalled && !isEnough(scan)) {
      const { rows, hasMore } = await ask(scan.nextPage, signal);
      const known = scan.rows.size;
      for (const row of rows) if (row.id !== null) scan.rows.set(row.id, row);
      scan.unreadable.push(...rows.filter(isUnreadable));
      scan.hasMore = hasMore && scan.nextPage < MAX_PAGES;
      scan.stalled = hasMore && scan.rows.size === known;
      scan.nextPage += 1;
      scan.lastPage = rows;
    }
    if (scan.stalled) {
      logger.warn(
        { provider: 'CASSO', reason: 'pages-repeat' },
        'reconciliation read as far as pages differ',
      );
    }
  }

  /** On an empty log the newest transaction; else the first event that is kept, as all before it is history. */
  async function takeBaseline(signal: AbortSignal): Promise<Reconciled> {
    const first = await firstBankEvent(log);
    const settledAt = first ? first.receivedAt : clock.now();
    const baseline = first ? idOf(first.transaction) : greatestId((await ask(1, signal)).rows);
    return { baseline, settled: baseline, settledAt };
  }

  async function compare({ baseline, settled, settledAt }: Reconciled, signal: AbortSignal): Promise<void> {
    const now = clock.now();
    const keptFrom = now - retentionDays * DAY;
    // Well within what the log keeps, so that a forgotten event is never taken for a missed one.
    const lookBackTo = now - Math.min(LOOK_BACK, (retentionDays * DAY) / 2);
    const newFrom = settledAt >= keptFrom ? -Infinity : keptFrom;
    const isCandidate = (row: BankTransaction): boolean =>
      idOf(row) > baseline && timeOf(row) >= (idOf(row) > settled ? newFrom : lookBackTo);

    await read(news, ({ lastPage }) => isSettled(lastPage, settled), signal);
    await publish(readable(news).filter(isCandidate));
    await setAside(news, baseline);
    const finished = news;
    news = newScan();
    // The rows behind a page that repeats are looked for by the next round.
    if (finished.stalled) return;
    await state.set({ baseline, settled: greatestId([...finished.rows.values()], settled), settledAt: now });

    if (!sweep && now >= sweepDue) {
      sweep = { ...finished, rows: new Map(), unreadable: [] };
      sweepDue = now + SWEEP_EVERY;
    }
    if (!sweep) return;
    await read(sweep, ({ lastPage }) => isOlder(lastPage, lookBackTo), signal);
    await publish(readable(sweep).filter(isCandidate));
    await setAside(sweep, baseline);
    sweep = null;
  }

  async function publish(rows: readonly BankTransaction[]): Promise<void> {
    const events = rows.toSorted(byTimeThenId).map((row) => bankEvent(row, 'RECONCILIATION', clock.now()));
    let added = 0;
    for (let from = 0; from < events.length; from += PORTION) {
      const results = await log.append(events.slice(from, from + PORTION));
      added += results.filter(({ duplicate }) => !duplicate).length;
    }
    if (added > 0) logger.info({ count: added }, 'bank transactions were found whose webhook had not come');
  }

  /** Rows up to the baseline are history. One that cannot be kept ends the round, so that the next one looks at it again. */
  async function setAside({ unreadable }: Scan, baseline: number): Promise<void> {
    for (const row of unreadable) {
      if (row.id !== null && Number(row.id) <= baseline) continue;
      if (await keepAside(row)) {
        logger.warn(
          { provider: 'CASSO', reason: row.member },
          'reconciliation could not read a row: it is kept aside, see mekong events aside',
        );
      }
    }
  }

  return {
    async round(signal) {
      try {
        let reconciled = await state.get();
        if (!reconciled) {
          reconciled = await takeBaseline(signal);
          await state.set(reconciled);
        }
        await compare(reconciled, signal);
      } catch (err) {
        if (signal.aborted) return;
        if (err instanceof GatewayError && err.code === 'RATE_LIMITED') {
          logger.debug('reconciliation goes on later: no more requests are allowed now');
        } else {
          logger.warn({ err }, 'reconciliation goes on later: this round failed');
        }
      }
    },
  };
}

export interface ReconciliationOptions extends ReconcilerOptions {
  readonly leases: Leases;
  /** Milliseconds between two rounds. */
  readonly every: number;
}

/** Rounds in one process at a time. Whoever takes over begins where the last finished round had been. */
export const startReconciliation = ({ leases, every, ...options }: ReconciliationOptions): Rounds =>
  startLeasedRounds({
    leases,
    name: 'reconciliation',
    every,
    begin() {
      options.logger.info('reconciliation is done by this process');
      const reconciler = createReconciler(options);
      return (signal) => reconciler.round(signal);
    },
  });

async function firstBankEvent(log: EventLog): Promise<BankEvent | null> {
  let after = await log.trimmedTo();
  for (;;) {
    const { events, position, atEnd } = await readKept(log, after, 1, { providers: ['CASSO'] });
    const [event] = events;
    if (event?.provider === 'CASSO') return event;
    if (atEnd) return null;
    after = position;
  }
}

const readable = ({ rows }: Scan): BankTransaction[] => [...rows.values()].filter(isReadable);
const idOf = ({ id }: BankTransaction): number => Number(id);
const timeOf = (row: BankTransaction): number => row.occurredAt.getTime();
const byTimeThenId = (a: BankTransaction, b: BankTransaction): number =>
  timeOf(a) - timeOf(b) || idOf(a) - idOf(b);
const idsOf = (rows: readonly Row[]): number[] => rows.flatMap(({ id }) => (id === null ? [] : Number(id)));
const greatestId = (rows: readonly Row[], atLeast = 0): number =>
  idsOf(rows).reduce((greatest, id) => Math.max(greatest, id), atLeast);

/** The last comparison had seen this page already. */
const isSettled = (page: readonly Row[], settled: number): boolean => {
  const ids = idsOf(page);
  return ids.length > 0 && ids.every((id) => id <= settled);
};

/** The page reaches back beyond that time, milliseconds since the epoch. */
const isOlder = (page: readonly Row[], time: number): boolean => {
  const last = page.findLast(isReadable);
  return last !== undefined && timeOf(last) < time;
};
