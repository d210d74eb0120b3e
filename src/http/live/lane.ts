import type { ExecutionResult } from 'graphql';
import type { Provider } from '../../domain/provider.ts';
import type { Listener } from '../../events/hub.ts';
import { type LogEvent, lateKeyOf } from '../../events/log.ts';
import { inSpan, isTracing } from '../../lib/span.ts';
import { knownEventAccounts } from '../../loaders/held-bank.ts';
import type { EventSelection, Resume } from '../../schema/context.ts';
import { delivery } from '../../schema/event/delivery.ts';
import { hold } from '../../schema/event/hold.ts';
import { troubleOf } from '../../schema/event/trouble.ts';
import { ownBankEvent, readForEvent, type VisibleEvent, visibleEvent } from '../../schema/event/visible.ts';
import {
  type Asker,
  listenToCards,
  type OperationContext,
  operationContext,
  type Sources,
} from '../context.ts';
import type { ErrorMask } from '../errors.ts';
import type { LiveObserver } from './counts.ts';
import type { Program } from './program.ts';

/** A subscription of one socket, as its lane sees it. */
export interface Member {
  /** Sends it the payload of a message. @returns false when it has too much to read already: nothing was sent. */
  deliver(payload: string): boolean;
  /** It is no longer of the lane, and reads the log by itself. */
  fallBack(resume: Resume): void;
  /** It is no longer of the lane, and this is its last result. */
  fail(last: ExecutionResult): void;
}

export interface LaneOptions {
  readonly program: Program;
  readonly selection: EventSelection;
  readonly asker: Asker;
  /** Of the subscription that it was opened for. */
  readonly requestId: string;
  /** Whose accounts decide which bank events are visible; null when Casso is not linked. */
  readonly cassoCredentialId: string | null;
  readonly sources: Sources;
  readonly mask: ErrorMask;
  readonly observer: LiveObserver;
  /** Told when the last member has left: the lane is over. */
  readonly onEmpty: () => void;
}

/** In the place of a payload: the provider is down for longer than an event is held. */
const LAGGING = Symbol('lagging');

/** Events that wait at most, as when a provider is down; then everybody reads the log for himself. */
const MOST_WAITING = 1_000;
/** Card events of which it is remembered that they were delivered at their first position. */
const MOST_IN_PLACE = 100;

/**
 * The subscriptions of one viewer that have the same program: each event is looked at once, executed once and
 * serialised once for all of them. Whether the viewer may see it is decided anew for each event.
 */
export class Lane implements Listener {
  readonly #options: LaneOptions;
  /** With the position after which each is to be told. */
  readonly #members = new Map<Member, number>();
  readonly #waiting: LogEvent[] = [];
  /** Providers whose login has ended. */
  readonly #lost: Set<Provider>;
  /** Positions of the newest card events that were delivered, by the key under which another process may append them as `LATE`. */
  readonly #inPlace = new Map<string, number>();
  #context: OperationContext | null = null;
  /** While it may be asked first about card events. */
  readonly #listening = new AbortController();
  #running: Promise<void> | null = null;
  /** Every event up to here has been delivered to everybody whom it concerns. */
  handled: number;

  /** @param handled where the hub stands, or before. */
  constructor(handled: number, options: LaneOptions) {
    this.handled = handled;
    this.#options = options;
    this.#lost = new Set(options.selection.lost);
  }

  /** Resolves when nothing waits. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** @param after `handled` or greater. */
  add(member: Member, after: number): void {
    if (this.#members.size === 0) this.#listen();
    this.#members.set(member, after);
    this.#options.observer.subscribers(1);
  }

  remove(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.#options.observer.subscribers(-1);
    if (this.#members.size === 0) this.#end();
  }

  tell(event: LogEvent): void {
    if (event.position <= this.handled) return;
    if (this.#waiting.length >= MOST_WAITING) return this.lost();
    this.#waiting.push(event);
    this.#running ??= this.#run();
  }

  lost(): void {
    this.#fallBackAll(null);
  }

  async #run(): Promise<void> {
    try {
      for (let event = this.#waiting[0]; event; event = this.#waiting[0]) {
        const payload = await this.#traced(event).catch((error: unknown) =>
          this.#withoutProvider(error, event),
        );
        if (payload === LAGGING) return this.#fallBackAll(event.provider);
        if (payload !== null) this.#deliver(payload, event);
        this.handled = event.position;
        this.#waiting.shift();
      }
    } catch (error) {
      // Whoever left in the middle has aborted it.
      if (this.#members.size > 0) this.#fail(error);
    } finally {
      this.#context?.end(null);
      this.#context = null;
      this.#running = null;
    }
  }

  #traced(event: LogEvent): Promise<string | null> {
    return isTracing() ? inSpan(delivery(event, true), () => this.#payload(event)) : this.#payload(event);
  }

  /** Null when the viewer may not see the event, or did not ask for it. */
  async #payload(event: LogEvent): Promise<string | null> {
    const { program, selection } = this.#options;
    if (this.#lost.has(event.provider)) return null;
    const known = this.#visibleAtOnce(event);
    const seen = known ?? (await this.#visible(event));
    if (!seen || !selection.tells(seen)) return null;
    const visible = this.#lost.size > 0 ? { ...seen, unavailableProviders: [...this.#lost] } : seen;
    const shared = await program.textForAll(visible);
    if (shared !== null) return shared;
    const context = this.#currentContext();
    // Nothing was asked for this event yet: what was read for the last one may be old by now.
    if (known) context.renewLoaders();
    return program.textFor(visible, context);
  }

  /** A stream of several providers goes on without one whose login has ended, or that is down for too long. */
  #withoutProvider(error: unknown, { provider }: LogEvent): null | typeof LAGGING {
    const providers = this.#options.selection.providers.filter((one) => !this.#lost.has(one));
    const trouble = troubleOf(error, provider, providers);
    if (trouble === 'lagging') return LAGGING;
    if (trouble !== 'lost') throw error;
    this.#lost.add(provider);
    return null;
  }

  #visibleAtOnce(event: LogEvent): VisibleEvent | null {
    const { cassoCredentialId, sources } = this.#options;
    if (event.provider !== 'CASSO' || cassoCredentialId === null) return null;
    const accounts = knownEventAccounts(sources.share, cassoCredentialId, event);
    return accounts && ownBankEvent(event, accounts, sources.services.log);
  }

  #visible(event: LogEvent): Promise<VisibleEvent | null> {
    const { log, holdEvent } = this.#options.sources.services;
    const context = this.#currentContext();
    const look = () => visibleEvent(event, context.renewLoaders(), log, readForEvent);
    return hold(look, holdEvent, context.subscriptionSignal());
  }

  #listen(): void {
    const { selection, sources, asker, requestId } = this.#options;
    if (!selection.providers.includes('BONGLOY')) return;
    const { signal } = this.#listening;
    const leave = listenToCards(sources, asker.viewer, requestId, signal);
    signal.addEventListener('abort', leave, { once: true });
  }

  #currentContext(): OperationContext {
    const { sources, asker, requestId } = this.#options;
    this.#context ??= operationContext({}, sources, asker, requestId);
    return this.#context;
  }

  #deliver(payload: string, event: LogEvent): void {
    let count = 0;
    const inPlace = event.source === 'LATE' ? (this.#inPlace.get(event.key) ?? 0) : 0;
    for (const [member, after] of this.#members) {
      if (after >= event.position) continue;
      // This member has had the event at its first position.
      if (after < inPlace) continue;
      if (member.deliver(payload)) {
        count += 1;
      } else {
        this.remove(member);
        this.#fallBack(member, after, null);
      }
    }
    if (count > 0) this.#options.observer.delivered(event, count);
    if (event.provider === 'BONGLOY') this.#remember(event);
  }

  #remember({ key, position }: LogEvent): void {
    this.#inPlace.set(lateKeyOf(key), position);
    const [oldest = ''] = this.#inPlace.keys();
    if (this.#inPlace.size > MOST_IN_PLACE) this.#inPlace.delete(oldest);
  }

  #fallBackAll(lagging: Provider | null): void {
    for (const [member, after] of this.#endAll()) this.#fallBack(member, after, lagging);
  }

  #fallBack(member: Member, after: number, lagging: Provider | null): void {
    this.#options.observer.droppedToCatchUp();
    member.fallBack({ after: Math.max(after, this.handled), lagging });
  }

  #fail(error: unknown): void {
    const last = { errors: [this.#options.mask(error, this.#options.requestId)] };
    for (const [member] of this.#endAll()) member.fail(last);
  }

  /** @returns those who were its members. */
  #endAll(): readonly (readonly [Member, number])[] {
    const members = [...this.#members];
    this.#members.clear();
    this.#options.observer.subscribers(-members.length);
    this.#end();
    return members;
  }

  #end(): void {
    this.#waiting.length = 0;
    this.#listening.abort();
    this.#context?.end(null);
    this.#options.onEmpty();
  }
}
