import { UpstreamFailure } from './errors.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What a finished call says about the provider. `unknown`: nothing, as it ended for a reason of ours or the caller's. */
export type Verdict = 'up' | 'down' | 'unknown';

export interface BreakerOptions {
  /** Calls in the window below which it never opens. */
  readonly minimumCalls: number;
  /** Milliseconds. */
  readonly windowMs: number;
  /** Share of the calls that ended in the window, 0 to 1; it opens where as many failed. */
  readonly failureRatio: number;
  /** From opening to the next try, milliseconds. */
  readonly openMs: number;
  readonly onChange?: ((state: BreakerState) => void) | undefined;
}

/** The window is counted in this many slices: a call is forgotten when its slice leaves, up to one slice early. */
const SLICES = 20;

interface Slice {
  readonly number: number;
  calls: number;
  failures: number;
}

/**
 * Refuses calls while the provider keeps failing. After `openMs` one call tries, and the others are refused until it has
 * ended: it closes the breaker or opens it again; one that says nothing leaves the try to the next call.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #state: BreakerState = 'closed';
  #openedAt = 0;
  #openFor = 0;
  #slices: Slice[] = [];

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** False while a call would be refused at once. */
  admits(): boolean {
    return this.#state === 'closed' || (this.#state === 'open' && this.#hasWaited());
  }

  /** A call begins, if it is admitted. @returns to be called once with what its end says; null: it is refused. */
  begin(): ((verdict: Verdict) => void) | null {
    if (!this.admits()) return null;
    if (this.#state === 'closed') return this.#endUsual;
    this.#enter('half-open');
    return this.#endTry;
  }

  readonly #endUsual = (verdict: Verdict): void => {
    // One that began before it opened says nothing new.
    if (verdict === 'unknown' || this.#state !== 'closed') return;
    this.#count(verdict);
    if (verdict === 'down' && this.#isFailing()) this.#open(this.#options.openMs);
  };

  readonly #endTry = (verdict: Verdict): void => {
    if (verdict !== 'up') return this.#open(verdict === 'down' ? this.#options.openMs : 0);
    this.#slices = [];
    this.#count('up');
    this.#enter('closed');
  };

  /** A clock that was put back says nothing of how long: the next call tries, rather than none until it has caught up. */
  #hasWaited(): boolean {
    const waited = Date.now() - this.#openedAt;
    return waited < 0 || waited >= this.#openFor;
  }

  #open(ms: number): void {
    this.#openedAt = Date.now();
    this.#openFor = ms;
    this.#enter('open');
  }

  #enter(state: BreakerState): void {
    this.#state = state;
    this.#options.onChange?.(state);
  }

  #count(verdict: 'up' | 'down'): void {
    const number = Math.floor((Date.now() * SLICES) / this.#options.windowMs);
    let newest = this.#slices.at(-1);
    // A clock that was put back counts on in the newest slice.
    if (!newest || newest.number < number) {
      newest = { number, calls: 0, failures: 0 };
      this.#slices = [...this.#slices.filter((slice) => slice.number > number - SLICES), newest];
    }
    newest.calls += 1;
    if (verdict === 'down') newest.failures += 1;
  }

  #isFailing(): boolean {
    const { minimumCalls, failureRatio } = this.#options;
    const calls = this.#slices.reduce((sum, slice) => sum + slice.calls, 0);
    const failures = this.#slices.reduce((sum, slice) => sum + slice.failures, 0);
    return calls >= minimumCalls && failures >= calls * failureRatio;
  }
}

export const breakerOpen = (name: string) =>
  new UpstreamFailure('breaker-open', `${name} kept failing and is left alone for a while`);
