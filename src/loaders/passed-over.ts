import { LRUCache } from 'lru-cache';
import type { BongloyEvent } from '../events/log.ts';

/** Events that wait at most, of a few hundred bytes each; the oldest make room. */
const MOST_WAITING = 100_000;

/**
 * Card events on accounts that no listener here was known to own, in the order of the log. Each is passed over by all, and
 * waits until the account or the transaction turns out to be a listener's, or its time is over.
 */
export class PassedOver {
  /** By position, also those that were delivered late: a credential that comes to them later passes over them, too. */
  readonly #passed = new LRUCache<number, true>({ max: MOST_WAITING });
  readonly #waiting = new Map<number, BongloyEvent>();
  readonly #byAccount = new Map<string, Set<BongloyEvent>>();
  readonly #byTransaction = new Map<string, Set<BongloyEvent>>();

  get size(): number {
    return this.#waiting.size;
  }

  has({ position }: BongloyEvent): boolean {
    return this.#passed.has(position);
  }

  add(event: BongloyEvent): void {
    const { position, accountIdHint, transactionId } = event;
    if (accountIdHint === null || this.#passed.has(position)) return;
    this.#passed.set(position, true);
    this.#waiting.set(position, event);
    put(this.#byAccount, accountIdHint, event);
    put(this.#byTransaction, transactionId, event);
    const [oldest] = this.#waiting.values();
    if (oldest && this.#waiting.size > MOST_WAITING) this.restore(oldest);
  }

  /** It is delivered late: it waits no more, and stays passed over. */
  over({ position, accountIdHint, transactionId }: BongloyEvent): void {
    const event = this.#waiting.get(position);
    if (!event) return;
    this.#waiting.delete(position);
    take(this.#byAccount, accountIdHint ?? '', event);
    take(this.#byTransaction, transactionId, event);
  }

  /** It is not delivered late: from now on it is delivered in its place, as its owner may come later. */
  restore(event: BongloyEvent): void {
    this.over(event);
    this.#passed.delete(event.position);
  }

  /** Those that name the account. */
  ofAccount(accountId: string): readonly BongloyEvent[] {
    return [...(this.#byAccount.get(accountId) ?? [])];
  }

  /** Those that are about the transaction. */
  ofTransaction(transactionId: string): readonly BongloyEvent[] {
    return [...(this.#byTransaction.get(transactionId) ?? [])];
  }

  /** Ends the waiting of those that came before `time`, milliseconds since the epoch. */
  forget(time: number): void {
    for (const event of this.#waiting.values()) {
      if (event.receivedAt >= time) return;
      this.restore(event);
    }
  }
}

function put(index: Map<string, Set<BongloyEvent>>, key: string, event: BongloyEvent): void {
  const events = index.get(key) ?? new Set();
  index.set(key, events.add(event));
}

function take(index: Map<string, Set<BongloyEvent>>, key: string, event: BongloyEvent): void {
  const events = index.get(key);
  events?.delete(event);
  if (events?.size === 0) index.delete(key);
}
