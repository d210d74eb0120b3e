import { LRUCache } from 'lru-cache';
import { GatewayError, upstreamUnavailable } from '../domain/errors.ts';
import { isReadable } from '../domain/unreadable-row.ts';
import { Bulkhead } from '../lib/bulkhead.ts';
import type { Clock } from '../lib/clock.ts';
import { SECOND } from '../lib/duration.ts';
import type { BongloyClient } from '../providers/bongloy/client.ts';
import { everyPage } from '../providers/bongloy/pagination.ts';
import type { ProviderCall } from '../providers/provider.ts';
import { UpstreamFailure } from '../upstream/errors.ts';
import type { Share } from './share.ts';

/** Credentials whose accounts are remembered at most: a few ids of 36 characters each. */
const MOST_CREDENTIALS = 20_000;
/** Accounts whose cardholder is remembered at most. */
const MOST_ACCOUNTS = 100_000;
/** Lists that are read at once: as many credentials may come together after a restart. */
const LISTS_AT_ONCE = 32;
/** How long a list that could not be read is not asked for again. */
const FAILURE_PAUSE = 10 * SECOND;

/** The accounts that one credential is known to own, and their cardholders; empty where its list names none. */
interface Owned {
  readonly ids: Set<string>;
  readonly cardholders: Set<string>;
  /** When the list was asked for, milliseconds since the epoch. */
  readonly readAt: number;
}

/**
 * Which Bongloy accounts each credential owns, as its own calls showed them. An account never changes its owner, so an id
 * that was seen stays right. A missing id proves nothing: the account may be newer than the list.
 */
export class OwnAccounts {
  readonly #client: BongloyClient;
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #turns = new Bulkhead(LISTS_AT_ONCE);
  readonly #owned = new LRUCache<string, Owned>({
    max: MOST_CREDENTIALS,
    dispose: ({ ids, cardholders }, credentialId) => {
      for (const id of ids) remove(this.#owners, id, credentialId);
      for (const id of cardholders) remove(this.#ofCardholder, id, credentialId);
    },
  });
  /** The credentials that own each account. Empty sets are left out. */
  readonly #owners = new Map<string, Set<string>>();
  /** The credentials of each cardholder, in the same way. */
  readonly #ofCardholder = new Map<string, Set<string>>();
  readonly #cardholderOf = new LRUCache<string, string>({ max: MOST_ACCOUNTS });
  /** By credential: when its list could not be read. */
  readonly #failedAt = new LRUCache<string, number>({ max: MOST_CREDENTIALS });

  constructor(client: BongloyClient, share: Share, clock: Clock) {
    this.#client = client;
    this.#share = share;
    this.#clock = clock;
  }

  /** The credentials that are known to own the account, or to be of its cardholder; asks nothing. */
  ownersOf(accountId: string): Iterable<string> {
    const owners = this.#owners.get(accountId) ?? [];
    const cardholder = this.#cardholderOf.get(accountId);
    const others = cardholder === undefined ? undefined : this.#ofCardholder.get(cardholder);
    return others ? new Set([...owners, ...others]) : owners;
  }

  /** Whose the account is, as seen from the credential; asks nothing. */
  relation(credentialId: string, accountId: string): 'own' | 'anothers' | 'unknown' {
    const owned = this.#owned.get(credentialId);
    const cardholder = this.#cardholderOf.get(accountId);
    if (owned?.ids.has(accountId)) return 'own';
    if (!owned || owned.cardholders.size === 0 || cardholder === undefined) return 'unknown';
    return owned.cardholders.has(cardholder) ? 'own' : 'anothers';
  }

  /** Whether the credential's list was read. */
  has(credentialId: string): boolean {
    return this.#owned.has(credentialId);
  }

  /** The accounts that the credential is known to own. */
  of(credentialId: string): readonly string[] {
    return [...(this.#owned.get(credentialId)?.ids ?? [])];
  }

  /** When the list was asked for, milliseconds since the epoch; never: -Infinity. */
  readAt(credentialId: string): number {
    return this.#owned.get(credentialId)?.readAt ?? Number.NEGATIVE_INFINITY;
  }

  /**
   * Reads the credential's list of accounts, once. All who wait for the same credential share the call.
   * @returns false where it cannot be read now. Never rejects.
   */
  async load(call: ProviderCall): Promise<boolean> {
    const { id } = call.credential;
    if (this.#owned.has(id)) return true;
    if (this.#clock.now() - (this.#failedAt.get(id) ?? Number.NEGATIVE_INFINITY) < FAILURE_PAUSE)
      return false;
    try {
      await this.#share.get(call, 'bongloy/own-accounts', 0, (shared) =>
        this.#turns.run(() => this.#read(shared)),
      );
      return true;
    } catch (error) {
      // Anything else is a caller that left.
      if (error instanceof GatewayError) this.#failedAt.set(id, this.#clock.now());
      return false;
    }
  }

  /**
   * The credential's own read showed this account. Changes nothing before its list is known.
   * @returns whether the account was not known to be the credential's.
   */
  learn(credentialId: string, accountId: string): boolean {
    const owned = this.#owned.get(credentialId);
    if (!owned || owned.ids.has(accountId)) return false;
    this.#own(credentialId, owned, accountId);
    const [cardholder] = owned.cardholders;
    if (cardholder !== undefined && owned.cardholders.size === 1)
      this.#cardholderOf.set(accountId, cardholder);
    return true;
  }

  async #read(call: ProviderCall): Promise<void> {
    const { id } = call.credential;
    const owned: Owned = { ids: new Set(), cardholders: new Set(), readAt: this.#clock.now() };
    const found = new Set<string>();
    for await (const { rows } of everyPage((page) => this.#client.accounts(call, page))) {
      for (const row of rows) {
        // Without its id nothing says which account is missing.
        if (row.id === null) throw noId();
        found.add(row.id);
        if (!isReadable(row) || row.cardholderId === null) continue;
        owned.cardholders.add(row.cardholderId);
        this.#cardholderOf.set(row.id, row.cardholderId);
      }
    }
    this.#owned.set(id, owned);
    for (const accountId of found) this.#own(id, owned, accountId);
    for (const cardholderId of owned.cardholders) add(this.#ofCardholder, cardholderId, id);
  }

  #own(credentialId: string, { ids }: Owned, accountId: string): void {
    ids.add(accountId);
    add(this.#owners, accountId, credentialId);
  }
}

function add(index: Map<string, Set<string>>, key: string, credentialId: string): void {
  const credentials = index.get(key) ?? new Set();
  index.set(key, credentials.add(credentialId));
}

function remove(index: Map<string, Set<string>>, key: string, credentialId: string): void {
  const credentials = index.get(key);
  credentials?.delete(credentialId);
  if (credentials?.size === 0) index.delete(key);
}

const noId = () =>
  upstreamUnavailable('BONGLOY', { cause: new UpstreamFailure('wrong-shape', 'a row has no id') });
