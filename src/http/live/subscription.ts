import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { EventSelection, LiveDelivery } from '../../schema/context.ts';
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
  /** While it reads the log. */
  #reading: AsyncIterator<ExecutionResult> | null = null;
  /** While it is live. */
  #leave: (() => void) | null = null;
  /** Called when it is live no more. */
  #wake = () => {};
  #last: ExecutionResult | null = null;
  #over = false;
  resumeAfter: number | null = null;

  constructor(options: LiveSubscriptionOptions) {
    this.#options = options;
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
        if (this.#reading === reading) return step;
      } else if (this.#leave) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else {
        this.#last ??= await this.#read();
      }
      if (this.#last) return this.#end(this.#last);
    }
    return DONE;
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#over = true;
    this.#leave?.();
    this.#wake();
    await this.#reading?.return?.();
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
    // After the stream itself has ended, which asks this in the middle of its last step.
    setImmediate(() => void reading?.return?.());
    return true;
  }

  deliver(payload: string): boolean {
    return this.#options.send(payload);
  }

  fallBack(position: number): void {
    this.resumeAfter = position;
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

  #end(value: ExecutionResult): IteratorResult<ExecutionResult> {
    this.#over = true;
    return { done: false, value };
  }
}
