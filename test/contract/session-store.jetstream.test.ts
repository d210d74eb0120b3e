import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { createJetStreamSessionStore } from '../../src/sessions/jetstream.ts';
import type { SessionStore } from '../../src/sessions/store.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { sessionStoreContract } from './session-store.ts';

withNatsServer(() => {
  let cluster: NatsCluster;
  const connections: Nats[] = [];
  beforeAll(async () => {
    cluster = await startNats();
  });
  afterAll(() => cluster.dispose());

  sessionStoreContract('JetStream', async () => {
    const bucket = `sessions_${randomUUID()}`;
    const stores: SessionStore[] = [];
    return {
      async open() {
        const nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
        connections.push(nats);
        const store = await createJetStreamSessionStore({ nats, bucket, replicas: 1, maxDays: 90 });
        stores.push(store);
        return store;
      },
      async dispose() {
        await Promise.all(stores.splice(0).map((store) => store.close()));
        await Promise.all(connections.splice(0).map((nats) => nats.close()));
      },
    };
  });
});
