import { LRUCache } from 'lru-cache';
import type { Transaction } from '../domain/transaction.ts';
import type { RowOutcome } from '../domain/unreadable-row.ts';
import type { Clock } from '../lib/clock.ts';
import type { BongloyClient } from '../providers/bongloy/client.ts';
import type { ProviderCall } from '../providers/provider.ts';
import type { Share } from './share.ts';

/** Rows of one look: the most that Bongloy gives in one answer. */
const ROWS = 100;
/** Credentials whose last look is remembered at most, with 100 ids each. */
const MOST_CREDENTIALS = 20_000;

interface Look {
  /** Milliseconds since the epoch, from before the list was asked for. */
  readonly askedAt: number;
  readonly ids: ReadonlySet<string>;
}

/** What each credential's own list of its newest transactions showed last. */
export class RecentTransactions {
  readonly #client: BongloyClient;
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #looks = new LRUCache<string, Look>({ max: MOST_CREDENTIALS });
  /** By credential: when it was asked last, whether or not there was an answer. */
  readonly #triedAt = new LRUCache<string, number>({ max: MOST_CREDENTIALS });

  constructor(client: BongloyClient, share: Share, clock: Clock) {
    this.#client = client;
    this.#share = share;
    this.#clock = clock;
  }

  /** Milliseconds since the epoch; never: -Infinity. */
  triedAt(credentialId: string): number {
    return this.#triedAt.get(credentialId) ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether the list showed the transaction when it was last asked for; null where that was before `since`. */
  showed(credentialId: string, transactionId: string, since: number): boolean | null {
    const look = this.#looks.get(credentialId);
    return look && look.askedAt >= since ? look.ids.has(transactionId) : null;
  }

  /**
   * Asks for the list. All who wait for the same credential share the call.
   * @returns the rows, newest first. @throws what the client throws.
   */
  async look(call: ProviderCall): Promise<readonly RowOutcome<Transaction>[]> {
    return this.#share.get(call, 'bongloy/recent-transactions', 0, async (shared) => {
      const { id } = shared.credential;
      const askedAt = this.#clock.now();
      this.#triedAt.set(id, askedAt);
      const { rows } = await this.#client.transactions(shared, { size: ROWS });
      this.#looks.set(id, { askedAt, ids: new Set(rows.flatMap((row) => row.id ?? [])) });
      return rows;
    });
  }
}
