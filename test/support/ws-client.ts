import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Feed, type Result } from './feed.ts';

/** A client over `graphql-transport-ws`, as a frontend has it: graphql-ws, with no retries of its own. */
export interface WsClient {
  /** Begins at once; results are kept until they are taken. */
  subscribe(query: string, variables?: Record<string, unknown>, operationName?: string): WsFeed;
  /** The socket below. */
  readonly socket: WebSocket;
  /** Resolves when the socket has closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Closes the socket and waits for it. */
  close(): Promise<void>;
}

export class WsFeed extends Feed {
  /** Leaves, as a client does that wants no more. */
  leave: () => void = () => {};
}

/** Resolves when the socket was acknowledged. @throws what it was closed with, when it was refused. */
export async function connect(url: string, token?: string): Promise<WsClient> {
  let setClosed: (event: { code: number; reason: string }) => void = () => {};
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    setClosed = resolve;
  });
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: token === undefined ? {} : { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
  });
  const socket = await new Promise<WebSocket>((resolve, reject) => {
    client.on('connected', (connected) => resolve(connected as WebSocket));
    client.on('closed', (event) => {
      const { code, reason } = event as { code: number; reason: string };
      setClosed({ code, reason });
      reject(new Error(`the socket was closed with ${code}: ${reason}`));
    });
  });
  return {
    socket,
    closed,
    subscribe(query, variables = {}, operationName) {
      const feed = new WsFeed();
      feed.leave = client.subscribe(
        { query, variables, operationName },
        {
          next: (result) => feed.push(result as Result),
          error: (error) =>
            feed.end(
              Array.isArray(error)
                ? { kind: 'error', errors: error.map((each) => ({ ...each, message: each.message })) }
                : { kind: 'cut', code: (error as { code: number }).code },
            ),
          complete: () => feed.end({ kind: 'complete' }),
        },
      );
      return feed;
    },
    async close() {
      await client.dispose();
      await closed;
    },
  };
}
