import { setTimeout } from 'node:timers/promises';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { SECOND } from '../lib/duration.ts';
import type { Nats } from '../store/nats.ts';
import type { Advice } from './store.ts';

export interface NatsAdviceOptions {
  readonly nats: Nats;
  /** The stream of the event log. */
  readonly events: string;
  /** The other streams whose copies matter. */
  readonly others: readonly string[];
  /** Whether the stream of events could take batches, and is not set to. */
  readonly couldBatch: boolean;
}

/** A copy is behind for a moment when much is written. */
const LOOKS = 3;

/** What an operator could do for the cluster. @throws Error when JetStream does not answer. */
export async function adviseOnNats(options: NatsAdviceOptions): Promise<readonly Advice[]> {
  const { nats, events, others, couldBatch } = options;
  const jsm = await jetstreamManager(nats.connection, { checkAPI: false });
  const behind = await serversBehind(jsm, [events, ...others]);
  return [
    ...(couldBatch ? [turnBatchesOn(events)] : []),
    ...[...behind].map(([server, streams]) => restart(server, streams)),
  ];
}

/** Servers whose copies are not up to date, each with the streams they are of. */
async function serversBehind(jsm: JetStreamManager, streams: readonly string[]) {
  let behind = new Map<string, string[]>();
  for (let look = 1; look <= LOOKS; look += 1) {
    behind = new Map();
    for (const stream of streams) {
      const { cluster } = await jsm.streams.info(stream);
      for (const { name, current, offline } of cluster?.replicas ?? []) {
        if (!current || offline) behind.set(name, [...(behind.get(name) ?? []), stream]);
      }
    }
    if (behind.size === 0) break;
    await setTimeout(SECOND);
  }
  return behind;
}

const turnBatchesOn = (stream: string): Advice => ({
  says: 'the stream of events keeps the events of one webhook one by one, although these servers can keep all or none',
  cure: `Set allow_atomic on the stream ${stream} (nats stream edit), then restart the gateways one by one.`,
});

const restart = (server: string, streams: readonly string[]): Advice => ({
  says: `the NATS server ${server} has no copy that is up to date of ${streams.join(', ')}`,
  cure: `See that ${server} runs and reaches the others. If it does, restart it: docs/scaling.md, "A server that is not heard".`,
});
