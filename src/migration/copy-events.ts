import { setTimeout } from 'node:timers/promises';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { toRow } from '../events/jetstream-append.ts';
import type { EventStream } from '../events/jetstream-stream.ts';
import { CursorExpired, type EventLog, type LogEvent } from '../events/log.ts';
import { SECOND } from '../lib/duration.ts';
import type { Nats } from '../store/nats.ts';
import { MigrationRefused } from './refused.ts';

export interface CopyEventsOptions {
  readonly from: Pick<EventLog, 'epochAt' | 'end' | 'trimmedTo' | 'read'>;
  readonly to: { readonly nats: Nats; readonly stream: EventStream };
  /** @param copied events that the stream holds by now. */
  readonly onCopied: (copied: number) => void;
  readonly signal: AbortSignal;
}

/** Events that are on their way at once. */
const PORTION = 500;
const ANSWER_WITHIN = 5 * SECOND;
/** How long nothing may get through: a leader that died is replaced sooner. */
const PATIENCE = 20 * SECOND;
const RETRY_PAUSE = SECOND / 2;
/** Which event of the origin a message is: its epoch and its position, which name it for ever. */
const ORIGIN_HEADER = 'Mekong-Origin';
/** The servers keep a message only behind this one (NATS ADR-22): nothing comes between, twice, or out of order. */
const EXPECTED_HEADER = 'Nats-Expected-Last-Sequence';

/**
 * Copies the events behind the last one that the stream holds, in order, on the subjects that the gateway would have
 * given them: so they are known again when their webhooks are repeated. What was copied before an interruption stays.
 * @returns how many there are now.
 * @throws MigrationRefused when the stream holds something else than the beginning of this log.
 */
export async function copyEvents({ from, to, onCopied, signal }: CopyEventsOptions): Promise<number> {
  const { nats, stream } = to;
  const js = jetstream(nats.connection, { timeout: ANSWER_WITHIN });

  const publish = (event: LogEvent, behind: number) => {
    const { position, ...rest } = event;
    const { subject, payload } = toRow(stream.name, rest);
    const mark = headers();
    mark.set(ORIGIN_HEADER, `${from.epochAt(position)}:${position}`);
    mark.set(EXPECTED_HEADER, String(behind));
    return js.publish(subject, payload, { headers: mark });
  };

  let giveUpAt = Date.now() + PATIENCE;
  let copied = -1;
  for (;;) {
    signal.throwIfAborted();
    const last = await copiedLast(from, stream);
    if (last.copied > copied) giveUpAt = Date.now() + PATIENCE;
    copied = last.copied;
    onCopied(copied);
    const { events } = await readAfter(from, last.position, stream.name);
    if (events.length === 0) return copied;
    const outcomes = await Promise.allSettled(events.map((event, index) => publish(event, copied + index)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!failed) continue;
    if (Date.now() > giveUpAt) throw failed.reason;
    await setTimeout(RETRY_PAUSE);
  }
}

/** How many events the stream holds, and the position that the last of them has in the origin. */
async function copiedLast(
  from: CopyEventsOptions['from'],
  stream: EventStream,
): Promise<{ readonly copied: number; readonly position: number }> {
  const { end } = await stream.state();
  if (end === 0) return { copied: 0, position: await from.trimmedTo() };
  const origin = (await stream.message(end))?.header.get(ORIGIN_HEADER) ?? '';
  const [epoch, position] = origin.split(':');
  if (epoch && from.epochAt(Number(position)) === epoch && Number(position) <= (await from.end())) {
    return { copied: end, position: Number(position) };
  }
  throw new MigrationRefused(`the stream ${stream.name} holds events that are not of this database`);
}

async function readAfter(from: CopyEventsOptions['from'], position: number, stream: string) {
  try {
    return await from.read(position, PORTION);
  } catch (error) {
    if (!(error instanceof CursorExpired)) throw error;
    throw new MigrationRefused(
      `the database has forgotten events since the move into the stream ${stream} was interrupted`,
    );
  }
}
