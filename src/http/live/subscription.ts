import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { EventSelection, LiveDelivery, Resume } from '../../schema/context.ts';
import type { Member } from './lane.ts';

export type Begun = ExecutionResult | AsyncIterable<ExecutionResult>;

export interface LiveSubscriptionOptions {
  /** Sends the payload of a `next` message. @returns false, without sending, when too much waits for the peer. */
  send(payload: string): boolean;
  /** Begins the operation as an ordinary subscription that reads the log, with this one as its `LiveDelivery`. */
  begin(): Promise<Begun>;
  /** See `Live.join`. */
  join(selection: EventSelection, after: number, member: Member): (() => void) | null;
}

const DONE = { done: true, value: undefined } as const;

/**
 * A subscription over a socket. It reads the log as an ordinary subscription, result by result as the peer takes them,
 * until there is nothing more to read; then it is live: others make the messages, and it holds nothing but its place.
 * A peer that is too slow for that falls back to reading the log after the last event that was sent.
 */
export class LiveSubscription implements AsyncIterableIterator<ExecutionResult>, LiveDelivery, Member {
  readonly #options: LiveSubscriptionOptions;
  /** While it is prepared or reads the log: releases what that holds. */
  #release: (() => void) | null = null;
  /** While it reads the log. */
  #reading: AsyncIterator<ExecutionResult> | null = null;
  /** While it is live. */
  #leave: (() => void) | null = null;
  /** Called when it is live no more. */
  #wake = () => {};
  #last: ExecutionResult | null = null;
  #over = false;
  resume: Resume | null = null;

  constructor(options: LiveSubscriptionOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** @param release releases what is prepared now, in the place of what was prepared before. */
  onEnd(release: () => void): void {
    if (this.#over) release();
    else this.#release = release;
  }

  /** Releases everything at once, whatever it is doing, and whether or not a result was ever asked for. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#leave?.();
    this.#leave = null;
    this.#release?.();
    this.#release = null;
    this.#wake();
    void this.#reading?.return?.();
  }

  /** @returns itself, or the only result when the operation was refused. */
  async begin(): Promise<Begun> {
    return (await this.#read()) ?? this;
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    while (!this.#over) {
      const reading = this.#reading;
      if (reading) {
        const step = await reading.next();
        if (this.#reading === reading && !this.#over) return step;
      } else if (this.#leave) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else {
        this.#last ??= await this.#read();
      }
      if (this.#last) {
        this.end();
        return { done: false, value: this.#last };
      }
    }
    return DONE;
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.end();
    return DONE;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  takeOver(position: number, selection: EventSelection): boolean {
    if (this.#over) return false;
    this.#leave = this.#options.join(selection, position, this);
    if (!this.#leave) return false;
    const reading = this.#reading;
    this.#reading = null;
    this.#release = null;
    // After the stream itself has ended, which asks this in the middle of its last step.
    setImmediate(() => void reading?.return?.());
    return true;
  }

  deliver(payload: string): boolean {
    return this.#over || this.#options.send(payload);
  }

  fallBack(resume: Resume): void {
    this.resume = resume;
    this.#leave = null;
    this.#wake();
  }

  fail(last: ExecutionResult): void {
    this.#last = last;
    this.#leave = null;
    this.#wake();
  }

  /** @returns the only result when the operation was refused. */
  async #read(): Promise<ExecutionResult | null> {
    const begun = await this.#options.begin();
    if (!isAsyncIterable(begun)) return begun;
    const reading = begun[Symbol.asyncIterator]();
    if (this.#over) await reading.return?.();
    else this.#reading = reading;
    return null;
  }
}
