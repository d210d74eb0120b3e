import { CircuitState, circuitBreaker, handleWhenResult, type IBackoffFactory } from 'cockatiel';
import { UpstreamFailure } from './errors.ts';
import { failureWindow } from './failure-window.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What a finished call says about the provider. `unknown`: nothing, as it ended for a reason of ours or the caller's. */
export type Verdict = 'up' | 'down' | 'unknown';

export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

type Judge<T> = (outcome: Outcome<T>) => Verdict;

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
  run<T>(call: () => Promise<T>, judge: Judge<T>): Promise<T>;
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
  const recent = failureWindow(options);
  const policy = circuitBreaker(
    handleWhenResult((verdict) => verdict !== 'up'),
    { breaker: recent, halfOpenAfter: pause },
  );
  policy.onStateChange((state) => onChange?.(nameOf(state)));

  const admits = () =>
    policy.state === CircuitState.Closed ||
    (policy.state === CircuitState.Open && Date.now() >= triesAgainAt);

  /** While it is closed cockatiel is asked only about what may open it: most calls go well, and its wrappers are dear. */
  async function whileClosed<T>(call: () => Promise<T>, judge: Judge<T>): Promise<Outcome<T>> {
    const outcome = await outcomeOf(call);
    const verdict = judge(outcome);
    if (verdict === 'up') recent.success(CircuitState.Closed);
    if (verdict === 'down' && policy.state === CircuitState.Closed) await policy.execute(() => verdict);
    return outcome;
  }

  async function asTry<T>(call: () => Promise<T>, judge: Judge<T>): Promise<Outcome<T>> {
    let outcome: Outcome<T> | undefined;
    const judged = async (): Promise<Verdict> => {
      outcome = await outcomeOf(call);
      // Also one that says nothing is returned: thrown, it would close the breaker.
      return judge(outcome);
    };
    await policy.execute(judged).catch(() => undefined);
    return outcome ?? { error: breakerOpen(name) };
  }

  return {
    get state() {
      return nameOf(policy.state);
    },
    admits,
    async run(call, judge) {
      if (!admits()) throw breakerOpen(name);
      const outcome = await (policy.state === CircuitState.Closed ? whileClosed : asTry)(call, judge);
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    },
  };
}

export const breakerOpen = (name: string) =>
  new UpstreamFailure('breaker-open', `${name} kept failing and is left alone for a while`);

const outcomeOf = <T>(call: () => Promise<T>): Promise<Outcome<T>> =>
  call().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

function nameOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}
