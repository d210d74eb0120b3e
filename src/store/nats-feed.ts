import { setTimeout } from 'node:timers/promises';
import {
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  jetstream,
  jetstreamManager,
  type OrderedConsumerOptions,
  type StreamInfo,
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
  /** Tells streams apart: one that was made again under the same name has another identity. */
  readonly identityOf: (info: StreamInfo) => string;
  /** Of the stream that `after` belongs to. */
  readonly identity: string;
  /** Gets every message once, in order, of those that are still kept when their turn comes. Must not throw. */
  readonly onMessage: (message: FeedMessage) => void;
  /**
   * The stream was made again: what was heard before belongs to another one, and messages may have been missed. The feed
   * goes on after the last message of the new stream, unless it is stopped here. Must not throw.
   */
  readonly onReplaced: () => void;
}

/** A message as a consumer brings it, or as the stream's leader answers with it. */
export type FeedMessage = Pick<JsMsg, 'seq' | 'subject' | 'headers' | 'data' | 'string'>;

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

/** Messages that are asked for before it is made sure again that the stream is the same. */
const PAGE = 100;

/**
 * Every message of a stream as it comes: an ordered consumer in the server's memory. After any trouble, ours, the
 * connection's or the server's, a new consumer begins behind the last message, once it is clear that the stream is the
 * same: a sequence means nothing in another one.
 *
 * While no consumer can be made, as when the servers have no leader for that, or a limit is reached, messages are asked for one
 * by one: the stream's own leader is enough for that.
 */
export function startFeed(options: FeedOptions): Feed {
  const { nats, stream, subjects, identityOf, onMessage, onReplaced } = options;
  const js = jetstream(nats.connection, { timeout: ANSWER_WITHIN });
  const jsm = jetstreamManager(nats.connection, { checkAPI: false, timeout: ANSWER_WITHIN });
  let { identity, after: last } = options;
  const stopping = new AbortController();
  let current: ConsumerMessages | null = null;
  const giveUp = (): void => current?.stop();
  const stopListening = nats.onDisconnect(giveUp);

  async function isReplaced(): Promise<boolean> {
    const info = await (await jsm).streams.info(stream);
    if (stopping.signal.aborted || identityOf(info) === identity) return false;
    identity = identityOf(info);
    last = info.state.last_seq;
    onReplaced();
    return true;
  }

  async function consume(): Promise<void> {
    const consumer = await js.consumers.get(stream, from(last + 1, subjects));
    // After the consumer was made: what it reads from is then known for sure.
    if ((await isReplaced()) || stopping.signal.aborted) return void consumer.delete().catch(() => {});
    current = await consumer.consume({ max_messages: AHEAD, expires: PULL, idle_heartbeat: HEARTBEAT });
    void stopOnTrouble(current);
    for await (const message of current) {
      if (stopping.signal.aborted) return;
      last = message.seq;
      onMessage(message);
    }
  }

  /** What comes after the last message, as far as a page goes. */
  async function nextMessages(): Promise<readonly FeedMessage[]> {
    const messages: FeedMessage[] = [];
    let seq = last;
    while (messages.length < PAGE) {
      const query = { seq: seq + 1, next_by_subj: subjects ?? '>' };
      const message = await (await jsm).streams.getMessage(stream, query);
      if (!message) break;
      seq = message.seq;
      messages.push({
        seq,
        subject: message.subject,
        headers: message.header,
        data: message.data,
        string: () => message.string(),
      });
    }
    return messages;
  }

  async function readOn(): Promise<void> {
    for (;;) {
      const messages = await nextMessages();
      // After they were read: what they were read from is then known for sure.
      if (messages.length === 0 || (await isReplaced())) return;
      for (const message of messages) {
        if (stopping.signal.aborted) return;
        last = message.seq;
        onMessage(message);
      }
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && !nats.connection.isClosed()) {
      try {
        await consume().catch(readOn);
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
  // The client makes a new consumer by itself, and would try to for as long as none can be made.
  'reset',
  'ordered_consumer_recreated',
  'heartbeats_missed',
  'consumer_not_found',
  'consumer_deleted',
  'stream_not_found',
  'no_responders',
]);
