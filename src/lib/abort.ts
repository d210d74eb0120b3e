/** Says to work that is under way that its caller wants no more of it. Every AbortSignal is one. */
export interface Signal {
  readonly aborted: boolean;
  /** Why; undefined as long as it has not aborted. */
  readonly reason: unknown;
  /** The listener is called once, when it aborts; never where it has aborted already. */
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * A signal and its trigger in one. Each operation and each request in flight has one, and an AbortController with a
 * listener takes 3 us and 2 KB. Listeners must not throw.
 */
export class Abort implements Signal {
  aborted = false;
  reason: unknown = undefined;
  #listeners: Set<() => void> | null = null;

  /** Only the first call counts. */
  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#listeners;
    if (!listeners) return;
    // One that is taken away by another is not called.
    for (const listener of listeners) listener();
    listeners.clear();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted) return;
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners?.delete(listener);
  }
}

/** The same signal for what takes none but the platform's, such as the timers of Node.js. */
export function platformSignal(signal: Signal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  return controller.signal;
}

/**
 * Waits for whichever comes first, and calls one of the two functions.
 * @param signal that has not aborted yet.
 * @returns stops waiting, and leaves neither timer nor listener behind; so does either of the two ends.
 */
export function waitFor(
  ms: number,
  signal: Signal,
  onTime: () => void,
  onAbort: (reason: unknown) => void,
): () => void {
  const stop = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  };
  const aborted = () => {
    stop();
    onAbort(signal.reason);
  };
  const timer = setTimeout(() => {
    stop();
    onTime();
  }, ms);
  signal.addEventListener('abort', aborted);
  return stop;
}
