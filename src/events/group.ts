/** What became of one item of a group. */
export type Outcome<R> = { readonly value: R } | { readonly error: unknown };

export interface Group<T, R> {
  /** Resolves or rejects once the commit that took the item in is over. */
  add(item: T): Promise<R>;
  /** Commits now what waits. */
  flush(): void;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Items in one commit at most, so that a burst is taken in steps with room for other work between them. */
const LARGEST = 500;

/**
 * Items that come while a commit is due share it, and with it the one wait for the disk. Under load groups grow by
 * themselves: what came in while one commit held the process is taken by the next.
 * @param commit answers in the order of the items; when it throws, all of them fail with that.
 */
export function createGroup<T, R>(commit: (items: readonly T[]) => readonly Outcome<R>[]): Group<T, R> {
  const waiting: Waiting<T, R>[] = [];
  let due = false;

  function schedule(): void {
    if (due) return;
    due = true;
    setImmediate(() => {
      due = false;
      if (waiting.length > 0) commitNext();
      if (waiting.length > 0) schedule();
    });
  }

  function commitNext(): void {
    const group = waiting.splice(0, LARGEST);
    let outcomes: readonly Outcome<R>[];
    try {
      outcomes = commit(group.map(({ item }) => item));
    } catch (error) {
      outcomes = group.map(() => ({ error }));
    }
    outcomes.forEach((outcome, index) => {
      if ('value' in outcome) group[index]?.resolve(outcome.value);
      else group[index]?.reject(outcome.error);
    });
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        schedule();
      }),

    flush() {
      while (waiting.length > 0) commitNext();
    },
  };
}
