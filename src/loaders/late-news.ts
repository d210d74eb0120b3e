import { LRUCache } from 'lru-cache';
import { isReadable } from '../domain/unreadable-row.ts';
import { type BongloyEvent, type EventLog, lateKeyOf } from '../events/log.ts';
import { Bulkhead } from '../lib/bulkhead.ts';
import type { Clock } from '../lib/clock.ts';
import { deadline } from '../lib/deadline.ts';
import { MINUTE, SECOND } from '../lib/duration.ts';
import type { BongloyClient } from '../providers/bongloy/client.ts';
import type { ProviderCall } from '../providers/provider.ts';
import type { OwnAccounts } from './own-accounts.ts';
import { PassedOver } from './passed-over.ts';
import { RecentTransactions } from './recent-transactions.ts';
import type { Share } from './share.ts';

/** How long Bongloy's lists may lag behind its webhooks: after that an account without an owner is no news. */
const MAY_LAG = 10 * MINUTE;
/** How long an event that was passed over is compared with what listeners own. */
const KEEP = 15 * MINUTE;
/** Between two looks of one credential: a bit more than a minute, and longer while no account is new. */
const LOOK_EVERY = 75 * SECOND;
const LOOK_SELDOM = MAY_LAG;
const LOOKS_AT_ONCE = 8;
const LOOK_WITHIN = 10 * SECOND;
/** While so few credentials listen, they all read events of new accounts: so many reads in a minute together. */
const FEW = 12;
const READS_PER_MINUTE = 60;
/** Accounts and credentials of which something is remembered. */
const MOST_ACCOUNTS = 100_000;
const MOST_CREDENTIALS = 20_000;
/** Events that all read are remembered: more than come before the last listener has read them. */
const MOST_OPEN = 1_000;
const NONE: ReadonlySet<string> = new Set();
/** Events that are read from the log at once. */
const PAGE = 1_000;

export interface LateNewsOptions {
  readonly client: BongloyClient;
  readonly share: Share;
  readonly clock: Clock;
  readonly log: Pick<EventLog, 'append' | 'end' | 'read' | 'trimmedTo'>;
  readonly accounts: OwnAccounts;
  /** A look showed that the credential owns an account that was not known to be its own. Must not reject. */
  readonly onOwned: (call: ProviderCall, accountId: string) => Promise<void>;
}

/**
 * Events on accounts that no listener is known to own. An account may have been opened a moment ago, a provider's list may
 * lag behind its webhooks, and the account is not signed. So nothing is passed over for good before each listener's own list
 * of newest transactions, asked for later, was compared with it. What turns out to be a listener's is appended to the log
 * again, as `LATE`.
 */
export class LateNews {
  readonly #clock: Clock;
  readonly #log: LateNewsOptions['log'];
  readonly #accounts: OwnAccounts;
  readonly #onOwned: LateNewsOptions['onOwned'];
  readonly #recent: RecentTransactions;
  readonly #passedOver = new PassedOver();
  /** Positions of events that all read, as few listen. */
  readonly #open = new LRUCache<number, true>({ max: MOST_OPEN });
  #reads = { since: Number.NEGATIVE_INFINITY, count: 0 };
  /** When each account was first named, and when the last new one was, milliseconds since the epoch. */
  readonly #firstNamed = new LRUCache<string, number>({ max: MOST_ACCOUNTS });
  #lastNewAt = Number.NEGATIVE_INFINITY;
  /** Which stretches of the log each credential went through that passed over an event; the newest of them. */
  readonly #stretches = new LRUCache<string, Stretch[]>({ max: MOST_CREDENTIALS });

  constructor({ client, share, clock, log, accounts, onOwned }: LateNewsOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#accounts = accounts;
    this.#onOwned = onOwned;
    this.#recent = new RecentTransactions(client, share, clock);
  }

  /** Whether the event is so old that lists of newest transactions are sure to show it. */
  isSettled({ receivedAt }: BongloyEvent): boolean {
    return receivedAt <= this.#clock.now() - MAY_LAG;
  }

  /** Whether the event was passed over here: then it is delivered late, if at all, and never in its place. */
  passes(call: ProviderCall, event: BongloyEvent): boolean {
    if (!this.#passedOver.has(event)) return false;
    this.#note(call.credential.id, event.position);
    return true;
  }

  /**
   * An event that came while the credential listened.
   * @param listeners how many credentials listen.
   * @returns whether it is passed over.
   */
  passesOver(call: ProviderCall, event: BongloyEvent, named: string, listeners: number): boolean {
    const { position } = event;
    if (this.#open.has(position)) return false;
    const waits = this.#passedOver.ofAccount(named).length > 0;
    if (this.#isNew(named) && !waits && this.#allMayRead(listeners)) {
      this.#open.set(position, true);
      return false;
    }
    this.#passedOver.add(event);
    return this.passes(call, event);
  }

  /**
   * An event from before the credential listened, or for a query.
   * @returns whether the credential's own list of newest transactions, asked for after the event, is without it.
   */
  async misses(call: ProviderCall, event: BongloyEvent, named: string, listens: boolean): Promise<boolean> {
    if (this.#open.has(event.position)) return false;
    const { id } = call.credential;
    const { transactionId, receivedAt } = event;
    const now = this.#clock.now();
    const since = Math.min(receivedAt, now);
    const mayAsk = !listens || this.#recent.triedAt(id) + LOOK_EVERY <= now;
    if (this.#recent.showed(id, transactionId, since) === null && mayAsk) {
      try {
        await this.#look(call);
      } catch {
        return false;
      }
    }
    if (this.passes(call, event)) return true;
    if (this.#recent.showed(id, transactionId, since)) return false;
    if (!listens) return true;
    this.#isNew(named);
    this.#passedOver.add(event);
    return this.passes(call, event);
  }

  /**
   * An owner of the account comes to the event. If owners passed over earlier ones of this account, those are delivered late
   * now, and then this one too.
   */
  keepOrder(event: BongloyEvent, named: string): void {
    const earlier = this.#passedOver.ofAccount(named);
    if (earlier.some((one) => this.#wasMissed(one, named))) this.#passedOver.add(event);
    if (earlier.length > 0) void this.#deliver(this.#waiting(named), NONE, event);
  }

  /** A credential turned out to own the account. Never rejects. */
  async owned(accountId: string): Promise<void> {
    await this.#deliver(this.#waiting(accountId), new Set([accountId]));
  }

  /**
   * A credential turned out to own accounts that it was not known to own at another process, or an earlier one: what came of
   * them lately may have been passed over there. Never rejects.
   * @param until of events that came up to this moment, milliseconds since the epoch.
   */
  async ownedElsewhere(accountIds: ReadonlySet<string>, until = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#clock.now() - KEEP >= until) return;
    try {
      const late = new Map<BongloyEvent, string | null>();
      for await (const event of this.#newestEvents()) {
        const { accountIdHint: named } = event;
        const isMeant = named !== null && accountIds.has(named) && event.source !== 'LATE';
        if (isMeant && event.receivedAt <= until) late.set(event, named);
      }
      if (late.size > 0) await this.#append(late);
    } catch {
      // The log is away: the credential is asked again by the next process.
    }
  }

  /** The credential's subscriptions are over. */
  left(credentialId: string): void {
    const last = this.#stretches.get(credentialId)?.at(-1);
    if (last) last.isOver = true;
  }

  /**
   * One round: each listener whose time has come looks at its list of newest transactions, if events wait. Never rejects; a
   * listener that cannot be asked is asked the next time.
   * @param listeners a call of each listening credential.
   */
  async look(listeners: readonly ProviderCall[], signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    if (this.#passedOver.size === 0) return;
    const pause = now - this.#lastNewAt < MAY_LAG + LOOK_EVERY ? LOOK_EVERY : LOOK_SELDOM;
    const turns = new Bulkhead(LOOKS_AT_ONCE);
    const looks = listeners.map((call) =>
      turns.run(async () => {
        const { id } = call.credential;
        const last = Math.max(this.#accounts.readAt(id), this.#recent.triedAt(id));
        if (signal.aborted || last + pause > now) return;
        const limit = deadline(LOOK_WITHIN, call.signal);
        await this.#look({ ...call, signal: limit.signal }).catch(() => {});
        limit.clear();
      }),
    );
    await Promise.all(looks);
    this.#passedOver.forget(now - KEEP);
  }

  async #look(call: ProviderCall): Promise<void> {
    const { id } = call.credential;
    const found = new Map<BongloyEvent, string | null>();
    const fresh: string[] = [];
    for (const row of await this.#recent.look(call)) {
      const accountId = isReadable(row) ? row.accountId : null;
      if (accountId !== null && this.#accounts.learn(id, accountId)) fresh.push(accountId);
      if (row.id === null) continue;
      for (const event of this.#passedOver.ofTransaction(row.id)) found.set(event, accountId);
    }
    for (const accountId of fresh) {
      for (const event of this.#passedOver.ofAccount(accountId)) found.set(event, accountId);
    }
    await this.#deliver(found, new Set(fresh));
    for (const accountId of fresh) await this.#onOwned(call, accountId);
  }

  /** Whether the account is named for the first time, or was lately. */
  #isNew(accountId: string): boolean {
    const now = this.#clock.now();
    const first = this.#firstNamed.get(accountId) ?? now;
    this.#firstNamed.set(accountId, first);
    if (now - first >= MAY_LAG) return false;
    this.#lastNewAt = Math.max(this.#lastNewAt, first);
    return true;
  }

  /** Whether one read of each listener is within what few may cost; it is counted. */
  #allMayRead(listeners: number): boolean {
    const now = this.#clock.now();
    if (now - this.#reads.since >= MINUTE) this.#reads = { since: now, count: 0 };
    if (listeners > FEW || this.#reads.count + listeners > READS_PER_MINUTE) return false;
    this.#reads.count += listeners;
    return true;
  }

  /**
   * Delivers late what a credential of the account's cardholder has passed over, in the order of the log. The rest is
   * delivered in its place from now on. While the log cannot be written, it waits for the next look.
   * @param events with the account that each is on; null: it cannot be read.
   * @param fresh accounts that were not known until now: an owner may have passed over their events at another process too.
   * @param behind is delivered late if anything is.
   */
  async #deliver(
    events: ReadonlyMap<BongloyEvent, string | null>,
    fresh: ReadonlySet<string>,
    behind: BongloyEvent | null = null,
  ): Promise<void> {
    const missed = new Map<BongloyEvent, string | null>();
    for (const [event, accountId] of events) {
      const isMissed = accountId === null || fresh.has(accountId) || this.#wasMissed(event, accountId);
      if (isMissed || event === behind) missed.set(event, accountId);
      else this.#passedOver.restore(event);
    }
    if (missed.size === 0) return;
    try {
      await this.#append(missed);
    } catch {
      return;
    }
    for (const event of missed.keys()) this.#passedOver.over(event);
  }

  /** @throws LogUnavailable */
  async #append(events: ReadonlyMap<BongloyEvent, string | null>): Promise<void> {
    const receivedAt = this.#clock.now();
    const inOrder = [...events].toSorted(([a], [b]) => a.position - b.position);
    await this.#log.append(
      inOrder.map(([{ key, type, transactionId, traceparent }, accountIdHint]) => ({
        provider: 'BONGLOY' as const,
        key: lateKeyOf(key),
        type,
        source: 'LATE' as const,
        receivedAt,
        transactionId,
        accountIdHint,
        ...(traceparent !== undefined && { traceparent }),
      })),
    );
  }

  #waiting(accountId: string): ReadonlyMap<BongloyEvent, string> {
    return new Map(this.#passedOver.ofAccount(accountId).map((event) => [event, accountId]));
  }

  #wasMissed({ position }: BongloyEvent, accountId: string): boolean {
    for (const id of this.#accounts.ownersOf(accountId)) {
      const stretches = this.#stretches.get(id) ?? [];
      if (stretches.some(({ from, to }) => from <= position && position <= to)) return true;
    }
    return false;
  }

  #note(credentialId: string, position: number): void {
    const stretches = this.#stretches.get(credentialId) ?? [];
    const last = stretches.at(-1);
    if (last && !last.isOver && position >= last.from) {
      last.to = Math.max(last.to, position);
      return;
    }
    stretches.push({ from: position, to: position, isOver: false });
    if (stretches.length > MOST_STRETCHES) stretches.shift();
    this.#stretches.set(credentialId, stretches);
  }

  /** Card events of the last minutes, the newest part of the log first. @throws LogUnavailable, CursorExpired */
  async *#newestEvents(): AsyncGenerator<BongloyEvent> {
    const since = this.#clock.now() - KEEP;
    const oldest = await this.#log.trimmedTo();
    let isOver = false;
    for (
      let before = await this.#log.end();
      before > oldest && !isOver;
      before = Math.max(oldest, before - PAGE)
    ) {
      for (let after = Math.max(oldest, before - PAGE); after < before; ) {
        const { events, position, atEnd } = await this.#log.read(after, PAGE, { providers: ['BONGLOY'] });
        for (const event of events) {
          if (event.receivedAt < since) isOver = true;
          else if (event.provider === 'BONGLOY' && event.position <= before) yield event;
        }
        after = atEnd ? before : position;
      }
    }
  }
}

/** From the first to the last position that was passed over, both included. */
interface Stretch {
  readonly from: number;
  to: number;
  /** The credential's subscriptions of that time are over. */
  isOver: boolean;
}

const MOST_STRETCHES = 20;
