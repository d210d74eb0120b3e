import { CircuitState, type IBreaker } from 'cockatiel';

export interface FailureWindowOptions {
  /** Below this many calls in the window nothing is concluded. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** Of the calls in the window, 0 to 1; reaching it opens the breaker. */
  readonly failureRatio: number;
}

/** The window is counted in this many slices: a call is forgotten when its slice leaves, up to one slice early. */
const SLICES = 20;

interface Slice {
  readonly number: number;
  calls: number;
  failures: number;
}

/**
 * Tells cockatiel when to open: a share of the calls that ended in the last `windowMs` failed. In place of its
 * SamplingBreaker, which drops at most one old slice per call, so that failures of an hour ago still count after a
 * quiet time, and which opens only above the ratio.
 */
export function failureWindow({ minimumCalls, windowMs, failureRatio }: FailureWindowOptions): IBreaker {
  let slices: Slice[] = [];

  function count(failures: 0 | 1): void {
    const number = Math.floor((Date.now() * SLICES) / windowMs);
    slices = slices.filter((slice) => slice.number > number - SLICES);
    const newest = slices.at(-1);
    if (newest && newest.number >= number) {
      newest.calls += 1;
      newest.failures += failures;
    } else {
      slices.push({ number, calls: 1, failures });
    }
  }

  return {
    state: null,
    success(state) {
      if (state === CircuitState.HalfOpen) slices = [];
      count(0);
    },
    failure(state) {
      count(1);
      const calls = slices.reduce((sum, slice) => sum + slice.calls, 0);
      const failures = slices.reduce((sum, slice) => sum + slice.failures, 0);
      return state !== CircuitState.Closed || (calls >= minimumCalls && failures >= calls * failureRatio);
    },
  };
}
