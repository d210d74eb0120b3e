import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { createJetStreamAsideStore } from '../../src/aside/jetstream.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { asideStoreContract } from './aside-store.ts';

withNatsServer(() => {
  let cluster: NatsCluster;
  const connections: Nats[] = [];
  beforeAll(async () => {
    cluster = await startNats();
  });
  afterAll(() => cluster.dispose());

  asideStoreContract('JetStream', async () => {
    const name = `aside_${randomUUID()}`;
    return {
      async open(limit) {
        const nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
        connections.push(nats);
        return createJetStreamAsideStore({ nats, name, replicas: 1, ...(limit && { limit }) });
      },
      async dispose() {
        await Promise.all(connections.splice(0).map((nats) => nats.close()));
      },
    };
  });
});
