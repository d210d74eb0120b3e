import { setTimeout } from 'node:timers/promises';

/**
 * What a test waits for, or an error that says how far it was: a test's own limit tells only that it was reached.
 * @throws Error when it did not come within so many seconds.
 */
export async function within<T>(seconds: number, howFar: () => string, awaited: Promise<T>): Promise<T> {
  const done = new AbortController();
  const giveUp = setTimeout(1_000 * seconds, undefined, { signal: done.signal }).then(
    () => Promise.reject(new Error(`after ${seconds} s: ${howFar()}`)),
    () => awaited,
  );
  try {
    return await Promise.race([awaited, giveUp]);
  } finally {
    done.abort();
  }
}
