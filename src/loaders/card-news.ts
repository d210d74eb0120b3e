import { LRUCache } from 'lru-cache';
import { GatewayError, type UnreadableAnswer, unreadableAsValue } from '../domain/errors.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { BongloyEvent, EventLog } from '../events/log.ts';
import type { Clock } from '../lib/clock.ts';
import { deadline } from '../lib/deadline.ts';
import { SECOND } from '../lib/duration.ts';
import type { BongloyClient } from '../providers/bongloy/client.ts';
import type { ProviderCall } from '../providers/provider.ts';
import { OwnAccounts } from './own-accounts.ts';
import type { Share } from './share.ts';

/** Long enough that the slower sockets of a credential find what the first one fetched. */
const KEEP_EVENT = 10 * SECOND;
/** Events that came since this process started, and accounts that they named, of which it remembers anything. */
const MOST_EVENTS = 20_000;
const MOST_ACCOUNTS = 100_000;
/** How far the clocks of two machines may be apart. */
const CLOCK_SKEW = 10 * SECOND;
/** How long listeners wait for the lists of others, beyond the pause between two looks. */
const LISTS_WITHIN = 2 * SECOND;
const READ_WITHIN = 15 * SECOND;

/**
 * What those who own the account that an event names made of it:
 * - `proved`: one of them read the transaction, and it is on that account;
 * - `refuted`: all of them were answered, and none was told so;
 * - `unclaimed`: no listener here owns the account.
 */
type Outcome = 'proved' | 'refuted' | 'unclaimed';

/** An event that came while this process ran. */
interface Seen {
  outcome: Promise<Outcome | null> | null;
}

export interface CardNewsOptions {
  readonly client: BongloyClient;
  readonly share: Share;
  readonly clock: Clock;
  readonly log: Pick<EventLog, 'watch'>;
  /** Between two looks of one credential at its list of accounts, in milliseconds. */
  readonly lookEvery: number;
}

/**
 * Whom to ask about a card event. Bongloy does not sign what a webhook tells, so the account that it names decides who is
 * asked first and never who is told: an event is told to those who can read its transaction. One set of decisions for
 * all sockets, streams and queries of the process.
 */
export class CardNews {
  readonly #client: BongloyClient;
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #listsWithin: number;
  readonly #accounts: OwnAccounts;
  /** By position. */
  readonly #seen = new LRUCache<number, Seen>({ max: MOST_EVENTS });
  /** When each account was first named to this process. */
  readonly #firstNamed = new LRUCache<string, number>({ max: MOST_ACCOUNTS });
  /** Subscriptions that hear of card events now, by credential. Empty sets are left out. */
  readonly #listeners = new Map<string, Set<ProviderCall>>();

  constructor({ client, share, clock, log, lookEvery }: CardNewsOptions) {
    this.#client = client;
    this.#share = share;
    this.#clock = clock;
    this.#listsWithin = lookEvery + LISTS_WITHIN;
    this.#accounts = new OwnAccounts(client, share, clock, lookEvery);
    log.watch((event) => {
      if (event.provider !== 'BONGLOY' || event.accountIdHint === null) return;
      if (!this.#seen.has(event.position)) this.#seen.set(event.position, { outcome: null });
      this.#firstNamedAt(event.accountIdHint, clock.now());
    });
  }

  /**
   * A subscription hears of card events: until it leaves it may be asked first.
   * @param call aborts when the subscription is over.
   * @returns the leaving.
   */
  listen(call: ProviderCall): () => void {
    const { id } = call.credential;
    const calls = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, calls.add(call));
    return () => {
      calls.delete(call);
      if (calls.size === 0 && this.#listeners.get(id) === calls) this.#listeners.delete(id);
    };
  }

  /**
   * Whether the event is surely another's, so that the credential need not be asked about it. False says nothing: the
   * credential's own read decides then. Never rejects.
   */
  async isAnothers(call: ProviderCall, event: BongloyEvent): Promise<boolean> {
    const { accountIdHint: named } = event;
    if (named === null) return false;
    const since = this.#firstNamedAt(named, Math.min(this.#clock.now(), event.receivedAt + CLOCK_SKEW));
    if ((await this.#accounts.lists(call, named, since)) !== false) return false;
    const seen = this.#seen.get(event.position);
    // It came before this process, or long ago: its owner was asked then, or is when it comes.
    if (!seen) return true;
    seen.outcome ??= this.#askOwners(event, named, since);
    const outcome = await seen.outcome;
    if (outcome === null) seen.outcome = null;
    return outcome === 'proved' || outcome === 'unclaimed';
  }

  /**
   * The transaction of an event, as it is now: never an answer from before the event. Those of one credential that wait
   * for the same event share the call. Null: not this credential's, or gone; an error: it cannot be read.
   * @throws what the client throws.
   */
  read(
    call: ProviderCall,
    { transactionId, position }: Pick<BongloyEvent, 'transactionId' | 'position'>,
  ): Promise<Transaction | UnreadableAnswer | null> {
    return this.#share.get(call, `bongloy/event/${position}/${transactionId}`, KEEP_EVENT, (shared) =>
      this.#client.transaction(shared, transactionId).catch(unreadableAsValue),
    );
  }

  #firstNamedAt(accountId: string, now: number): number {
    const first = this.#firstNamed.get(accountId) ?? now;
    this.#firstNamed.set(accountId, first);
    return first;
  }

  /** Null: those who could tell cannot be asked now. */
  async #askOwners(event: BongloyEvent, named: string, since: number): Promise<Outcome | null> {
    const owners = await this.#owners(named, since);
    if (owners.length === 0) return 'unclaimed';
    const reads = await Promise.allSettled(
      owners.map((call) => within(READ_WITHIN, call, (limited) => this.read(limited, event))),
    );
    const isProof = (read: Transaction | UnreadableAnswer | null) =>
      read !== null && (!('accountId' in read) || read.accountId === named);
    if (reads.some((read) => read.status === 'fulfilled' && isProof(read.value))) return 'proved';
    // One whose login has ended can be told nothing: it owns nothing here.
    const others = reads.filter((read) => read.status === 'fulfilled' || !isUnlinked(read.reason));
    if (others.length === 0) return 'unclaimed';
    return others.every(({ status }) => status === 'fulfilled') ? 'refuted' : null;
  }

  /** One subscription of each listening credential that lists the account. */
  async #owners(accountId: string, since: number): Promise<readonly ProviderCall[]> {
    const all = [...this.#listeners.values()].flatMap(([first]) => first ?? []);
    const known = all.filter((call) => this.#accounts.isKnown(call.credential.id, accountId));
    if (known.length > 0) return known;
    const looks = all.map((call) =>
      within(this.#listsWithin, call, (limited) => this.#accounts.lists(limited, accountId, since)),
    );
    const lists = await Promise.all(looks);
    return all.filter((_call, index) => lists[index] === true);
  }
}

const isUnlinked = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === 'UNAUTHENTICATED';

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
