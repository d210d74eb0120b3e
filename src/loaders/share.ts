import { LRUCache } from 'lru-cache';
import { upstreamTimeout } from '../domain/errors.ts';
import { Abort, type Signal } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { DeadlineExceeded } from '../lib/deadline.ts';
import type { ProviderCall } from '../providers/provider.ts';

/** So that null can be kept too. */
interface Box<T = unknown> {
  readonly value: T;
}

/** An operation that waits for a request. */
interface Waiter {
  readonly signal: Signal;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onAbort: () => void;
}

/** A request that is under way, and those who wait for it. */
class Flight {
  /** Aborts when the last of them has left. */
  readonly signal = new Abort();
  readonly #waiters = new Set<Waiter>();
  readonly #flights: Map<string, Flight>;
  readonly #key: string;

  constructor(flights: Map<string, Flight>, key: string) {
    this.#flights = flights;
    this.#key = key;
  }

  enterList(): void {
    this.#flights.set(this.#key, this);
  }

  /** The request's outcome, or the end of the caller's own operation if that comes first. */
  wait({ signal, credential }: ProviderCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(waiter);
        if (this.#waiters.size === 0) {
          this.leaveList();
          this.signal.abort(signal.reason);
        }
        const late = signal.reason instanceof DeadlineExceeded;
        reject(late ? upstreamTimeout(credential.provider, { cause: signal.reason }) : signal.reason);
      };
      const waiter: Waiter = { signal, resolve, reject, onAbort };
      this.#waiters.add(waiter);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
    });
  }

  /** Those who come later ask again. @returns false when it was forgotten or replaced meanwhile: its answer must not be kept. */
  leaveList(): boolean {
    return this.#flights.get(this.#key) === this && this.#flights.delete(this.#key);
  }

  /** The request is over. */
  settle(each: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters) {
      waiter.signal.removeEventListener('abort', waiter.onAbort);
      each(waiter);
    }
  }
}

/** How much is kept at most, over all credentials: rows of about 1 KB. */
const MAX_ROWS = 200_000;

/**
 * What several operations of one credential share: requests in flight, and answers for a short time. Everything is
 * keyed by the credential's id first: nothing ever passes from one credential to another.
 */
export class Share {
  readonly #kept: LRUCache<string, Box>;
  readonly #flights = new Map<string, Flight>();
  readonly #keeps: boolean;

  /** @param keeps false: requests in flight are shared, and no answer is kept; for measurements. */
  constructor(clock: Clock, keeps = true) {
    this.#keeps = keeps;
    this.#kept = new LRUCache({ maxSize: MAX_ROWS, ttl: 1, ttlResolution: 0, perf: clock });
  }

  /**
   * The kept answer, or the one that is on its way, or a new one from `fetch`. Failures are not kept. A caller that
   * aborts stops waiting at once; the request itself is aborted when nobody waits for it any more.
   * @param key names the request among all requests of the credential.
   * @param keepMs how long the answer may be served again, in milliseconds; 0 shares requests in flight only.
   * @param isFresh whether a kept answer is good enough. One that is not stays for the others until a new one has come.
   */
  get<T>(
    call: ProviderCall,
    key: string,
    keepMs: number,
    fetch: (call: ProviderCall) => Promise<T>,
    isFresh: (kept: T) => boolean = () => true,
  ): Promise<T> {
    const fullKey = entryKey(call.credential.id, key);
    const kept = this.#kept.get(fullKey) as Box<T> | undefined;
    if (kept && isFresh(kept.value)) return Promise.resolve(kept.value);
    const flight = this.#flights.get(fullKey) ?? this.#start(fullKey, call, keepMs, fetch);
    return flight.wait(call) as Promise<T>;
  }

  /** Lets go of what has had its time; to be called now and then. */
  purge(): void {
    this.#kept.purgeStale();
  }

  /** Forgets what is kept under the credential's keys that begin with `prefix`; requests in flight are not kept either. */
  forget(credentialId: string, prefix = ''): void {
    this.#forget((key) => key.startsWith(entryKey(credentialId, prefix)));
  }

  /** Forgets, for all credentials, the keys that begin with `prefix`. */
  forgetAll(prefix: string): void {
    this.#forget((key) => key.startsWith(prefix, key.indexOf('\n') + 1));
  }

  /** Keeps an answer that was not asked for under that key. */
  set(credentialId: string, key: string, value: unknown, keepMs: number): void {
    if (this.#keeps)
      this.#kept.set(entryKey(credentialId, key), { value }, { ttl: keepMs, size: rowsOf(value) });
  }

  /** The credentials of which something is kept under keys that begin with `prefix`. */
  holders(prefix: string): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const key of this.#kept.keys()) {
      const end = key.indexOf('\n');
      if (key.startsWith(prefix, end + 1)) ids.add(key.slice(0, end));
    }
    return ids;
  }

  /** The answer that is kept for that key; undefined when there is none. */
  peek(credentialId: string, key: string): unknown {
    return this.#kept.peek(entryKey(credentialId, key))?.value;
  }

  #forget(matches: (key: string) => boolean): void {
    for (const key of this.#kept.keys()) if (matches(key)) this.#kept.delete(key);
    // What is in flight was asked before the news: those who wait get it, those who come later ask again.
    for (const key of this.#flights.keys()) if (matches(key)) this.#flights.delete(key);
  }

  #start(
    key: string,
    call: ProviderCall,
    keepMs: number,
    fetch: (call: ProviderCall) => Promise<unknown>,
  ): Flight {
    const flight = new Flight(this.#flights, key);
    const asked = fetch({ ...call, signal: flight.signal });
    flight.enterList();
    asked.then(
      (value) => {
        if (flight.leaveList() && keepMs > 0 && this.#keeps)
          this.#kept.set(key, { value }, { ttl: keepMs, size: rowsOf(value) });
        flight.settle(({ resolve }) => resolve(value));
      },
      (error: unknown) => {
        flight.leaveList();
        flight.settle(({ reject }) => reject(error));
      },
    );
    return flight;
  }
}

/** What an answer weighs: its rows. */
function rowsOf(value: unknown): number {
  if (Array.isArray(value)) return Math.max(1, value.length);
  if (typeof value !== 'object' || value === null) return 1;
  if ('rows' in value && Array.isArray(value.rows)) return Math.max(1, value.rows.length);
  return 'rowCount' in value && typeof value.rowCount === 'number' ? value.rowCount : 1;
}

/** Credential ids hold no line break (they are random or hashed), so the two parts cannot run into each other. */
const entryKey = (credentialId: string, key: string): string => `${credentialId}\n${key}`;
