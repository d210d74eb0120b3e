import type { SessionStore } from './store.ts';

/** Tells those who hold something open for a session, such as a socket, that it has ended. */
export interface SessionEnds {
  /** See `Sessions.onEnd`. */
  listen(id: string, listener: () => void): () => void;
  close(): void;
}

export function createSessionEnds(store: SessionStore): SessionEnds {
  const listenersOf = new Map<string, Set<() => void>>();

  function tell(id: string): void {
    const listeners = listenersOf.get(id) ?? [];
    listenersOf.delete(id);
    for (const listener of listeners) listener();
  }

  const stopWatching = store.watch(({ id, kind }) => {
    if (kind === 'deleted') tell(id);
  });

  return {
    listen(id, listener) {
      const listeners = listenersOf.get(id) ?? new Set();
      // A wrapper of its own, so that the same function may listen twice and stop once.
      const own = (): void => listener();
      listenersOf.set(id, listeners.add(own));
      // It may have ended between being found and being listened to.
      void store.get(id).then(
        (row) => row ?? tell(id),
        () => tell(id),
      );
      return () => {
        listeners.delete(own);
        if (listeners.size === 0 && listenersOf.get(id) === listeners) listenersOf.delete(id);
      };
    },

    close: stopWatching,
  };
}
