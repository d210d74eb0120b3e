import type { EventFilter, EventLog, LogPage, TakeOver } from './log.ts';

/** What following needs of a log. */
export interface Source {
  /** The next page, full or not. */
  page(after: number, filter: EventFilter | undefined): Promise<LogPage>;
  /**
   * Resolves when there may be matching events after `after`, at once if there are already, or when `signal` aborts.
   * @returns the position to read on from: `after`, or a greater one when nothing up to it matches.
   */
  wait(after: number, filter: EventFilter | undefined, signal: AbortSignal): Promise<number>;
}

export interface Followers {
  readonly follow: EventLog['follow'];
  /** Ends each of them when it has been given what is there, and at once every one that comes later. */
  close(): void;
}

/** Followers of a log: each pulls its own pages, so none of them depends on the pace of another. */
export function createFollowers(source: Source): Followers {
  /** Aborted by closing: each stops a follower's waiting for more. */
  const waits = new Set<AbortController>();
  let closed = false;

  return {
    follow(after, filter, signal, takesOver) {
      const stop = new AbortController();
      const wait = new AbortController();
      const end = () => {
        signal.removeEventListener('abort', end);
        waits.delete(wait);
        stop.abort();
        wait.abort();
      };

      async function* pages(): AsyncGenerator<LogPage, void, void> {
        if (closed || signal.aborted) return;
        signal.addEventListener('abort', end);
        waits.add(wait);
        try {
          yield* walk(source, after, filter, stop.signal, wait.signal, takesOver);
        } finally {
          end();
        }
      }

      const walking = pages();
      return {
        next: () => walking.next(),
        // A generator alone would see its `return` only after the page that it waits for.
        return() {
          end();
          return walking.return();
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },

    close() {
      closed = true;
      for (const wait of waits) wait.abort();
    },
  };
}

/** @param mayWait aborts when nothing will come any more: what is there is given, then it ends. */
async function* walk(
  source: Source,
  after: number,
  filter: EventFilter | undefined,
  signal: AbortSignal,
  mayWait: AbortSignal,
  takesOver: TakeOver | undefined,
): AsyncGenerator<LogPage, void, void> {
  let position = after;
  while (!signal.aborted) {
    const page = await source.page(position, filter).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (signal.aborted || !page) return;
    position = page.position;
    if (page.events.length > 0) yield page;
    else if (page.atEnd) {
      if (mayWait.aborted || takesOver?.(position)) return;
      position = await source.wait(position, filter, mayWait);
    }
  }
}
