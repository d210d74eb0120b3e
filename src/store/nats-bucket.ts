import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import { headers } from '@nats-io/transport-node';
import { SECOND } from '../lib/duration.ts';
import type { Nats } from './nats.ts';
import { type Feed, type FeedMessage, startFeed } from './nats-feed.ts';
import { ensureStream, isConflict, NANOSECONDS } from './nats-stream.ts';

export interface BucketOptions {
  readonly nats: Nats;
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** How many servers keep each entry: 1, 3 or 5. */
  readonly replicas: number;
  /** Entries go by themselves this long after their last write, milliseconds; never by default. */
  readonly ttl?: number;
}

/** One value as it stands. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  /** Another one after every write; compared, never counted. */
  readonly revision: number;
}

/** A KV bucket, read from its leader: never older than what was written or told of. Keys: letters, digits, `._-`. */
export interface Bucket {
  /** Null when there is none, or it was removed. */
  get(key: string): Promise<Entry | null>;
  /**
   * Compare-and-set, tried again while the outcome is unknown (a leader died), for about 5 s.
   * @param expected the revision that must stand there; 0: the key must have none.
   * @returns the new revision; null when something else stands there.
   */
  write(key: string, value: string, expected: number): Promise<number | null>;
  /** Writes whatever stands there, once. @throws Error when that was not acknowledged within 1.5 s. */
  put(key: string, value: string): Promise<void>;
  /** @returns whether the entry stood at that revision and is now gone. */
  remove(key: string, revision: number): Promise<boolean>;
  /** Every entry as it is when it is reached; one that is written meanwhile may come again. Fails when interrupted. */
  entries(): AsyncIterable<Entry>;
  /** Follows the writes and removals from now on, also those of other processes. What goes by its age is no removal. */
  feed(listener: BucketListener): Promise<Feed>;
}

export interface BucketListener {
  /** Null: the entry was removed. */
  readonly onChange: (key: string, entry: Entry | null) => void;
  /** The bucket was made again: every entry may be another one, or gone. */
  readonly onReplaced: () => void;
}

const ANSWER_WITHIN = 1.5 * SECOND;
const API = { checkAPI: false, timeout: ANSWER_WITHIN };
const BUDGET = 5 * SECOND;
const RETRY_PAUSE = SECOND / 10;
/** The header of a tombstone (NATS ADR-8). */
const OPERATION = 'KV-Operation';
/** Entries that the server may send ahead. */
const AHEAD = 250;

/** @throws Error when the bucket exists with other settings, naming each. */
export async function openBucket(options: BucketOptions): Promise<Bucket> {
  const { nats, name } = options;
  const js = jetstream(nats.connection, API);
  const jsm = await jetstreamManager(nats.connection, API);
  const stream = `KV_${name}`;
  const prefix = `$KV.${name}.`;
  const kv = await openKv(options);
  const decide = decideOn(nats);

  const entryOf = (message: FeedMessage): Entry | null =>
    message.headers?.get(OPERATION)
      ? null
      : { key: message.subject.slice(prefix.length), value: unmark(message.string()), revision: message.seq };

  return {
    async get(key) {
      const entry = await kv.get(key);
      return isThere(entry) ? { key, value: unmark(entry.string()), revision: entry.revision } : null;
    },

    async write(key, value, expected) {
      const marked = mark(value);
      return decide(
        () => (expected === 0 ? kv.create(key, marked) : kv.update(key, marked, expected, ANSWER_WITHIN)),
        async () => {
          const entry = await kv.get(key);
          return isThere(entry) && entry.string() === marked ? entry.revision : null;
        },
      );
    },

    async put(key, value) {
      await js.publish(`${prefix}${key}`, mark(value), { timeout: ANSWER_WITHIN });
    },

    async remove(key, revision) {
      const token = randomUUID();
      const tombstone = headers();
      tombstone.set(OPERATION, 'DEL');
      const removed = await decide(
        async () => {
          const expect = { lastSubjectSequence: revision };
          await js.publish(`${prefix}${key}`, token, { headers: tombstone, expect, timeout: ANSWER_WITHIN });
          return true;
        },
        // The tombstone says whose it is, as a value does.
        async () => {
          const entry = await kv.get(key);
          return entry?.operation === 'DEL' && entry.string() === token;
        },
      );
      return removed === true;
    },

    async *entries() {
      const consumer = await js.consumers.get(stream, { deliver_policy: DeliverPolicy.All });
      if ((await consumer.info()).num_pending === 0) return;
      const messages = await consumer.consume({ max_messages: AHEAD, idle_heartbeat: SECOND });
      void stopWhenSilent(messages);
      try {
        for await (const message of messages) {
          const entry = entryOf(message);
          if (entry) yield entry;
          if (message.info.pending === 0) return;
        }
      } finally {
        messages.stop();
        void consumer.delete().catch(() => {});
      }
      throw new Error('the bucket could not be read to its end');
    },

    async feed({ onChange, onReplaced }) {
      const { state, created } = await jsm.streams.info(stream);
      return startFeed({
        nats,
        stream,
        after: state.last_seq,
        identityOf: (info) => info.created,
        identity: created,
        onMessage: (message) => onChange(message.subject.slice(prefix.length), entryOf(message)),
        onReplaced,
      });
    },
  };
}

/** Writes, whatever stands there; of two who do so at once, the last one wins. */
export async function overwrite(bucket: Bucket, key: string, value: string): Promise<void> {
  let written: number | null = null;
  while (written === null) {
    written = await bucket.write(key, value, (await bucket.get(key))?.revision ?? 0);
  }
}

async function openKv({ nats, name, replicas, ttl = 0 }: BucketOptions): Promise<KV> {
  await ensureStream(nats, await jetstreamManager(nats.connection, API), {
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    retention: 'limits',
    storage: 'file',
    num_replicas: replicas,
    max_age: ttl * NANOSECONDS,
    discard: 'new',
    max_msgs_per_subject: 1,
    discard_new_per_subject: false,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: false,
  });
  return new Kvm(jetstream(nats.connection, API)).open(name, { allow_direct: false });
}

/**
 * Every write carries its own mark, so that whoever heard no answer can tell his own write from another's.
 * `settle` looks whether an attempt with an unknown outcome was the one that was kept.
 */
const decideOn =
  ({ connection }: Nats) =>
  async <T>(attempt: () => Promise<T>, settle: () => Promise<T | null>): Promise<T | null> => {
    const end = Date.now() + BUDGET;
    let isUnsure = false;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (isConflict(error)) {
          if (!isUnsure) return null;
          const settled = await settle().then(
            (outcome) => ({ outcome }),
            () => null,
          );
          if (settled) return settled.outcome;
        }
        isUnsure = true;
        if (Date.now() > end || connection.isClosed()) throw error;
        await setTimeout(RETRY_PAUSE);
      }
    }
  };

async function stopWhenSilent(messages: {
  status(): AsyncIterable<{ type: string }>;
  stop(): void;
}): Promise<void> {
  for await (const { type } of messages.status()) {
    if (type === 'heartbeats_missed' || type === 'reset') messages.stop();
  }
}

const isThere = (entry: KvEntry | null): entry is KvEntry => entry?.operation === 'PUT';

const mark = (value: string): string => `${randomUUID()}\n${value}`;
const unmark = (stored: string): string => stored.slice(stored.indexOf('\n') + 1);
