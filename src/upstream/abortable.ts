import { DeadlineExceeded } from '../lib/deadline.ts';

/**
 * The promise's result, the signal's reason as soon as it aborts, or DeadlineExceeded after `ms` milliseconds, whichever comes
 * first; leaves no listener and no timer behind. The work itself is not stopped by this, and a late rejection of it is
 * nobody's business any more.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal, ms: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => settle(() => reject(signal.reason));
    const timer = setTimeout(() => settle(() => reject(new DeadlineExceeded())), ms);
    const settle = (how: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      how();
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
