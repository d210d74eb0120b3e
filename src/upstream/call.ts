import { waitFor } from '../lib/abort.ts';
import type { Bulkhead } from '../lib/bulkhead.ts';
import { DeadlineExceeded } from '../lib/deadline.ts';
import { inThisSpan } from '../lib/span.ts';
import { type Breaker, breakerOpen, type Verdict } from './breaker.ts';
import { UpstreamFailure } from './errors.ts';
import type { Transport } from './request.ts';
import { askedWait, isPassing, isRepeatable, ownWait } from './retry.ts';
import type { Outcome, UpstreamRequest } from './upstream.ts';

/** What the calls to one provider have in common. */
export interface Line {
  /** Of the provider, for messages. */
  readonly name: string;
  /** Milliseconds. */
  readonly totalTimeoutMs: number;
  /** Attempts after the first of a call that may be repeated. */
  readonly retries: number;
  readonly breaker: Breaker;
  readonly bulkhead: Bulkhead;
  readonly transport: Transport;
  /** No attempt follows another any more. */
  isClosed: boolean;
}

/**
 * One call: turn → breaker → attempt → perhaps a wait and another attempt, in the same place of the bulkhead. Its steps call
 * one another, and the caller's promise is the only one: each more would cost every call of every query.
 */
export class Call {
  readonly #line: Line;
  readonly #request: UpstreamRequest;
  readonly #done: (outcome: Outcome) => void;
  readonly #endsAt: number;
  #retriesLeft: number;
  #lastWait: number | undefined;
  /** Null: not begun. */
  #tellBreaker: ((verdict: Verdict) => void) | null = null;

  /** @param done is called once, perhaps before `start` returns. Its error is an UpstreamFailure, or a fault of ours. */
  constructor(line: Line, request: UpstreamRequest, done: (outcome: Outcome) => void) {
    this.#line = line;
    this.#request = request;
    this.#done = done;
    this.#endsAt = performance.now() + line.totalTimeoutMs;
    this.#retriesLeft = isRepeatable(request) ? line.retries : 0;
  }

  start(): void {
    const { name, breaker, bulkhead } = this.#line;
    const { signal } = this.#request;
    if (!breaker.admits()) this.#fail(breakerOpen(name));
    else if (signal.aborted) this.#fail(signal.reason);
    else if (bulkhead.enter()) this.#begin();
    else this.#queue();
  }

  #queue(): void {
    const { name, totalTimeoutMs, bulkhead } = this.#line;
    const turn = inThisSpan(() => {
      stop();
      this.#begin();
    });
    if (!bulkhead.wait(turn))
      return this.#fail(new UpstreamFailure('overloaded', `too many calls to ${name} wait already`));
    const giveUp = (reason: unknown) => {
      bulkhead.quit(turn);
      this.#fail(reason);
    };
    const stop = waitFor(totalTimeoutMs, this.#request.signal, () => giveUp(new DeadlineExceeded()), giveUp);
  }

  /** It has a place, which it gives back in the end. */
  #begin(): void {
    const { name, breaker } = this.#line;
    if (performance.now() >= this.#endsAt) return this.#end({ error: new DeadlineExceeded() });
    this.#tellBreaker = breaker.begin();
    if (this.#tellBreaker) this.#attempt();
    else this.#end({ error: breakerOpen(name) });
  }

  #attempt(): void {
    this.#line.transport.send(this.#request, this.#endsAt, inThisSpan(this.#attempted));
  }

  readonly #attempted = (outcome: Outcome): void => {
    if (this.#retriesLeft === 0 || !isPassing(outcome)) return this.#end(outcome);
    this.#retriesLeft -= 1;
    this.#lastWait = ownWait(this.#lastWait);
    const wait = askedWait(outcome) ?? this.#lastWait;
    const fits = performance.now() + wait < this.#endsAt;
    if (!fits || !this.#mayRepeat()) return this.#end(outcome);
    waitFor(
      wait,
      this.#request.signal,
      () => (this.#mayRepeat() ? this.#attempt() : this.#end(outcome)),
      (reason) => this.#end({ error: reason }),
    );
  };

  #mayRepeat(): boolean {
    return !this.#line.isClosed && this.#line.breaker.state !== 'open';
  }

  #end(outcome: Outcome): void {
    this.#tellBreaker?.(verdictOn(outcome));
    this.#line.bulkhead.leave();
    if ('error' in outcome) this.#fail(outcome.error);
    else this.#done(outcome);
  }

  #fail(error: unknown): void {
    this.#done({ error: this.#explained(error) });
  }

  #explained(error: unknown): unknown {
    if (error instanceof UpstreamFailure) return error;
    const { name, totalTimeoutMs } = this.#line;
    const { signal } = this.#request;
    if (signal.aborted) {
      return signal.reason instanceof DeadlineExceeded
        ? new UpstreamFailure('late', `${name} had not answered when the operation's time was over`)
        : new UpstreamFailure('aborted', `the call to ${name} was given up`);
    }
    return error instanceof DeadlineExceeded
      ? new UpstreamFailure('late', `${name} had not answered when the call's ${totalTimeoutMs} ms were over`)
      : error;
  }
}

/**
 * Down: no answer, an attempt that had its whole time and was late, 5xx. Up: any other answer, also 4xx and 429 and
 * one that is too large. A call that the caller, the queue or a mistake of ours ended says nothing.
 */
function verdictOn(outcome: Outcome): Verdict {
  if ('response' in outcome) return outcome.response.status >= 500 ? 'down' : 'up';
  if (!(outcome.error instanceof UpstreamFailure)) return 'unknown';
  return outcome.error.kind === 'wrong-shape' ? 'up' : 'down';
}
