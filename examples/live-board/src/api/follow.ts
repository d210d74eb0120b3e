import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import type { Api } from './api.ts';
import { type Problem, problemOf } from './problem.ts';

export interface FollowOptions<Data, Variables extends OperationVariables> {
  readonly document: TypedDocumentNode<Data, Variables & { after?: string | null }>;
  readonly variables: Variables;
  /** The cursor to begin after: read beside the page that the events continue. */
  readonly after: string;
  /** Deals with one event. @returns its cursor: from there on it is handled, and never comes again. */
  readonly handle: (data: Data) => string;
  /** The gateway no longer holds what came after the cursor: load the page again, and follow from there. */
  readonly onExpired: () => void;
}

/**
 * A subscription that loses nothing: whenever it is cut off it comes back after the last event that was handled, so
 * every event is handled once and in order.
 * @returns its end.
 */
export function follow<Data, Variables extends OperationVariables>(
  { client, socket }: Api,
  { document, variables, after, handle, onExpired }: FollowOptions<Data, Variables>,
): () => void {
  const left = new AbortController();
  let leave = () => {};
  let cursor = after;

  /** Resolves when the stream has ended, with the reason. */
  const attempt = () =>
    new Promise<Problem>((resolve) => {
      const stream = client.subscribe({
        query: document,
        variables: { ...variables, after: cursor },
        errorPolicy: 'all', // an event whose balance could not be read is still an event
      });
      const subscription = stream.subscribe({
        next({ data, error }) {
          if (data) cursor = handle(data);
          else resolve(problemOf(error));
        },
        error: (error) => resolve(problemOf(error)),
        complete: () => resolve({ code: 'OFFLINE' }),
      });
      leave = () => subscription.unsubscribe();
    });

  const run = async () => {
    while (!left.signal.aborted) {
      const { code, retryAfterSeconds } = await attempt();
      // Nothing is left to hear: `endsSession` and the panels of the providers say so.
      if (code === 'UNAUTHENTICATED') return;
      if (code === 'CURSOR_EXPIRED') return onExpired();
      await pause((retryAfterSeconds ?? 1 + 2 * Math.random()) * 1_000, left.signal);
    }
  };

  // The device knows before the socket does.
  window.addEventListener('offline', () => socket.client.terminate(), { signal: left.signal });
  void run();
  return () => {
    left.abort();
    leave();
  };
}

/** Waits that long, and until the device is online; no longer than until it comes back. */
function pause(milliseconds: number, left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const waiting = new AbortController();
    const wake = () => {
      waiting.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      if (navigator.onLine) wake();
    }, milliseconds);
    window.addEventListener('online', wake, { signal: waiting.signal });
    left.addEventListener('abort', wake, { signal: waiting.signal });
  });
}
