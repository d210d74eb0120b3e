import { setTimeout as pause } from 'node:timers/promises';
import { idsOf, type Open, type Transport } from './news.ts';

/** A client as docs/subscriptions.md has it: it remembers the last cursor that it handled, and comes back with it when cut off. */
export interface Resuming {
  /** What was handled, in order: the provider's id of each event's transaction. */
  readonly handled: readonly string[];
  /** How often it was connected. */
  readonly connections: number;
  /** Resolves when this many events were handled. @throws Error when it ended for another reason than being cut off. */
  until(count: number): Promise<void>;
  /** Resolves when each of these was handled. @throws Error as `until`. */
  has(ids: readonly string[]): Promise<void>;
  /** Leaves for good. */
  stop(): Promise<void>;
}

export interface ResumingOptions {
  readonly url: string;
  readonly token: string;
  readonly query: string;
  readonly variables?: object;
  readonly transport: Transport;
  /** Where it begins. */
  readonly after: string;
  /** Comes back also after an answer that blames the gateway, as one that has no store for a moment gives. */
  readonly storeMayBeAway?: boolean;
}

export function startResuming(options: ResumingOptions): Resuming {
  const { url, token, query, variables, transport, after, storeMayBeAway = false } = options;
  const handled: string[] = [];
  const looks = new Set<() => void>();
  let cursor = after;
  let connections = 0;
  const leaving = new AbortController();
  let current: Open | null = null;

  async function follow(): Promise<void> {
    try {
      current = await transport(url, query, { ...variables, after: cursor }, token);
    } catch (error) {
      // Nobody is there while the gateway starts.
      if (String(error).includes('closed with 1006')) return;
      if (storeMayBeAway && String(error).includes('closed with 1013')) return;
      throw error;
    }
    // Told to leave while it came back.
    if (leaving.signal.aborted) return await current.close();
    connections += 1;
    const { feed } = current;
    try {
      for (;;) {
        const event = await feed.event();
        handled.push(...idsOf([event]));
        cursor = event.cursor;
        for (const look of looks) look();
      }
    } catch (error) {
      if (storeMayBeAway && String(error).includes('INTERNAL_SERVER_ERROR')) return await current.close();
      const { kind } = await feed.ended;
      if (kind !== 'cut' && !leaving.signal.aborted) throw error;
    }
  }

  async function run(): Promise<void> {
    while (!leaving.signal.aborted) {
      await follow();
      await pause(30);
    }
  }
  const running = run();
  running.catch(() => {});

  const until = async (count: number): Promise<void> =>
    Promise.race([
      running,
      new Promise<void>((resolve) => {
        const look = () => {
          if (handled.length < count) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    ]);

  return {
    handled,
    get connections() {
      return connections;
    },
    until,
    async has(ids) {
      const missing = new Set(ids);
      for (let seen = 0; missing.size > 0; seen += 1) {
        await until(seen + 1);
        if (leaving.signal.aborted) throw new Error(`left before it had ${[...missing].join(', ')}`);
        missing.delete(handled[seen] ?? '');
      }
    },
    async stop() {
      leaving.abort();
      await current?.close();
      await running;
    },
  };
}
