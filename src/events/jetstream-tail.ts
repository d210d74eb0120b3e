import type { Nats } from '../store/nats.ts';
import { startFeed } from '../store/nats-feed.ts';
import type { EventStream } from './jetstream-stream.ts';
import type { LogEvent } from './log.ts';
import { createTail, type Tail } from './tail.ts';
import { createWaiters, type Waiters } from './waiters.ts';

/** The newest events of a stream, whichever process appended them, read once for all followers of this one. */
export interface LiveTail {
  readonly tail: Tail;
  readonly waiters: Waiters;
  /** Resolves when the event at that position has come here, or after `ms` milliseconds. */
  arrived(position: number, ms: number): Promise<void>;
  stop(): void;
}

/**
 * @param end the stream's last sequence; everything after it will come.
 * @param onEvent gets each event before a follower can get it.
 */
export function startLiveTail(
  nats: Nats,
  stream: EventStream,
  end: number,
  onEvent: (event: LogEvent) => void,
): LiveTail {
  const tail = createTail(end);
  const waiters = createWaiters();
  /** By the position that is waited for. */
  const arrivals = new Map<number, Set<() => void>>();

  const feed = startFeed({
    nats,
    stream: stream.name,
    after: end,
    identityOf: stream.identityOf,
    identity: stream.epoch,
    onMessage(message) {
      const event = stream.decode(message);
      if (event) onEvent(event);
      const isAdjacent = event ? tail.add(event, message.data.length) : tail.pass(message.seq);
      if (!isAdjacent) waiters.wakeAll();
      if (event) waiters.tell(event);
      for (const arrived of arrivals.get(message.seq) ?? []) arrived();
    },
    // Events of another stream reach no follower: reading says what has happened (see `EventStream.state`).
    onReplaced: () => feed.stop(),
  });

  return {
    tail,
    waiters,
    stop: () => feed.stop(),

    async arrived(position, ms) {
      if (position <= tail.end) return;
      const set = arrivals.get(position) ?? new Set();
      arrivals.set(position, set);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, ms);
        function done(): void {
          clearTimeout(timer);
          set.delete(done);
          if (set.size === 0) arrivals.delete(position);
          resolve();
        }
        set.add(done);
      });
    },
  };
}
