import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { DAY, SECOND } from '../lib/duration.ts';
import type { Nats } from './nats.ts';
import { StreamMissing } from './stream-missing.ts';

/**
 * What a stream must be like. What is not named is empty (see `isEmpty`), or among the `OPERATORS_CHOICE`: a setting that is
 * unknown here may remove messages or acknowledge what is not kept.
 */
export type StreamSettings = Partial<StreamConfig> & { readonly name: string };

export const NANOSECONDS = 1_000_000;

/** The server's code for a stream that exists with another configuration. */
const NAME_IN_USE = 10_058;
/** And for more replicas than it knows servers, as one has it that was just started and has not met the others. */
const NO_PEERS = 10_005;
/** A cluster that was just started elects its leaders first. */
const PATIENCE = 20 * SECOND;
const RETRY_PAUSE = SECOND / 4;

/** What changes nothing that the gateway relies on. */
const OPERATORS_CHOICE: ReadonlySet<string> = new Set([
  'description',
  'metadata',
  'placement',
  'compression',
  'duplicate_window',
  'max_consumers',
  // Where these are reached, new messages are refused (`discard`): nothing is acknowledged and lost.
  'max_msgs',
  'max_bytes',
  'max_msg_size',
  'consumer_limits',
  'republish',
  'allow_direct',
  'mirror_direct',
  'first_seq',
  // Batches of messages: all or none.
  'allow_atomic',
]);

const CURE =
  'Change the stream with a tool of NATS (nats stream edit), or what asks for it here ' +
  '(NATS_REPLICAS for num_replicas; EVENT_RETENTION_DAYS or SESSION_MAX_DAYS for max_age).';

/**
 * Makes the stream, or checks the one that exists: it is never changed, as that may drop what it holds.
 * @param extras further settings of a new one; not compared.
 * @throws StreamMissing where the connection is for looking only.
 * @throws Error that names every setting that differs, or says that JetStream does not answer.
 */
export async function ensureStream(
  { onlyLooks }: Pick<Nats, 'onlyLooks'>,
  jsm: JetStreamManager,
  wanted: StreamSettings,
  extras: Partial<StreamConfig> = {},
): Promise<StreamInfo> {
  const make = (): Promise<StreamInfo> => {
    if (onlyLooks) throw new StreamMissing(wanted.name);
    return add(jsm, { ...wanted, ...extras });
  };
  const info = await untilReady(async () => {
    const found = (await find(jsm, wanted.name)) ?? (await make());
    if (!hasLeader(found)) throw new Error(`the stream ${wanted.name} has no leader`);
    return found;
  });
  const differences = differencesOf(info.config, wanted);
  if (differences.length > 0) {
    throw new Error(
      `the JetStream stream ${wanted.name} has other settings: ${differences.join('; ')}. Nothing was changed. ${CURE}`,
    );
  }
  return info;
}

function differencesOf(found: StreamConfig, wanted: StreamSettings): readonly string[] {
  const named = Object.entries(wanted).flatMap(([setting, value]) => {
    const there = found[setting as keyof StreamConfig] ?? emptyLike(value);
    const isSame = isDeepStrictEqual(there, value);
    return isSame ? [] : [`${setting} is ${show(setting, there)}, must be ${show(setting, value)}`];
  });
  const others = Object.entries(found)
    .filter(([setting, value]) => !(setting in wanted || OPERATORS_CHOICE.has(setting) || isEmpty(value)))
    .map(([setting, value]) => `${setting} is ${show(setting, value)}, must not be set`);
  return [...named, ...others];
}

/** How servers write that a setting is not used. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 0 ||
  value === -1 ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

async function find(jsm: JetStreamManager, name: string): Promise<StreamInfo | null> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    const isMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
    if (!isMissing) throw error;
    return null;
  }
}

async function add(jsm: JetStreamManager, wanted: StreamSettings): Promise<StreamInfo> {
  try {
    await jsm.streams.add(wanted);
  } catch (error) {
    // Another process was quicker.
    if (!(error instanceof JetStreamApiError) || error.code !== NAME_IN_USE) throw error;
  }
  const made = await find(jsm, wanted.name);
  if (!made) throw new Error(`the server that answers has not heard of the stream ${wanted.name} yet`);
  return made;
}

/** True of one that a single server keeps. */
export const hasLeader = ({ cluster }: StreamInfo): boolean => !cluster || Boolean(cluster.leader);

async function untilReady<T>(step: () => Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (error instanceof StreamMissing) throw error;
      const isLate = Date.now() > end;
      const refusal = error instanceof JetStreamApiError && error.status !== 503 ? error : null;
      if (refusal && (isLate || refusal.code !== NO_PEERS)) {
        throw new Error(`JetStream refused: ${refusal.message}`, { cause: error });
      }
      if (isLate) throw new Error('JetStream does not answer', { cause: error });
      await setTimeout(RETRY_PAUSE);
    }
  }
}

/** What the server leaves out of its answer. */
const emptyLike = (value: unknown): unknown =>
  typeof value === 'boolean' ? false : typeof value === 'number' ? 0 : undefined;

function show(setting: string, value: unknown): string {
  if (setting !== 'max_age') return JSON.stringify(value);
  return value === 0 ? 'unlimited' : `${Number(value) / (DAY * NANOSECONDS)} d`;
}

/** Whether a write was refused as another message than expected stands on its subject. */
export const isConflict = (error: unknown): boolean =>
  error instanceof JetStreamApiError &&
  (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
    error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown);
