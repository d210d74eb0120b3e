/**
 * The promise's result, or the signal's reason as soon as it aborts, whichever comes first; leaves no listener behind.
 * The work itself is not stopped by this, and a late rejection of it is nobody's business any more.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
