import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { Signal } from '../lib/abort.ts';
import { Bulkhead } from '../lib/bulkhead.ts';
import { deadline } from '../lib/deadline.ts';
import { SECOND } from '../lib/duration.ts';
import type { Nats } from '../store/nats.ts';
import type { EventStream } from './jetstream-stream.ts';
import { encodeEvent } from './json.ts';
import { type AppendResult, type EventLog, LogClosed, LogUnavailable, type NewEvent } from './log.ts';

export interface Appender {
  readonly append: EventLog['append'];
  /** Refuses new appends, and waits for those under way. */
  close(): Promise<void>;
}

/** Appends that wait for their acknowledgement at once; others wait for their turn. */
const IN_FLIGHT = 256;
/** A provider gives up after about 5 s; an answer that says "again later" must reach it before. */
const BUDGET = 4.5 * SECOND;
/** A leader that died answers nobody: then it is tried again, with the same subject. */
const ANSWER_WITHIN = SECOND;
const RETRY_PAUSE = SECOND / 10;
/** Which append a message came with, so that a repeated one knows its own. */
const APPEND_HEADER = 'Mekong-Append';
/** Of an atomic batch (NATS ADR-50); by hand, as the client's own batches hide why one was refused. */
const BATCH_ID_HEADER = 'Nats-Batch-Id';
const BATCH_SEQUENCE_HEADER = 'Nats-Batch-Sequence';
const BATCH_COMMIT_HEADER = 'Nats-Batch-Commit';
/** Messages that a server takes in one batch. */
const LARGEST_BATCH = 1_000;
/** A stream has at most 50 open batches, those of all gateways together, and refuses more. */
const BATCHES_IN_FLIGHT = 8;
/** The server's code where the stream's setting was taken back since it was opened. */
const BATCHES_ARE_OFF = 10_174;
/** Room for the subject and the headers. */
const OVERHEAD = 1_024;

export interface Row {
  readonly subject: string;
  readonly payload: string;
}

/** What all tries of one append share. */
interface Attempt {
  readonly appendId: string;
  /** Told what the server said of a row that was not kept. */
  readonly onRefusal: (message: string) => void;
}

export function createAppender(nats: Nats, stream: EventStream): Appender {
  const js = jetstream(nats.connection);
  const turns = new Bulkhead(IN_FLIGHT);
  const batchTurns = new Bulkhead(BATCHES_IN_FLIGHT);
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  let takesBatches = stream.takesBatches;

  /**
   * What holds the subject of a row that the server refused. Null: nothing, or what is no event of ours, which keeps this one
   * out and does not stand for it.
   */
  async function held(
    { subject }: Row,
    { appendId, onRefusal }: Attempt,
    refusal: JetStreamApiError,
  ): Promise<AppendResult | null> {
    const first = await stream.find(subject).catch(() => null);
    if (!first || !stream.decode(first)) {
      onRefusal(refusal.message);
      return null;
    }
    return { position: first.seq, duplicate: first.header.get(APPEND_HEADER) !== appendId };
  }

  /** Publishes at once, so that what is called in a row stands so. */
  async function publish(row: Row, attempt: Attempt): Promise<AppendResult | null> {
    try {
      const mark = markOf(attempt);
      const { seq } = await js.publish(row.subject, row.payload, { headers: mark, timeout: ANSWER_WITHIN });
      return { position: seq, duplicate: false };
    } catch (error) {
      return error instanceof JetStreamApiError ? held(row, attempt, error) : null;
    }
  }

  /** All or none, one next to the other. */
  async function publishBatch(rows: readonly Row[], attempt: Attempt): Promise<(AppendResult | null)[]> {
    const batchId = randomUUID();
    const marked = rows.map((row, index) => ({
      ...row,
      mark: markOf(attempt, { id: batchId, sequence: index + 1, isLast: index === rows.length - 1 }),
    }));
    const last = marked.pop() ?? fail();
    for (const { subject, payload, mark } of marked)
      nats.connection.publish(subject, payload, { headers: mark });
    try {
      const { seq } = await js.publish(last.subject, last.payload, {
        headers: last.mark,
        timeout: ANSWER_WITHIN,
      });
      return rows.map((_, index) => ({ position: seq - marked.length + index, duplicate: false }));
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) return rows.map(() => null);
      if (error.code === BATCHES_ARE_OFF) takesBatches = false;
      // One that is held already refuses them all.
      return Promise.all(rows.map((row) => held(row, attempt, error)));
    }
  }

  /** Tries all of them once. Null: not known, or not kept; to be tried again. */
  async function publishEach(rows: readonly Row[], attempt: Attempt): Promise<(AppendResult | null)[]> {
    // Nothing piles up for a cluster that is away.
    if (!nats.isConnected) return rows.map(() => null);
    if (rows.length > 1 && takesBatches) {
      return batchTurns.run(() => publishBatch(rows.slice(0, LARGEST_BATCH), attempt));
    }
    return Promise.all(rows.map((row) => publish(row, attempt)));
  }

  async function publishAll(
    rows: readonly Row[],
    signal: Signal,
    onRefusal: Attempt['onRefusal'],
  ): Promise<Map<string, AppendResult>> {
    const attempt = { appendId: randomUUID(), onRefusal };
    const results = new Map<string, AppendResult>();
    while (!signal.aborted) {
      const open = rows.filter(({ subject }) => !results.has(subject));
      const outcomes = await publishEach(open, attempt);
      outcomes.forEach((outcome, index) => {
        const row = open[index];
        if (row && outcome) results.set(row.subject, outcome);
      });
      if (results.size === rows.length) return results;
      if (!outcomes.some(Boolean)) await setTimeout(RETRY_PAUSE);
    }
    throw notAcknowledged();
  }

  async function append(events: readonly NewEvent[]): Promise<AppendResult[]> {
    const rows = events.map((event) => toRow(stream.name, event));
    const largest = (nats.connection.info?.max_payload ?? Number.POSITIVE_INFINITY) - OVERHEAD;
    if (rows.some(({ payload }) => Buffer.byteLength(payload) > largest)) {
      throw new Error('an event is larger than the NATS servers take (max_payload)');
    }
    const distinct = [...new Map(rows.toReversed().map((row) => [row.subject, row])).values()].toReversed();
    const limit = deadline(BUDGET);
    let refusal: string | null = null;
    const onRefusal = (message: string) => {
      refusal = message;
    };
    try {
      const results = await Promise.race([
        turns.run(() => publishAll(distinct, limit.signal, onRefusal)),
        expiry(limit.signal, () => notAcknowledged(refusal)),
      ]);
      const told = new Set<string>();
      return rows.map(({ subject }) => {
        const { position, duplicate } = results.get(subject) ?? fail();
        const isRepeated = told.has(subject);
        told.add(subject);
        return { position, duplicate: duplicate || isRepeated };
      });
    } finally {
      limit.clear();
    }
  }

  return {
    async append(events) {
      if (closed) throw new LogClosed();
      const appending = append(events);
      underWay.add(appending);
      try {
        return await appending;
      } finally {
        underWay.delete(appending);
      }
    },

    async close() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}

interface BatchPlace {
  readonly id: string;
  /** From 1. */
  readonly sequence: number;
  readonly isLast: boolean;
}

function markOf({ appendId }: Attempt, batch?: BatchPlace): MsgHdrs {
  const mark = headers();
  mark.set(APPEND_HEADER, appendId);
  if (batch) {
    mark.set(BATCH_ID_HEADER, batch.id);
    mark.set(BATCH_SEQUENCE_HEADER, String(batch.sequence));
    if (batch.isLast) mark.set(BATCH_COMMIT_HEADER, '1');
  }
  return mark;
}

/** An event as it is published. */
export const toRow = (stream: string, event: NewEvent): Row => ({
  subject: `${stream}.${event.provider}.${token(event.key)}`,
  payload: encodeEvent(event),
});

/** A key as one token of a subject: no two keys give the same. */
const token = (key: string): string =>
  encodeURIComponent(key).replace(/[.*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

/** @param refusal what the server said, which names the cure: no room, a stream that is sealed. */
const notAcknowledged = (refusal: string | null = null) =>
  new LogUnavailable(
    `the event log did not acknowledge in time${refusal === null ? '' : ` (JetStream refused: ${refusal})`}`,
  );

/** Rejects when the signal aborts; of an append that still waits for its turn, too. */
const expiry = (signal: Signal, reason: () => Error): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(reason()));
  });

function fail(): never {
  throw notAcknowledged();
}
