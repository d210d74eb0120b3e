import { createJetStreamEventLog } from '../../src/events/jetstream.ts';
import { openEventStream } from '../../src/events/jetstream-stream.ts';
import { type AppendResult, type EventLog, LogUnavailable, type NewEvent } from '../../src/events/log.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';

/** A gateway process, as far as NATS sees it: a connection of its own, and the log on it. */
export interface Peer {
  readonly nats: Nats;
  readonly log: EventLog;
  close(): Promise<void>;
}

export async function openPeer(
  url: string,
  stream: string,
  replicas = 1,
  logger = createLogger('silent'),
): Promise<Peer> {
  const nats = await connectNats({ url, logger });
  const log = await createJetStreamEventLog({
    nats,
    stream: await openEventStream({ nats, name: stream, replicas, retentionDays: 30, logger }),
  });
  return {
    nats,
    log,
    async close() {
      await log.close();
      await nats.close();
    },
  };
}

/** As a provider does: repeats the delivery until it is taken. */
export async function deliver(log: EventLog, events: readonly NewEvent[]): Promise<readonly AppendResult[]> {
  for (;;) {
    try {
      return await log.append(events);
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
    }
  }
}
