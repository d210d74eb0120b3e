import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { createJetStreamEventLog } from '../../src/events/jetstream.ts';
import { openEventStream } from '../../src/events/jetstream-stream.ts';
import type { EventLog } from '../../src/events/log.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { eventLogContract } from './event-log.ts';

withNatsServer(() => {
  let cluster: NatsCluster;
  let nats: Nats;
  beforeAll(async () => {
    cluster = await startNats();
    nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
  });
  afterAll(async () => {
    await nats.close();
    await cluster.dispose();
  });

  eventLogContract('JetStream', async () => {
    const name = `EVENTS_${randomUUID()}`;
    const logs: EventLog[] = [];
    return {
      async open() {
        const stream = await openEventStream({ nats, name, replicas: 1, retentionDays: 30 });
        const log = await createJetStreamEventLog({ nats, stream });
        logs.push(log);
        return log;
      },
      async dispose() {
        await Promise.all(logs.map((log) => log.close()));
      },
    };
  });
});
