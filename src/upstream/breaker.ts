import { CircuitState, circuitBreaker, handleWhenResult, type IBackoffFactory } from 'cockatiel';
import { UpstreamFailure } from './errors.ts';
import { failureWindow } from './failure-window.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What a finished call says about the provider. `unknown`: nothing, as it ended for a reason of ours or the caller's. */
export type Verdict = 'up' | 'down' | 'unknown';

export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

export interface BreakerOptions {
  /** Names the provider in messages. */
  readonly name: string;
  /** Calls in the window below which it never opens; default 10. */
  readonly minimumCalls: number;
  /** Default 10 s. */
  readonly windowMs: number;
  /** Share of failed calls that opens it, 0 to 1; default 0.5. */
  readonly failureRatio: number;
  /** From opening to the next try; default 10 s. */
  readonly openMs: number;
  readonly onChange?: ((state: BreakerState) => void) | undefined;
}

export interface Breaker {
  readonly state: BreakerState;
  /** False while a call would be refused at once: open, or open and somebody else is trying. */
  admits(): boolean;
  /**
   * Runs the call and counts what `judge` makes of its outcome.
   * @throws UpstreamFailure `breaker-open`, and whatever the call throws.
   */
  run<T>(call: () => Promise<T>, judge: (outcome: Outcome<T>) => Verdict): Promise<T>;
}

/**
 * cockatiel's circuit breaker with three of its habits mended: callers do not wait for the outcome of somebody
 * else's try, they are refused; a try that says nothing does not close it, the next call tries; and its window is exact.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { name, openMs, onChange } = options;
  let triesAgainAt = 0;
  const pause: IBackoffFactory<{ readonly result: object }> = {
    next: ({ result }) => {
      const duration = 'value' in result && result.value === 'unknown' ? 0 : openMs;
      triesAgainAt = Date.now() + duration;
      return { ...pause, duration };
    },
  };
  const policy = circuitBreaker(
    handleWhenResult((verdict) => verdict !== 'up'),
    { breaker: failureWindow(options), halfOpenAfter: pause },
  );
  policy.onStateChange((state) => onChange?.(nameOf(state)));

  const admits = () =>
    policy.state === CircuitState.Closed ||
    (policy.state === CircuitState.Open && Date.now() >= triesAgainAt);

  return {
    get state() {
      return nameOf(policy.state);
    },
    admits,
    async run<T>(call: () => Promise<T>, judge: (outcome: Outcome<T>) => Verdict): Promise<T> {
      if (!admits()) throw breakerOpen(name);
      const isTry = policy.state === CircuitState.Open;
      let outcome: Outcome<T> | undefined;
      const judged = async (): Promise<Verdict> => {
        outcome = await outcomeOf(call);
        const verdict = judge(outcome);
        // What is thrown is not counted. A try's verdict is returned all the same: thrown, it would close the breaker.
        if (verdict === 'unknown' && !isTry) throw NOT_COUNTED;
        return verdict;
      };
      await policy.execute(judged).catch(() => undefined);
      if (!outcome) throw breakerOpen(name);
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    },
  };
}

export const breakerOpen = (name: string) =>
  new UpstreamFailure('breaker-open', `${name} kept failing and is left alone for a while`);

const NOT_COUNTED = new Error('this call says nothing about the provider');

const outcomeOf = <T>(call: () => Promise<T>): Promise<Outcome<T>> =>
  call().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

function nameOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}
