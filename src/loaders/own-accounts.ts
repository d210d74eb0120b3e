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
    dispose: ({ ids }, credentialId) => {
      for (const id of ids) this.#disown(credentialId, id);
    },
  });
  /** The credentials that own each account. Empty sets are left out. */
  readonly #owners = new Map<string, Set<string>>();
  readonly #cardholderOf = new LRUCache<string, string>({ max: MOST_ACCOUNTS });
  /** By credential: when its list could not be read. */
  readonly #failedAt = new LRUCache<string, number>({ max: MOST_CREDENTIALS });

  constructor(client: BongloyClient, share: Share, clock: Clock) {
    this.#client = client;
    this.#share = share;
    this.#clock = clock;
  }

  /** The credentials that are known to own the account; asks nothing. */
  ownersOf(accountId: string): Iterable<string> {
    return this.#owners.get(accountId) ?? [];
  }

  /** Whether the account may be of the credential's own cardholder; asks nothing. */
  mayOwn(credentialId: string, accountId: string): boolean {
    const owned = this.#owned.get(credentialId);
    const cardholder = this.#cardholderOf.get(accountId);
    if (!owned || owned.cardholders.size === 0 || cardholder === undefined) return true;
    return owned.ids.has(accountId) || owned.cardholders.has(cardholder);
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

  /** The credential's own read showed this account. Changes nothing before its list is known. */
  learn(credentialId: string, accountId: string): void {
    const owned = this.#owned.get(credentialId);
    if (!owned) return;
    this.#own(credentialId, owned, accountId);
    const [cardholder] = owned.cardholders;
    if (cardholder !== undefined && owned.cardholders.size === 1)
      this.#cardholderOf.set(accountId, cardholder);
  }

  async #read(call: ProviderCall): Promise<void> {
    const { id } = call.credential;
    const owned: Owned = { ids: new Set(), cardholders: new Set() };
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
  }

  #own(credentialId: string, { ids }: Owned, accountId: string): void {
    ids.add(accountId);
    const owners = this.#owners.get(accountId) ?? new Set();
    this.#owners.set(accountId, owners.add(credentialId));
  }

  #disown(credentialId: string, accountId: string): void {
    const owners = this.#owners.get(accountId);
    owners?.delete(credentialId);
    if (owners?.size === 0) this.#owners.delete(accountId);
  }
}

const noId = () =>
  upstreamUnavailable('BONGLOY', { cause: new UpstreamFailure('wrong-shape', 'a row has no id') });
