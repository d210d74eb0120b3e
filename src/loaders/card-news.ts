import { LRUCache } from 'lru-cache';
import { type UnreadableAnswer, unreadableAsValue } from '../domain/errors.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { BongloyEvent } from '../events/log.ts';
import { Abort } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { deadline } from '../lib/deadline.ts';
import { SECOND } from '../lib/duration.ts';
import type { BongloyClient } from '../providers/bongloy/client.ts';
import type { ProviderCall } from '../providers/provider.ts';
import { OwnAccounts } from './own-accounts.ts';
import type { Share } from './share.ts';

/** Long enough that the slower sockets of a credential find what the first one fetched. */
const KEEP_EVENT = 10 * SECOND;
/** Events of which it is remembered that their owner proved them. */
const MOST_EVENTS = 20_000;
/** How long an event waits for lists that are being read, and for what an owner reads. */
const LISTS_WITHIN = 2 * SECOND;
const OWNER_WITHIN = 5 * SECOND;
/** Owners of one account that are asked one after the other, where the first cannot be asked. */
const MOST_OWNERS = 3;

interface Listening {
  /** One for each subscription; it aborts when that is over. */
  readonly calls: Set<ProviderCall>;
  /** Aborts when the last of them is over. */
  readonly over: Abort;
}

/**
 * Which listeners are asked about a card event. Bongloy does not sign what a webhook says. So the account that it names
 * decides which listeners are asked first, and each listener's own read decides whether that listener gets the event.
 * What the owner of the account proves, no other listener is asked about. One set of decisions for all sockets, streams
 * and queries of the process.
 */
export class CardNews {
  readonly #client: BongloyClient;
  readonly #share: Share;
  readonly #accounts: OwnAccounts;
  /** By position. What is not proved is tried again for the next listener. */
  readonly #proofs = new LRUCache<number, Promise<boolean>>({ max: MOST_EVENTS });
  /** Credentials whose subscriptions hear of card events now. */
  readonly #listeners = new Map<string, Listening>();
  /** Lists that are read before an event needs them. */
  readonly #reading = new Set<Promise<unknown>>();

  constructor(client: BongloyClient, share: Share, clock: Clock) {
    this.#client = client;
    this.#share = share;
    this.#accounts = new OwnAccounts(client, share, clock);
  }

  /**
   * A subscription hears of card events: from now on its credential may be asked first.
   * @param call aborts when the subscription is over.
   * @returns ends that.
   */
  listen(call: ProviderCall): () => void {
    const { id } = call.credential;
    const listening = this.#listeners.get(id) ?? this.#begin(call);
    listening.calls.add(call);
    return () => {
      listening.calls.delete(call);
      if (listening.calls.size > 0 || this.#listeners.get(id) !== listening) return;
      this.#listeners.delete(id);
      listening.over.abort();
    };
  }

  /**
   * Whether the event is proved to be another cardholder's, so that the credential need not be asked about it. False
   * says nothing: the credential's own read decides then. Never rejects.
   */
  async isAnothers(call: ProviderCall, event: BongloyEvent): Promise<boolean> {
    const { accountIdHint: named, position } = event;
    const { id } = call.credential;
    if (named === null) return false;
    if (!(await within(LISTS_WITHIN, call, (limited) => this.#accounts.load(limited)))) return false;
    if (this.#ownersOf(named).length === 0) await Promise.all(this.#reading);
    if (this.#accounts.mayOwn(id, named)) return false;
    const proof = this.#proofs.get(position) ?? this.#prove(event, named);
    this.#proofs.set(position, proof);
    const isProved = await proof;
    if (!isProved && this.#proofs.peek(position) === proof) this.#proofs.delete(position);
    return isProved;
  }

  /**
   * The transaction of an event, as it is now: never an answer from before the event. Those of one credential that wait
   * for the same event share the call. Null: not this credential's, or gone; an error: it cannot be read.
   * @throws what the client throws.
   */
  async read(
    call: ProviderCall,
    { transactionId, position }: BongloyEvent,
  ): Promise<Transaction | UnreadableAnswer | null> {
    const key = `bongloy/event/${position}/${transactionId}`;
    const read = await this.#share.get(call, key, KEEP_EVENT, (shared) =>
      this.#client.transaction(shared, transactionId).catch(unreadableAsValue),
    );
    if (read && 'accountId' in read) this.#accounts.learn(call.credential.id, read.accountId);
    return read;
  }

  /**
   * Whether an owner of the account that the event names reads the transaction, and on that account. False as well where no
   * owner can be asked now. Never rejects.
   */
  async #prove(event: BongloyEvent, named: string): Promise<boolean> {
    for (const call of this.#ownersOf(named).slice(0, MOST_OWNERS)) {
      const read = await within(OWNER_WITHIN, call, (limited) => this.read(limited, event)).catch(
        () => undefined,
      );
      if (read === undefined) continue;
      return read !== null && (!('accountId' in read) || read.accountId === named);
    }
    return false;
  }

  /** A subscription of each listening credential that owns the account. */
  #ownersOf(accountId: string): readonly ProviderCall[] {
    return [...this.#accounts.ownersOf(accountId)].flatMap((id) => {
      const [call] = this.#listeners.get(id)?.calls ?? [];
      return call ?? [];
    });
  }

  /** Reads the list of accounts before an event needs it. */
  #begin(call: ProviderCall): Listening {
    const listening = { calls: new Set<ProviderCall>(), over: new Abort() };
    this.#listeners.set(call.credential.id, listening);
    const ofAll = { ...call, signal: listening.over };
    const reading = within(LISTS_WITHIN, ofAll, (limited) => this.#accounts.load(limited)).finally(() =>
      this.#reading.delete(reading),
    );
    this.#reading.add(reading);
    return listening;
  }
}

async function within<T>(
  ms: number,
  call: ProviderCall,
  ask: (call: ProviderCall) => Promise<T>,
): Promise<T> {
  const limit = deadline(ms, call.signal);
  try {
    return await ask({ ...call, signal: limit.signal });
  } finally {
    limit.clear();
  }
}
