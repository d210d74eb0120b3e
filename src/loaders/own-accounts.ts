import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { upstreamUnavailable } from '../domain/errors.ts';
import { isReadable } from '../domain/unreadable-row.ts';
import type { Clock } from '../lib/clock.ts';
import { MINUTE } from '../lib/duration.ts';
import type { BongloyClient } from '../providers/bongloy/client.ts';
import { everyPage } from '../providers/bongloy/pagination.ts';
import type { ProviderCall } from '../providers/provider.ts';
import { UpstreamFailure } from '../upstream/errors.ts';
import type { Share } from './share.ts';

/** Credentials whose accounts are remembered at most: a few ids of 36 characters each. */
const MOST_CREDENTIALS = 20_000;
/** Accounts of all of them whose cardholder is remembered at most. */
const MOST_ACCOUNTS = 100_000;
/** A list may lag behind the webhooks: for so long after an account was first named it is looked for again, */
const MAY_LAG = 10 * MINUTE;
/** by each credential no more often than this. */
const LAG_PAUSE = MINUTE;

/** What is known of one credential. Times are milliseconds since the epoch, by this process's clock. */
interface Entry {
  readonly ids: ReadonlySet<string>;
  /** Whose accounts these are; empty where the list does not say. */
  readonly holders: ReadonlySet<string>;
  /** When the list was asked for that `ids` is; whatever was opened since is not in it. */
  readonly askedAt: number;
  /** When it was last found that the list cannot be read. */
  readonly failedAt: number;
}

const NOTHING: Entry = {
  ids: new Set(),
  holders: new Set(),
  askedAt: Number.NEGATIVE_INFINITY,
  failedAt: Number.NEGATIVE_INFINITY,
};

/**
 * Which Bongloy accounts each credential lists, read with that credential and kept with the moment it was asked for. An
 * account never changes its owner, so an id that is in a list stays right; only a missing id can become wrong.
 */
export class OwnAccounts {
  readonly #client: BongloyClient;
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #pause: number;
  /** The cardholder of each account that any of the lists has. */
  readonly #holderOf = new LRUCache<string, string>({ max: MOST_ACCOUNTS });
  readonly #entries = new LRUCache<string, Entry>({ max: MOST_CREDENTIALS });

  /** @param pause between two looks of one credential at its list, in milliseconds. */
  constructor(client: BongloyClient, share: Share, clock: Clock, pause: number) {
    this.#client = client;
    this.#share = share;
    this.#clock = clock;
    this.#pause = pause;
  }

  /** Whether a list that was read before has the account; asks nothing. */
  isKnown(credentialId: string, accountId: string): boolean {
    return this.#entries.get(credentialId)?.ids.has(accountId) ?? false;
  }

  /**
   * Whether the credential lists the account. Looks at the list where the one that is kept is older than the account's
   * first appearance, after the pause between two looks; not where the account is known to be another cardholder's.
   * @param since when the account was first named to this process.
   * @returns null where the list cannot be read now, or has a row without an id. Never rejects.
   */
  async lists(call: ProviderCall, accountId: string, since: number): Promise<boolean | null> {
    for (;;) {
      const entry = this.#entries.get(call.credential.id) ?? NOTHING;
      if (entry.ids.has(accountId)) return true;
      const now = this.#clock.now();
      if (this.#isOfAnother(entry, accountId) || isYoungEnough(entry, since, now)) return false;
      const rest = Math.max(entry.askedAt, entry.failedAt) + this.#pause - now;
      try {
        if (rest <= 0) await this.#look(call);
        else if (entry.failedAt > entry.askedAt) return null;
        else await wait(rest, undefined, { signal: call.signal });
      } catch {
        return null;
      }
    }
  }

  /** All sockets of a credential share one look. */
  #look(call: ProviderCall): Promise<void> {
    return this.#share.get(call, 'bongloy/own-accounts', 0, async (shared) => {
      const { id } = shared.credential;
      const askedAt = this.#clock.now();
      try {
        this.#entries.set(id, { ...NOTHING, ...(await this.#read(shared)), askedAt });
      } catch (error) {
        const entry = this.#entries.get(id) ?? NOTHING;
        if (!shared.signal.aborted) this.#entries.set(id, { ...entry, failedAt: this.#clock.now() });
        throw error;
      }
    });
  }

  #isOfAnother({ holders }: Entry, accountId: string): boolean {
    const holder = this.#holderOf.get(accountId);
    return holder !== undefined && holders.size > 0 && !holders.has(holder);
  }

  async #read(call: ProviderCall): Promise<Pick<Entry, 'ids' | 'holders'>> {
    const ids = new Set<string>();
    const holders = new Set<string>();
    for await (const { rows } of everyPage((page) => this.#client.accounts(call, page))) {
      for (const row of rows) {
        // Without its id nothing says which account is missing.
        if (row.id === null) throw noId();
        ids.add(row.id);
        if (!isReadable(row) || row.cardholderId === null) continue;
        holders.add(row.cardholderId);
        this.#holderOf.set(row.id, row.cardholderId);
      }
    }
    return { ids, holders };
  }
}

const noId = () =>
  upstreamUnavailable('BONGLOY', { cause: new UpstreamFailure('wrong-shape', 'a row has no id') });

function isYoungEnough({ askedAt }: Entry, since: number, now: number): boolean {
  if (askedAt < since) return false;
  return askedAt >= since + MAY_LAG || now - askedAt < LAG_PAUSE;
}
