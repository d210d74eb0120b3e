import { LRUCache } from 'lru-cache';
import { type UnreadableAnswer, unreadableAsValue } from '../domain/errors.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { BongloyEvent } from '../events/log.ts';
import { Abort } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { deadline } from '../lib/deadline.ts';
import { SECOND } from '../lib/duration.ts';
import type { BongloyClient } from '../providers/bongloy/client.ts';
import type { Credential, ProviderCall } from '../providers/provider.ts';
import { LateNews, type LateNewsOptions } from './late-news.ts';
import { OwnAccounts } from './own-accounts.ts';
import type { Share } from './share.ts';

/** Long enough that the slower sockets of a credential find what the first one fetched. */
const KEEP_EVENT = 10 * SECOND;
/** Events of which it is remembered that their owner proved them. */
const MOST_EVENTS = 20_000;
/** Credentials of which it is remembered since when they listen. */
const MOST_CREDENTIALS = 20_000;
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

export type CardNewsOptions = Omit<LateNewsOptions, 'accounts' | 'onOwned'>;

/**
 * Which listeners are asked about a card event. Bongloy does not sign what a webhook says. So the account that it names
 * decides which listeners are asked first, and each listener's own read decides whether that listener gets the event.
 *
 * - A listener owns the account: it reads the transaction. What it proves, the listeners of other cardholders skip. What it
 *   does not prove, all read.
 * - No listener is known to own the account: see `LateNews`.
 *
 * One set of decisions for all sockets, streams and queries of the process.
 */
export class CardNews {
  readonly #client: BongloyClient;
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #accounts: OwnAccounts;
  readonly #late: LateNews;
  /** By position. What is not proved is tried again for the next listener. */
  readonly #proofs = new LRUCache<number, Promise<boolean>>({ max: MOST_EVENTS });
  /** Credentials whose subscriptions hear of card events now. */
  readonly #listeners = new Map<string, Listening>();
  /** When each credential first listened to this process, milliseconds since the epoch. */
  readonly #listensSince = new LRUCache<string, number>({ max: MOST_CREDENTIALS });
  /** Credentials whose accounts were compared with those that are kept with the grant. */
  readonly #compared = new LRUCache<string, Promise<void>>({ max: MOST_CREDENTIALS });
  /** Lists that are read before an event needs them. */
  readonly #reading = new Set<Promise<unknown>>();

  constructor(options: CardNewsOptions) {
    const { client, share, clock } = options;
    this.#client = client;
    this.#share = share;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#accounts = new OwnAccounts(client, share, clock);
    this.#late = new LateNews({
      ...options,
      accounts: this.#accounts,
      onOwned: (call, accountId) => this.#owned(call, accountId),
    });
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
      this.#late.left(id);
      listening.over.abort();
    };
  }

  /**
   * Whether the credential passes the event over without a read: it is proved to be another cardholder's, or no listener is
   * known to own it. False says nothing: the credential's own read decides then. Never rejects.
   */
  async skips(call: ProviderCall, event: BongloyEvent): Promise<boolean> {
    const { accountIdHint: named, receivedAt } = event;
    const { id } = call.credential;
    if (named === null || !(await this.#knows(call))) return false;
    if (this.#reading.size > 0 && this.#ownersOf(named).length === 0) await Promise.all(this.#reading);
    const relation = this.#accounts.relation(id, named);
    const isLate = event.source === 'LATE';
    if (relation === 'own' && !isLate) this.#late.keepOrder(event, named);
    const hasOwners = this.#ownersOf(named).length > 0;
    // Nothing that came while the credential was away waits for its next look.
    if (relation !== 'own' && !hasOwners && !isLate && this.#late.isSettled(event))
      return this.#late.misses(call, event, named, false);
    if (this.#late.passes(call, event)) return true;
    if (relation === 'own') return false;
    if (hasOwners || isLate)
      return hasOwners && relation === 'anothers' && (await this.#isProved(event, named));
    const since = this.#listeners.has(id) ? this.#listensSince.get(id) : undefined;
    if (since === undefined || receivedAt < since)
      return this.#late.misses(call, event, named, since !== undefined);
    return this.#late.passesOver(call, event, named, this.#listeners.size);
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
    if (read && 'accountId' in read && this.#accounts.learn(call.credential.id, read.accountId))
      void this.#owned(call, read.accountId);
    return read;
  }

  /** One round of looks for what was passed over. Never rejects. */
  look(signal: AbortSignal): Promise<void> {
    const calls = [...this.#listeners.values()].flatMap(({ calls: [first] }) => first ?? []);
    return this.#late.look(calls, signal);
  }

  async #isProved(event: BongloyEvent, named: string): Promise<boolean> {
    const { position } = event;
    const proof = this.#proofs.get(position) ?? this.#prove(event, named);
    this.#proofs.set(position, proof);
    const isProved = await proof;
    if (!isProved && this.#proofs.peek(position) === proof) this.#proofs.delete(position);
    return isProved;
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

  /** Whether the credential's list of accounts is known, which is read at most for a moment. Never rejects. */
  async #lists(call: ProviderCall): Promise<boolean> {
    if (this.#accounts.has(call.credential.id)) return true;
    return await within(LISTS_WITHIN, call, (limited) => this.#accounts.load(limited));
  }

  /** The same, and whether all is known that other processes left. */
  async #knows(call: ProviderCall): Promise<boolean> {
    const { credential } = call;
    if (!(await this.#lists(call))) return false;
    const compared = this.#compared.get(credential.id) ?? this.#compare(credential);
    this.#compared.set(credential.id, compared);
    await compared;
    return true;
  }

  /**
   * An account that the list has, and that it had not when the credential was known last, may have had events that an earlier
   * process passed over.
   */
  async #compare(credential: Credential): Promise<void> {
    const ids = this.#accounts.of(credential.id);
    try {
      const before = await credential.keptAccounts?.();
      const fresh = new Set(ids.filter((id) => !before?.includes(id)));
      if (before && fresh.size > 0) await this.#late.ownedElsewhere(fresh);
      if (fresh.size > 0) await credential.keepAccounts?.(ids);
    } catch {
      // The store is away. They are compared again by the next process.
    }
  }

  /** A read of the credential showed an account that was not known to be its own. Never rejects. */
  async #owned({ credential }: ProviderCall, accountId: string): Promise<void> {
    await this.#late.owned(accountId);
    await this.#late.ownedElsewhere(new Set([accountId]), this.#startedAt);
    await credential.keepAccounts?.(this.#accounts.of(credential.id)).catch(() => {});
  }

  /** Reads the list of accounts before an event needs it. */
  #begin(call: ProviderCall): Listening {
    const { id } = call.credential;
    const listening = { calls: new Set<ProviderCall>(), over: new Abort() };
    this.#listeners.set(id, listening);
    if (!this.#listensSince.has(id)) this.#listensSince.set(id, this.#clock.now());
    const ofAll = { ...call, signal: listening.over };
    const reading = this.#lists(ofAll).finally(() => this.#reading.delete(reading));
    this.#reading.add(reading);
    // Others wait for its list alone.
    void this.#knows(ofAll);
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
