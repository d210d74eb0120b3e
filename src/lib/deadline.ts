import { Abort, type Signal } from './abort.ts';

/** Why a signal of ours aborted: the time for the whole operation was over. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';

  constructor() {
    super('the deadline passed');
  }
}

export interface Deadline {
  readonly signal: Signal;
  /** Stops the timer and the listening to the parent; call it when the work is done. Aborting does so by itself. */
  clear(): void;
}

/**
 * A signal that aborts after `ms` milliseconds with DeadlineExceeded, or with the parent's reason as soon as the
 * parent does. Own timer and listener: `AbortSignal.any` over `AbortSignal.timeout` was seen not to fire after a
 * garbage collection on Node 20.
 */
export function deadline(ms: number, parent?: Signal | null): Deadline {
  const signal = new Abort();
  const end = (reason: unknown) => {
    clear();
    signal.abort(reason);
  };
  const timer = setTimeout(() => end(new DeadlineExceeded()), ms);
  const onParent = () => end(parent?.reason);
  const clear = () => {
    clearTimeout(timer);
    parent?.removeEventListener('abort', onParent);
  };
  if (parent?.aborted) onParent();
  else parent?.addEventListener('abort', onParent);
  return { signal, clear };
}
