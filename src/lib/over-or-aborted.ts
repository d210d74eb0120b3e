/** Waits for `work` to be over, or for the signal to abort; leaves no listener behind. The work goes on, and must not fail. */
export function overOrAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    if (signal.aborted) return done();
    signal.addEventListener('abort', done);
    void work.then(done);
  });
}
