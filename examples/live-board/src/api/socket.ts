import { createClient } from 'graphql-ws';
import { useSyncExternalStore } from 'react';

/** A pong that takes longer, in milliseconds, means that nobody is there: the network may not have told. */
const PONG_WITHIN = 5_000;
const PING_EVERY = 10_000;
/** The token is not valid, or the session has ended. */
const UNAUTHORIZED = 4401;

export type Socket = ReturnType<typeof createSocket>;

/**
 * The one WebSocket of a session: it opens with the first subscription and closes after the last.
 * @param onEnded told when the gateway closes it because the session is over.
 */
export function createSocket(url: string, token: string | null, onEnded: () => void) {
  const listeners = new Set<() => void>();
  let connected = false;
  let late: ReturnType<typeof setTimeout>;
  const set = (value: boolean) => {
    connected = value;
    for (const listener of listeners) listener();
  };
  const client = createClient({
    url,
    connectionParams: token === null ? {} : { authorization: `Bearer ${token}` },
    retryAttempts: 0, // `follow` comes back by itself, each time with the newest cursor
    keepAlive: PING_EVERY,
    on: {
      connected: () => set(true),
      closed(event) {
        clearTimeout(late);
        set(false);
        if ((event as CloseEvent).code === UNAUTHORIZED) onEnded();
      },
      ping(received) {
        if (!received) late = setTimeout(() => client.terminate(), PONG_WITHIN);
      },
      pong(received) {
        if (received) clearTimeout(late);
      },
    },
  });
  return {
    client,
    isConnected: () => connected,
    onChange(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** `offline`: the device says so. `connecting`: the device is online, and the gateway is not reached yet. */
export type Connection = 'live' | 'connecting' | 'offline';

export function useConnection(socket: Socket): Connection {
  return useSyncExternalStore(
    (changed) => {
      const forget = socket.onChange(changed);
      window.addEventListener('online', changed);
      window.addEventListener('offline', changed);
      return () => {
        forget();
        window.removeEventListener('online', changed);
        window.removeEventListener('offline', changed);
      };
    },
    () => {
      if (!navigator.onLine) return 'offline';
      return socket.isConnected() ? 'live' : 'connecting';
    },
  );
}
