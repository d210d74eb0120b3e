import { rateLimited } from '../../domain/errors.ts';
import type { Signal } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { DeadlineExceeded } from '../../lib/deadline.ts';
import { MINUTE, SECOND } from '../../lib/duration.ts';
import type { BudgetStore } from '../../store/budgets.ts';
import { UpstreamFailure } from '../../upstream/errors.ts';
import type { Rank } from '../provider.ts';
import { inOrder, isForPeople, type Precedence } from './rank.ts';
import {
  MARGIN,
  NOTHING_SPENT,
  precedence,
  type Spent,
  settle,
  turnOf,
  withOwed,
  withoutOwed,
  withPause,
  withRequest,
} from './spent.ts';

export interface BudgetOptions {
  /** `CASSO_REQUESTS_PER_MINUTE`. */
  readonly perMinute: number;
  readonly store: BudgetStore;
  readonly clock: Clock;
  /** The longest wait for a turn of what a person asks for, milliseconds; 5 s by default. */
  readonly longestWait?: number;
  readonly observer?: BudgetObserver | undefined;
}

/** Is told what comes of the requests; must not throw. */
export interface BudgetObserver {
  /** @param waited milliseconds. */
  readonly onTurn: (rank: Rank, outcome: 'sent' | 'refused' | 'left', waited: number) => void;
  /** The store did not keep the count: no request leaves meanwhile. */
  readonly onUncounted: (error: unknown) => void;
  /** Casso allows less than the setting says, or somebody else spends the same allowance. */
  readonly onTooMany: () => void;
}

interface Waiting {
  readonly rank: Rank;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Takes it out of the queue and settles its promise, once. */
  readonly settle: (outcome: Outcome, error?: Error) => void;
}

type Outcome = Parameters<BudgetObserver['onTurn']>[1];

/** What is kept, as it was last read or written here. Another process may have spent more since: a write finds that out. */
interface Known {
  readonly spent: Spent;
  readonly revision: number;
}

/** The longest wait of what a person asks for. */
const LONGEST_WAIT = 5 * SECOND;
/** How long overdue reconciliation waits: by then a request is free, unless people take them all. */
const OVERDUE_WAITS = MINUTE + MARGIN;
/** The wait that a client gets when nothing can be counted: the store may be back by then. */
const STORE_AWAY = 5 * SECOND;
/** A count that took longer to be kept than this is too old for the request that it stands for, and is made again. */
const KEPT_WITHIN = MARGIN / 2;

/** The turns of requests that Casso counts together: who waits at this process, and what all processes have spent. */
export class Turns {
  readonly #key: string;
  readonly #options: BudgetOptions;
  /** In the order of asking. */
  readonly #waiting = new Set<Waiting>();
  #known: Known | null = null;
  #isLooking = false;
  #looksAgain = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param key of the store. */
  constructor(key: string, options: BudgetOptions) {
    this.#key = key;
    this.#options = options;
  }

  /** As `Budget.take`. */
  take(rank: Rank, signal: Signal): Promise<void> {
    return new Promise((resolve, reject) => {
      const since = this.#now();
      const onAbort = () => waiting.settle('left', this.#gaveUp(rank, signal.reason));
      const waiting: Waiting = {
        rank,
        since,
        settle: (outcome, error) => {
          if (!this.#waiting.delete(waiting)) return;
          if (this.#waiting.size === 0) clearTimeout(this.#timer);
          signal.removeEventListener('abort', onAbort);
          this.#options.observer?.onTurn(rank, outcome, this.#now() - since);
          if (error) reject(error);
          else resolve();
        },
      };
      this.#waiting.add(waiting);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);
      void this.#look();
    });
  }

  /** As `Budget.refused`. */
  async pause(ms: number): Promise<void> {
    const { observer } = this.#options;
    observer?.onTooMany();
    try {
      let isKept = false;
      while (!isKept) {
        const { spent, revision } = await this.#read();
        isKept = await this.#write(withPause(spent, ms, this.#now()), revision);
      }
    } catch (error) {
      observer?.onUncounted(error);
      // This process keeps to it in any case, and writes it with its next request.
      const { spent, revision } = this.#known ?? { spent: NOTHING_SPENT, revision: 0 };
      this.#known = { spent: withPause(spent, ms, this.#now()), revision };
    }
  }

  /** Gives turns for as long as there are any now, one look at a time. */
  async #look(): Promise<void> {
    this.#looksAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#looksAgain && this.#waiting.size > 0) {
      this.#looksAgain = false;
      clearTimeout(this.#timer);
      try {
        await this.#giveTurn();
      } catch (error) {
        this.#known = null;
        this.#options.observer?.onUncounted(error);
        const why = 'Requests to Casso cannot be counted now, and so none leaves';
        for (const { settle } of this.#waiting) settle('refused', rateLimited(STORE_AWAY, 'CASSO', why));
      }
    }
    this.#isLooking = false;
  }

  async #giveTurn(): Promise<void> {
    const { perMinute } = this.#options;
    const { spent: kept, revision } = await this.#read();
    const now = this.#now();
    const settled = settle(kept, now);
    // So that a time which lay ahead does not move on with the clock.
    this.#known = { spent: settled, revision };
    let spent = settled;
    /** As the next one in the queue finds it: those ahead are counted, and so are not owed anything as well. */
    let found = settled;
    let ahead = 0;
    let first: { readonly waiting: Waiting; readonly of: Precedence; readonly turn: number } | null = null;
    for (const { waiting, of } of this.#queue(spent, now)) {
      const turn = turnOf(found, of, now, perMinute, ahead);
      if (turn > now) spent = withOwed(spent, of, turn, now);
      if (turn > Math.max(now, waiting.since + this.#waitOf(of))) {
        found = withOwed(found, of, turn, now);
        waiting.settle('refused', rateLimited(turn - now - MARGIN, 'CASSO'));
        continue;
      }
      found = withoutOwed(found, of);
      ahead += 1;
      first ??= { waiting, of, turn };
    }

    if (first && first.turn <= now) {
      const isCounted = await this.#write(withRequest(spent, first.of, now, perMinute), revision);
      this.#looksAgain = true;
      if (isCounted && this.#now() - now <= KEPT_WITHIN) this.#send(first.waiting);
      // One that took too long is counted again in the place of the first count.
      else if (isCounted && this.#known) this.#known = { ...this.#known, spent };
      return;
    }
    if (spent !== settled && !(await this.#write(spent, revision))) this.#looksAgain = true;
    if (first && !this.#looksAgain)
      this.#timer = setTimeout(() => void this.#look(), Math.ceil(first.turn - now));
  }

  /** Who gave up while the count was kept leaves the turn to another one of the rank. */
  #send(first: Waiting): void {
    const waiting = this.#waiting.has(first)
      ? first
      : [...this.#waiting].find(({ rank }) => rank === first.rank);
    waiting?.settle('sent');
  }

  #queue(spent: Spent, now: number): { readonly waiting: Waiting; readonly of: Precedence }[] {
    return [...this.#waiting]
      .map((waiting) => ({ waiting, of: precedence(spent, waiting.rank, now) }))
      .sort((a, b) => inOrder(a.of, b.of));
  }

  #waitOf(of: Precedence): number {
    if (of === 'OVERDUE') return OVERDUE_WAITS;
    return isForPeople(of) ? (this.#options.longestWait ?? LONGEST_WAIT) : 0;
  }

  #gaveUp(rank: Rank, reason: unknown): Error {
    if (!(reason instanceof DeadlineExceeded)) {
      return new UpstreamFailure('aborted', 'the caller gave up before the request left', { cause: reason });
    }
    const now = this.#now();
    const spent = settle(this.#known?.spent ?? NOTHING_SPENT, now);
    const turn = turnOf(spent, precedence(spent, rank, now), now, this.#options.perMinute);
    return rateLimited(turn - now - MARGIN, 'CASSO');
  }

  async #read(): Promise<Known> {
    if (this.#known) return this.#known;
    const entry = await this.#options.store.get(this.#key);
    const known = entry
      ? { spent: { ...NOTHING_SPENT, ...(JSON.parse(entry.value) as Spent) }, revision: entry.revision }
      : { spent: NOTHING_SPENT, revision: 0 };
    this.#known = known;
    return known;
  }

  /** @returns false when something else is kept by now: it is to be read again. */
  async #write(spent: Spent, revision: number): Promise<boolean> {
    const written = await this.#options.store.write(this.#key, JSON.stringify(spent), revision);
    this.#known = written === null ? null : { spent, revision: written };
    return written !== null;
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
