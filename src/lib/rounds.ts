/** Work that is done again and again, one round at a time. */
export interface Rounds {
  /** No round begins after this; resolves when the one under way is over. Its signal aborts. */
  stop(): Promise<void>;
}

/**
 * Starts the first round at once, and each next one when the last is over and the time has passed.
 * @param round must not reject.
 * @param every milliseconds from the end of one round to the next.
 */
export function startRounds(round: (signal: AbortSignal) => Promise<void>, every: number): Rounds {
  const controller = new AbortController();
  const { signal } = controller;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void>;

  async function go(): Promise<void> {
    await round(signal);
    if (signal.aborted) return;
    timer = setTimeout(() => {
      current = go();
    }, every);
  }
  current = go();

  return {
    async stop() {
      controller.abort();
      clearTimeout(timer);
      await current;
    },
  };
}
