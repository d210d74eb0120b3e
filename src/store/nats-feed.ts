import { setTimeout } from 'node:timers/promises';
import {
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  jetstream,
  type OrderedConsumerOptions,
} from '@nats-io/jetstream';
import { SECOND } from '../lib/duration.ts';
import type { Nats } from './nats.ts';

export interface FeedOptions {
  readonly nats: Nats;
  readonly stream: string;
  /** Only messages on these subjects; all by default. */
  readonly subjects?: string;
  /** The sequence to begin after. */
  readonly after: number;
  /** Told of every message once, in order, of those that are still kept when their turn comes. Must not throw. */
  readonly onMessage: (message: JsMsg) => void;
}

export interface Feed {
  /** Nothing is told after this. */
  stop(): void;
}

/** Messages that the server may send ahead. */
const AHEAD = 500;
/** How long one request for messages stands; the least that the client allows is a second. */
const PULL = 4 * SECOND;
/** A server that is silent for two of these is given up, and another consumer begins where the last one stopped. */
const HEARTBEAT = SECOND;
/** The server forgets a consumer that nobody asks any more. */
const FORGET_AFTER = 30 * SECOND * 1_000_000;
const ANSWER_WITHIN = 2 * SECOND;
const RETRY_PAUSE = SECOND / 5;

/**
 * Every message of a stream as it comes, for as long as it takes: an ordered consumer in the server's memory, made
 * anew behind the last message whenever there is trouble, be it ours, the connection's or the server's.
 */
export function startFeed({ nats, stream, subjects, after, onMessage }: FeedOptions): Feed {
  const js = jetstream(nats.connection, { timeout: ANSWER_WITHIN });
  let last = after;
  const stopping = new AbortController();
  let current: ConsumerMessages | null = null;
  const giveUp = (): void => current?.stop();
  const stopListening = nats.onDisconnect(giveUp);

  async function consume(): Promise<void> {
    const consumer = await js.consumers.get(stream, from(last + 1, subjects));
    if (stopping.signal.aborted) return;
    current = await consumer.consume({ max_messages: AHEAD, expires: PULL, idle_heartbeat: HEARTBEAT });
    void stopOnTrouble(current);
    for await (const message of current) {
      if (stopping.signal.aborted) return;
      last = message.seq;
      onMessage(message);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && !nats.connection.isClosed()) {
      try {
        await consume();
      } catch {
        // What is wrong with the server is told by what asks it for something; this comes back when it does.
      }
      await setTimeout(RETRY_PAUSE);
    }
  }
  void run();

  return {
    stop() {
      stopping.abort();
      stopListening();
      giveUp();
    },
  };
}

const from = (sequence: number, subjects: string | undefined): Partial<OrderedConsumerOptions> => ({
  deliver_policy: DeliverPolicy.StartSequence,
  opt_start_seq: sequence,
  inactive_threshold: FORGET_AFTER,
  ...(subjects !== undefined && { filter_subjects: subjects }),
});

async function stopOnTrouble(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (TROUBLE.has(type)) messages.stop();
  }
}

const TROUBLE: ReadonlySet<string> = new Set([
  'heartbeats_missed',
  'consumer_not_found',
  'consumer_deleted',
  'stream_not_found',
  'no_responders',
]);
