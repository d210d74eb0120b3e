import { createHash } from 'node:crypto';
import type { NatsStoreOptions } from '../app/store-nats.ts';
import type { MovedOrigin, Stretch } from '../events/jetstream-origin.ts';
import type { EventLog } from '../events/log.ts';
import { copyAside } from './copy-aside.ts';
import { copyEvents } from './copy-events.ts';
import { copySessions } from './copy-sessions.ts';
import { MigrationRefused } from './refused.ts';
import { openSource, type Source } from './source.ts';
import { openTarget, type Target } from './target.ts';

export interface MigrationOptions {
  /** The database file. */
  readonly from: string;
  readonly to: NatsStoreOptions;
  /** Events, sessions and what is kept aside, of all that there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops between two portions; another run goes on from there. */
  readonly signal?: AbortSignal;
}

export interface MigrationReport {
  /** Whether an earlier run had finished: then nothing was touched. */
  readonly alreadyMoved: boolean;
  readonly events: number;
  readonly sessions: number;
  /** Deliveries that are kept aside. */
  readonly aside: number;
}

/**
 * Moves everything that the gateway keeps from the database file to NATS JetStream, while no gateway works on either:
 * events with their keys, so that a repeated webhook is known, and their received times, by which they are forgotten;
 * sessions and what is kept aside, sealed as they are; used OAuth states; how far reconciliation has come; what was spent of Casso's requests. Every cursor that the file answers
 * is answered by the stream: the same event stands there under another position, and its epoch and old position are
 * remembered beside the stream. The file is only read. Run again after an interruption, it goes on; after it has
 * finished, it does nothing.
 * @throws MigrationRefused when the target holds something else, or the file has changed since it was moved.
 * @throws Error when a gateway has the file open, the file is not there, or the cluster does not answer.
 */
export async function migrateStore(options: MigrationOptions): Promise<MigrationReport> {
  const { signal = new AbortController().signal, onProgress = () => {} } = options;
  const source = openSource(options.from);
  try {
    const target = await openTarget(options.to);
    try {
      return await move(source, target, onProgress, signal);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function move(
  source: Source,
  target: Target,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<MigrationReport> {
  const { log, sessions, aside } = source;
  const [end, trimmedTo, { count, digest }, kept] = await Promise.all([
    log.end(),
    log.trimmedTo(),
    digestOf(sessions),
    digestOf(aside),
  ]);
  const origin = await target.origins.get(target.stream.epoch);
  if (origin?.state === 'MOVED') {
    requireUnchanged(origin, { log, end, sessions: digest, aside: kept.digest });
    return { alreadyMoved: true, events: end - origin.shift, sessions: count, aside: kept.count };
  }
  if (!origin) await requireEmpty(target);
  await target.origins.set(target.stream.epoch, { state: 'COPYING' });

  const total = end - trimmedTo + count + kept.count;
  const events = await copyEvents({
    from: log,
    to: target,
    onCopied: (copied) => onProgress(copied, total),
    signal,
  });
  await copySessions(sessions, target.sessions, (copied) => onProgress(events + copied, total), signal);
  await copyAside(aside, target.aside, (copied) => onProgress(events + count + copied, total), signal);
  for (const { id, expiresAt } of source.useMarks()) await target.sessions.useOnce(id, expiresAt);
  for (const { key, value } of source.budgets()) await target.setBudget(key, value);
  const reconciled = await source.reconcileState.get();
  if (reconciled) await target.reconcileState.set(reconciled);

  signal.throwIfAborted();
  const digests = { sessions: digest, aside: kept.digest };
  await target.origins.set(target.stream.epoch, movedOrigin(log, end, trimmedTo, events, digests));
  return { alreadyMoved: false, events, sessions: count, aside: kept.count };
}

/**
 * Where positions have no gaps, as the database gives them, an event's place from the end is the same on both sides. A
 * gap, as after rows were deleted by hand, would need a table: then the cursors before the end expire.
 */
function movedOrigin(
  log: EventLog,
  end: number,
  trimmedTo: number,
  events: number,
  digests: Pick<MovedOrigin, 'sessions' | 'aside'>,
): MovedOrigin {
  const shift = end - events;
  const from = shift === trimmedTo ? trimmedTo : end;
  const stretches: Stretch[] = [];
  for (let position = from; position <= end; position += 1) {
    const epoch = log.epochAt(position);
    if (epoch !== stretches.at(-1)?.epoch) stretches.push({ epoch, from: position });
  }
  return { state: 'MOVED', stretches, end, shift, ...digests };
}

async function requireEmpty({ stream, sessions, aside }: Target): Promise<void> {
  if ((await stream.state()).end > 0) {
    throw new MigrationRefused(`the stream ${stream.name} holds another log already`);
  }
  for await (const _ of sessions.all()) {
    throw new MigrationRefused('there are sessions on the cluster already');
  }
  for await (const _ of aside.all()) {
    throw new MigrationRefused('there are deliveries kept aside on the cluster already');
  }
}

function requireUnchanged(
  origin: MovedOrigin,
  now: Pick<MovedOrigin, 'end' | 'sessions'> & { readonly aside: string; readonly log: EventLog },
): void {
  const { end, stretches, sessions, aside = NOTHING } = origin;
  const isSameLog = end === now.end && stretches.at(-1)?.epoch === now.log.epochAt(end);
  if (isSameLog && sessions === now.sessions && aside === now.aside) return;
  throw new MigrationRefused(
    'another database was moved to this cluster already, or this one has changed since it was moved',
  );
}

/** The same for the same rows at the same versions, whatever their order. */
async function digestOf(from: {
  all(): AsyncIterable<{ readonly id: string; readonly version: number }>;
}): Promise<{ readonly count: number; readonly digest: string }> {
  const rows: string[] = [];
  for await (const { id, version } of from.all()) rows.push(`${id} ${version}`);
  return { count: rows.length, digest: sha256(rows.sort().join('\n')) };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
/** Of no rows. */
const NOTHING = sha256('');
