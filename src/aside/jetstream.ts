import { setTimeout } from 'node:timers/promises';
import {
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type StoredMsg,
} from '@nats-io/jetstream';
import { PROVIDERS, type Provider } from '../domain/provider.ts';
import { SECOND } from '../lib/duration.ts';
import type { Nats } from '../store/nats.ts';
import { ensureStream, isConflict, type StreamSettings } from '../store/nats-stream.ts';
import {
  ASIDE_LIMIT,
  AsideFull,
  type AsideRow,
  type AsideStore,
  AsideUnavailable,
  type NewAsideRow,
} from './store.ts';

export interface JetStreamAsideStoreOptions {
  readonly nats: Nats;
  /** Of the streams, one for each provider: `‹name›_CASSO`. Letters, digits, `-` and `_`. */
  readonly name: string;
  /** How many servers keep each row: 1, 3 or 5. */
  readonly replicas: number;
  /** See `ASIDE_LIMIT`. */
  readonly limit?: number;
}

/** A provider gives up after about 5 s; an answer that says "again later" must reach it before. Milliseconds. */
const BUDGET = 4.5 * SECOND;
const ANSWER_WITHIN = 1.5 * SECOND;
const RETRY_PAUSE = SECOND / 10;
/** Room for the subject and the headers. */
const OVERHEAD = 1_024;

/**
 * In a JetStream stream for each provider, for any number of processes. One subject for each row, with one message: a first
 * write is compared by the servers, so a row is added once. The version is the message's sequence, and to delete a row is to
 * delete that very message, which leaves nothing behind. The bound is compared before a row is sent: processes that add rows
 * at the same moment may pass it by those. It is not the stream's own bound, as a stream that has reached its own takes no
 * resealed row either.
 * @throws Error when a stream exists with other settings, naming each, or JetStream does not answer.
 */
export async function createJetStreamAsideStore(options: JetStreamAsideStoreOptions): Promise<AsideStore> {
  const { nats, name, replicas, limit = ASIDE_LIMIT } = options;
  const js = jetstream(nats.connection, { checkAPI: false, timeout: ANSWER_WITHIN });
  const jsm = await jetstreamManager(nats.connection, { checkAPI: false, timeout: ANSWER_WITHIN });
  const streamOf = (provider: Provider): string => `${name}_${provider}`;
  for (const provider of PROVIDERS) await ensureStream(nats, jsm, settings(streamOf(provider), replicas));

  /** @returns the sequence; null when another message than expected stands there. */
  async function publish(row: NewAsideRow, expected: number): Promise<number | null> {
    const { provider, id, ...rest } = row;
    const payload = JSON.stringify(rest);
    if (
      Buffer.byteLength(payload) + OVERHEAD >
      (nats.connection.info?.max_payload ?? Number.POSITIVE_INFINITY)
    ) {
      throw new AsideUnavailable('a delivery is larger than the NATS servers take (max_payload)');
    }
    const subject = `${streamOf(provider)}.${id}`;
    try {
      const { seq } = await js.publish(subject, payload, { expect: { lastSubjectSequence: expected } });
      return seq;
    } catch (error) {
      if (isConflict(error)) return null;
      throw new AsideUnavailable('deliveries cannot be kept aside now', { cause: error });
    }
  }

  async function size(provider: Provider) {
    const { state } = await jsm.streams.info(streamOf(provider));
    return { rows: state.messages, bytes: state.bytes };
  }

  async function get(id: string): Promise<AsideRow | null> {
    for (const provider of PROVIDERS) {
      const message = await jsm.streams.getMessage(streamOf(provider), {
        last_by_subj: `${streamOf(provider)}.${id}`,
      });
      if (message) return toRow(provider, message);
    }
    return null;
  }

  async function keepOnce(row: NewAsideRow): Promise<boolean> {
    const { bytes } = await size(row.provider).catch((error: unknown) => {
      throw new AsideUnavailable('deliveries cannot be kept aside now', { cause: error });
    });
    if (bytes + row.sealed.length <= limit) return (await publish(row, 0)) !== null;
    if (await get(row.id)) return false;
    throw new AsideFull(row.provider);
  }

  return {
    get,
    size,

    async keep(row) {
      const end = Date.now() + BUDGET;
      for (;;) {
        try {
          return await keepOnce(row);
        } catch (error) {
          if (!(error instanceof AsideUnavailable) || error instanceof AsideFull) throw error;
          if (Date.now() + RETRY_PAUSE + ANSWER_WITHIN > end || !nats.isConnected) throw error;
          await setTimeout(RETRY_PAUSE);
        }
      }
    },

    async replace(row, expectedVersion) {
      const version = await publish(row, expectedVersion);
      return version === null ? null : { ...row, version };
    },

    async delete(id, expectedVersion) {
      const row = await get(id);
      if (row?.version !== expectedVersion) return false;
      try {
        return await jsm.streams.deleteMessage(streamOf(row.provider), expectedVersion);
      } catch (error) {
        if (error instanceof JetStreamApiError) return false;
        throw error;
      }
    },

    async *all() {
      // A resealed row stands at the end of its stream: the order is that of the times at which they came.
      const places: { id: string; receivedAt: number; version: number }[] = [];
      for (const provider of PROVIDERS) {
        for await (const { id, receivedAt, version } of rowsOf(jsm, streamOf(provider), provider)) {
          places.push({ id, receivedAt, version });
        }
      }
      places.sort((a, b) => a.receivedAt - b.receivedAt || a.version - b.version);
      for (const { id } of places) {
        const row = await get(id);
        if (row) yield row;
      }
    },
  };
}

async function* rowsOf(jsm: JetStreamManager, stream: string, provider: Provider): AsyncIterable<AsideRow> {
  for (let next = 1; ; ) {
    // The client's type does not name the second, which the server takes: the first message from that sequence on.
    const request = { seq: next, next_by_subj: `${stream}.>` };
    const message = await jsm.streams.getMessage(stream, request);
    if (!message) return;
    yield toRow(provider, message);
    next = message.seq + 1;
  }
}

const toRow = (provider: Provider, message: StoredMsg): AsideRow => ({
  ...message.json<Omit<NewAsideRow, 'id' | 'provider'>>(),
  id: message.subject.slice(message.subject.lastIndexOf('.') + 1),
  provider,
  version: message.seq,
});

const settings = (name: string, replicas: number): StreamSettings => ({
  name,
  subjects: [`${name}.>`],
  retention: 'limits',
  storage: 'file',
  num_replicas: replicas,
  max_age: 0,
  discard: 'new',
  max_msgs_per_subject: 1,
  deny_delete: false,
});
