import { setTimeout } from 'node:timers/promises';
import { SECOND } from '../lib/duration.ts';
import { createListeners } from '../lib/listeners.ts';
import { overOrAborted } from '../lib/over-or-aborted.ts';
import type { Nats } from '../store/nats.ts';
import { createFollowers } from './follow.ts';
import { createAppender } from './jetstream-append.ts';
import { movedPosition, type Origins } from './jetstream-origin.ts';
import type { EventStream } from './jetstream-stream.ts';
import { startLiveTail } from './jetstream-tail.ts';
import {
  CursorExpired,
  type EventFilter,
  type EventLog,
  type LogEvent,
  type LogPage,
  LogUnavailable,
} from './log.ts';

export interface JetStreamEventLogOptions {
  readonly nats: Nats;
  readonly stream: EventStream;
  /** Where it stands what the log was moved from; without it, from nowhere. */
  readonly origins?: Origins;
}

const UNFINISHED = 'was begun and not finished: run mekong migrate again';
/** Events in one page of a follower. */
const PAGE = 100;
/** How often a log that is away is tried for those who follow it. */
const PROBE_EVERY = SECOND / 2;
/** How long an append or a trim waits for our own followers to hear of the events, at most. */
const SEEN_WITHIN = SECOND / 4;

/**
 * The event log in a JetStream stream, for any number of gateway processes; nats-server 2.9 or newer on its own,
 * 2.10.27 or newer with replicas (docs/scaling.md).
 *
 * - One message per event; its position is the stream's sequence. One subject per event key, of which the stream keeps
 *   one message and refuses a second (`discard_new_per_subject`): de-duplication by the servers themselves, for all
 *   processes, for exactly as long as the event is kept. The other way, a message id with a duplicate window as long as
 *   the retention, costs the same memory and forgets nothing that is trimmed. Measured with nats-server 2.9.10 and a
 *   million events of 600 bytes: 16 MB without de-duplication, 200-260 MB with subjects, 254-260 MB with a window; with
 *   subjects it is ready again 1 to 2.5 s after kill -9. So plan 250 bytes of memory per event and server.
 * - On a cluster of 2.12.2 or newer, an append of several events is one batch: all or none, one next to the other. Where
 *   some of them are kept already, the others are a batch.
 * - Elsewhere an append's messages are sent in one go, so within a process nothing comes between them. A leader that dies
 *   in between may keep a part, and another process's events may come between. The append is then repeated with the same
 *   subjects until all are kept, for 4.5 s, else LogUnavailable, and the provider's next delivery completes it: an append
 *   that succeeded has all of it. Followers may see a part before the rest, and after a change of leader in the middle of
 *   an append, its events in another order.
 * - Every process reads the newest events once, for all its followers, whatever their filters: a subject holds no bank
 *   account, because the same transaction might come with another spelling of it, and be kept twice. Who is further
 *   behind reads from the stream, from any replica, 250 messages at once.
 * - Old events go by the stream's age limit; `trim` may take them earlier. While the servers are away followers wait.
 *
 * @throws Error when the stream is only half filled by a move, or JetStream does not answer.
 */
export async function createJetStreamEventLog(options: JetStreamEventLogOptions): Promise<EventLog> {
  const { nats, stream, origins } = options;
  const origin = (await origins?.get(stream.epoch)) ?? null;
  if (origin?.state === 'COPYING') throw new Error(`the move into the stream ${stream.name} ${UNFINISHED}`);
  const appender = createAppender(nats, stream);
  const { end } = await stream.state();
  const closing = new AbortController();
  const recovery = createRecovery(stream, closing.signal);
  const watchers = createListeners<LogEvent>();
  const { tail, waiters, ...live } = startLiveTail(nats, stream, end, watchers.tell);

  /** The tail may be behind: then whoever watches hears here of what is read. */
  async function read(after: number, limit: number, filter: EventFilter | undefined): Promise<LogPage> {
    const page = await stream.read(after, limit, filter);
    for (const event of page.events) if (event.position > tail.end) watchers.tell(event);
    return page;
  }

  const followers = createFollowers({
    async page(after, filter): Promise<LogPage> {
      const known = closing.signal.aborted ? null : tail.page(after, PAGE, filter);
      if (known) return known;
      try {
        return await read(after, PAGE, filter);
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error;
        recovery.begin();
        return { events: [], position: after, atEnd: true };
      }
    },

    async wait(after, filter, signal) {
      if (await recovery.wait(signal)) return after;
      if (after < tail.end) return after;
      // The tail may be behind what the follower has read from the stream.
      return Math.max(after, await waiters.wait(after, filter, signal));
    },
  });

  /** @returns whether there may be more to forget. */
  async function trimStep(before: number): Promise<boolean> {
    const { trimmedTo } = await stream.state();
    const { events, position, atEnd } = await stream.read(trimmedTo, PAGE, undefined);
    const firstKept = events.find(({ receivedAt }) => receivedAt >= before);
    const upTo = firstKept ? firstKept.position - 1 : position;
    if (upTo > trimmedTo) {
      // Those who wait are told of it first: what does not concern them must not look like a loss.
      await live.arrived(upTo, SEEN_WITHIN);
      await stream.purge(upTo);
      for (let gone = trimmedTo + 1; gone <= upTo; gone += 1) tail.forget(gone);
    }
    return !firstKept && !atEnd;
  }

  return {
    epochAt: () => stream.epoch,
    positionOf(epoch, position) {
      if (epoch === stream.epoch) return position;
      return origin && movedPosition(origin, epoch, position);
    },
    follow: followers.follow,
    read,
    watch: watchers.add,

    async append(events) {
      const results = await appender.append(events);
      await live.arrived(Math.max(0, ...results.map(({ position }) => position)), SEEN_WITHIN);
      results.forEach(({ position }, index) => {
        const event = events[index];
        if (event && position > tail.end) watchers.tell({ ...event, position });
      });
      return results;
    },

    async end() {
      return (await stream.state()).end;
    },

    async trimmedTo() {
      return (await stream.state()).trimmedTo;
    },

    async trim(before) {
      let more = true;
      while (more && !closing.signal.aborted) {
        more = await trimStep(before).catch((error: unknown) => {
          // Another process, or the stream's own age limit, was quicker.
          if (error instanceof CursorExpired) return true;
          throw error;
        });
      }
    },

    async close() {
      await appender.close();
      closing.abort();
      followers.close();
      live.stop();
      watchers.clear();
    },
  };
}

/** Followers that could not read wait together until the stream answers again. */
function createRecovery(stream: EventStream, closing: AbortSignal) {
  let recovered: Promise<void> | null = null;

  async function probe(): Promise<void> {
    let answers = false;
    while (!answers && !closing.aborted) {
      await setTimeout(PROBE_EVERY);
      answers = await stream.state().then(
        () => true,
        () => false,
      );
    }
    recovered = null;
  }

  return {
    begin(): void {
      recovered ??= probe();
    },

    /** @returns whether there was anything to wait for. */
    async wait(signal: AbortSignal): Promise<boolean> {
      if (!recovered) return false;
      const over = recovered;
      await overOrAborted(over, signal);
      return true;
    },
  };
}
