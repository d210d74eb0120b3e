import { createHash, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { jetstreamManager, type StoredMsg, type StreamInfo } from '@nats-io/jetstream';
import { DAY, SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { Nats } from '../store/nats.ts';
import { noQuorumNeeded, type Quorum } from '../store/nats-quorum.ts';
import { ensureStream, hasLeader, NANOSECONDS, type StreamSettings } from '../store/nats-stream.ts';
import { matches } from './filter.ts';
import { createGet } from './jetstream-get.ts';
import { createHoles } from './jetstream-hole.ts';
import { decodeEvent } from './json.ts';
import { CursorExpired, type EventFilter, type LogEvent, type LogPage, LogUnavailable } from './log.ts';

export interface EventStreamOptions {
  readonly nats: Nats;
  /** The stream's name, and the first token of its subjects. */
  readonly name: string;
  /** How many servers keep each event: 1, 3 or 5. */
  readonly replicas: number;
  readonly retentionDays: number;
  /** Asked before a position is said to be none of this log. */
  readonly quorum?: Pick<Quorum, 'prove'>;
  /** Told when an event is missing. */
  readonly logger?: Logger;
}

/** The stream that holds the log, as far as it is read. All of it throws LogUnavailable when it does not answer. */
export interface EventStream {
  readonly name: string;
  /** Of this very stream: one of the same name that is made later has another. */
  readonly epoch: string;
  /** Whether several messages are published as one batch, all or none. */
  readonly takesBatches: boolean;
  /** The epoch of the stream that has this name now. */
  readonly identityOf: (info: StreamInfo) => string;
  state(): Promise<StreamState>;
  /** As `EventLog.read`. */
  read(after: number, limit: number, filter: EventFilter | undefined): Promise<LogPage>;
  /** The message at that position, as the leader has it; null when there is none. */
  message(position: number): Promise<StoredMsg | null>;
  /** The event that a message holds; null for a message that is no event, of which the first is logged. */
  decode(message: Pick<StoredMsg, 'seq' | 'string'>): LogEvent | null;
  /** The newest message on that subject, with what was appended last; null when there is none. */
  find(subject: string): Promise<StoredMsg | null>;
  /** Forgets everything up to that position, inclusive. */
  purge(upTo: number): Promise<void>;
}

export interface StreamState {
  readonly end: number;
  readonly trimmedTo: number;
}

/** Messages that one read asks for, at most, all at once. */
const LOOK_AT = 250;
const ANSWER_WITHIN = 2.5 * SECOND;
/** Older ones may keep half of a batch around a change of leader (docs/scaling.md). */
const OLDEST_FOR_BATCHES = '2.12.2';
const ELECTION_PAUSE = SECOND / 10;

/** @throws Error when the stream exists with settings that would break the log's promises, naming each. */
export async function openEventStream(options: EventStreamOptions): Promise<EventStream> {
  const { nats, name, replicas, quorum = noQuorumNeeded, logger } = options;
  const jsm = await jetstreamManager(nats.connection, { checkAPI: false, timeout: ANSWER_WITHIN });
  const made = await ensureStream(nats, jsm, settings(options), {
    description: `${DESCRIPTION}${randomBytes(8).toString('hex')}`,
    ...(mayBatch(nats, replicas) && { allow_atomic: true }),
  });
  const epoch = epochOf(made);

  /** A server that has lost the others goes on to answer with what it last knew; so do all, for a moment, at an election. */
  async function infoOfLeader(): Promise<StreamInfo> {
    const end = Date.now() + ANSWER_WITHIN;
    for (;;) {
      const info = await available(() => jsm.streams.info(name));
      if (hasLeader(info)) return info;
      if (Date.now() > end) throw new LogUnavailable('the event log has no leader now');
      await setTimeout(ELECTION_PAUSE);
    }
  }

  async function state(): Promise<StreamState> {
    const info = await infoOfLeader();
    if (epochOf(info) !== epoch) {
      throw new LogUnavailable('the stream of the event log was replaced: restart to use the new one');
    }
    const { first_seq: first, last_seq: end } = info.state;
    return { end, trimmedTo: Math.max(0, first - 1) };
  }

  /** A leader that was cut off and does not know it yet may not have heard of that position. */
  async function stateSince(position: number): Promise<StreamState> {
    const known = await state();
    if (position <= known.end) return known;
    await available(() => quorum.prove());
    return state();
  }

  const get = await createGet(nats, name, jsm);
  const message = (position: number) => available(() => jsm.streams.getMessage(name, { seq: position }));
  const holes = createHoles({ message, trimmedTo: async () => (await state()).trimmedTo, logger });

  let isForeignTold = false;
  function decode(message: Pick<StoredMsg, 'seq' | 'string'>): LogEvent | null {
    try {
      return decodeEvent(message.seq, message.string());
    } catch {
      if (!isForeignTold) {
        logger?.error(
          { position: message.seq },
          'a message in the stream of events is not an event of Mekong, and is passed over: see who else may write there',
        );
      }
      isForeignTold = true;
      return null;
    }
  }

  async function read(after: number, limit: number, filter: EventFilter | undefined): Promise<LogPage> {
    const { trimmedTo, end } = await stateSince(after);
    if (after < trimmedTo || after > end) throw new CursorExpired(trimmedTo);
    const lookAt = Math.min(end - after, filter ? LOOK_AT : Math.min(limit, LOOK_AT));
    const sequences = Array.from({ length: lookAt }, (_, n) => after + 1 + n);
    const messages = await available(() => Promise.all(sequences.map((sequence) => get(sequence))));
    const events: LogEvent[] = [];
    for (const [index, found] of messages.entries()) {
      // What is before a hole is given first.
      if (!found && index > 0) return { events, position: after + index, atEnd: false };
      const kept = found ?? (await holes.insistOn(after + 1));
      const event = decode(kept);
      if (event && matches(event, filter)) events.push(event);
      if (events.length === limit) return { events, position: kept.seq, atEnd: kept.seq === end };
    }
    return { events, position: after + lookAt, atEnd: after + lookAt === end };
  }

  return {
    name,
    epoch,
    identityOf: epochOf,
    // A server that does not know the setting drops it.
    takesBatches: mayBatch(nats, replicas) && made.config.allow_atomic,
    state,
    read,
    message,
    decode,
    find: (subject) => available(() => jsm.streams.getMessage(name, { last_by_subj: subject })),
    async purge(upTo) {
      await available(() => jsm.streams.purge(name, { seq: upTo + 1 }));
    },
  };
}

/**
 * One subject per event, and of each subject one message, the first: that is the de-duplication, for exactly as long
 * as the event is kept. New messages are refused when a limit is reached; old ones only go by age, or by a purge.
 */
const settings = ({ name, replicas, retentionDays }: EventStreamOptions): StreamSettings => ({
  name,
  subjects: [`${name}.>`],
  retention: 'limits',
  storage: 'file',
  num_replicas: replicas,
  max_age: retentionDays * DAY * NANOSECONDS,
  discard: 'new',
  max_msgs_per_subject: 1,
  discard_new_per_subject: true,
  deny_delete: true,
  deny_purge: false,
  allow_rollup_hdrs: false,
  allow_direct: true,
});

/**
 * Whether batches are safe and worth it. A single server of 2.15.1 took some fifteen times as long for a batch of five as for
 * five messages in one go; a cluster of three took about as long for either.
 */
export const mayBatch = (nats: Pick<Nats, 'isAtLeast'>, replicas: number): boolean =>
  replicas > 1 && nats.isAtLeast(OLDEST_FOR_BATCHES);

const DESCRIPTION = 'The event log of Mekong. Its cursors hold this: ';

/**
 * From its description, which stays with a stream whatever else is edited. When that is gone, from when it was made; but a
 * server on its own was seen to change that, at its next start after an edit (2.9.10).
 */
const epochOf = ({ config, created }: StreamInfo): string =>
  config.description?.startsWith(DESCRIPTION)
    ? config.description.slice(DESCRIPTION.length)
    : createHash('sha256').update(`${config.name} ${created}`).digest('hex').slice(0, 16);

/** @throws LogUnavailable in the place of whatever the client throws. */
async function available<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'no answer';
    throw new LogUnavailable(`the event log cannot be reached now: ${reason}`, { cause: error });
  }
}
