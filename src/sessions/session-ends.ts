import { setTimeout } from 'node:timers/promises';
import { SECOND } from '../lib/duration.ts';
import type { SessionStore } from './store.ts';

/** Tells those who hold something open for a session, such as a socket, that it has ended. */
export interface SessionEnds {
  /** See `Sessions.onEnd`. */
  listen(id: string, listener: () => void): () => void;
  close(): void;
}

const RETRY_MS = SECOND;

export function createSessionEnds(store: SessionStore): SessionEnds {
  const listenersOf = new Map<string, Set<() => void>>();

  function tell(id: string): void {
    const listeners = listenersOf.get(id) ?? [];
    listenersOf.delete(id);
    for (const listener of listeners) listener();
  }

  const isHeard = (id: string, listener: () => void): boolean => listenersOf.get(id)?.has(listener) ?? false;

  /** It may have ended between being found and being listened to. A store that is away is asked again when it is back. */
  async function tellIfGone(id: string, listener: () => void): Promise<void> {
    while (isHeard(id, listener)) {
      const row = await store.get(id).catch(() => undefined);
      if (row === null) tell(id);
      if (row !== undefined) return;
      await setTimeout(RETRY_MS, undefined, { ref: false });
    }
  }

  const stopWatching = store.watch((change) => {
    if (change.kind === 'deleted') tell(change.id);
    if (change.kind !== 'unknown') return;
    for (const [id, listeners] of listenersOf)
      for (const listener of listeners) void tellIfGone(id, listener);
  });

  return {
    listen(id, listener) {
      const listeners = listenersOf.get(id) ?? new Set();
      // A wrapper of its own, so that the same function may listen twice and stop once.
      const own = (): void => listener();
      listenersOf.set(id, listeners.add(own));
      void tellIfGone(id, own);
      return () => {
        listeners.delete(own);
        if (listeners.size === 0 && listenersOf.get(id) === listeners) listenersOf.delete(id);
      };
    },

    close() {
      stopWatching();
      listenersOf.clear();
    },
  };
}
