import { setMaxListeners } from 'node:events';
import { LRUCache } from 'lru-cache';
import { upstreamTimeout } from '../domain/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { DeadlineExceeded } from '../lib/deadline.ts';
import type { ProviderCall } from '../providers/provider.ts';

/** So that null can be kept too. */
interface Box<T = unknown> {
  readonly value: T;
}

/** A request that is under way, and how many operations wait for it. */
interface Flight {
  readonly promise: Promise<unknown>;
  readonly controller: AbortController;
  waiting: number;
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
    return this.#wait(fullKey, flight, call) as Promise<T>;
  }

  /** Lets go of what has had its time; to be called now and then. */
  purge(): void {
    this.#kept.purgeStale();
  }

  /** Forgets what is kept under the credential's keys that begin with `prefix`; requests in flight are not kept either. */
  forget(credentialId: string, prefix = ''): void {
    this.#forget((key) => key.startsWith(entryKey(credentialId, prefix)));
  }

  /** Forgets, for all credentials or those that are meant, the keys that begin with `prefix`. */
  forgetAll(prefix: string, isMeant: (credentialId: string) => boolean = () => true): void {
    const meant = new Map<string, boolean>();
    this.#forget((key) => {
      const end = key.indexOf('\n');
      if (!key.startsWith(prefix, end + 1)) return false;
      const id = key.slice(0, end);
      const known = meant.get(id) ?? isMeant(id);
      meant.set(id, known);
      return known;
    });
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
    const controller = new AbortController();
    const promise = fetch({ ...call, signal: controller.signal });
    const flight: Flight = { promise, controller, waiting: 0 };
    this.#flights.set(key, flight);
    promise.then(
      (value) => {
        if (!this.#land(key, flight) || keepMs <= 0 || !this.#keeps) return;
        this.#kept.set(key, { value }, { ttl: keepMs, size: rowsOf(value) });
      },
      () => this.#land(key, flight),
    );
    return flight;
  }

  /** False when the flight was forgotten or replaced meanwhile: its answer must not be kept. */
  #land(key: string, flight: Flight): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }

  #wait(key: string, flight: Flight, { signal, credential }: ProviderCall): Promise<unknown> {
    flight.waiting += 1;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        flight.waiting -= 1;
        if (flight.waiting === 0) {
          this.#land(key, flight);
          flight.controller.abort(signal.reason);
        }
        const late = signal.reason instanceof DeadlineExceeded;
        reject(late ? upstreamTimeout(credential.provider, { cause: signal.reason }) : signal.reason);
      };
      if (signal.aborted) {
        onAbort();
        return;
      }
      // An operation's waits share its signal, and each takes its listener back: more than ten at once is no leak.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', onAbort, { once: true });
      const done = () => signal.removeEventListener('abort', onAbort);
      flight.promise.then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });
  }
}

/** What an answer weighs: its rows; a window on a list, which fills later, as many as it may come to hold. */
function rowsOf(value: unknown): number {
  if (Array.isArray(value)) return Math.max(1, value.length);
  if (typeof value !== 'object' || value === null) return 1;
  if ('rows' in value && Array.isArray(value.rows)) return Math.max(1, value.rows.length);
  return 'maxRows' in value && typeof value.maxRows === 'number' ? value.maxRows : 1;
}

/** Credential ids hold no line break (they are random or hashed), so the two parts cannot run into each other. */
const entryKey = (credentialId: string, key: string): string => `${credentialId}\n${key}`;
