import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { BUDGET_TTL } from '../../src/store/budgets.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';
import { openBucket } from '../../src/store/nats-bucket.ts';
import { createNatsBudgetStore } from '../../src/store/nats-budgets.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { budgetStoreContract } from './budget-store.ts';

withNatsServer(() => {
  let cluster: NatsCluster;
  const connections: Nats[] = [];
  beforeAll(async () => {
    cluster = await startNats();
  });
  afterAll(() => cluster.dispose());

  budgetStoreContract('JetStream', async () => {
    const name = `budgets_${randomUUID()}`;
    return {
      async open() {
        const nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
        connections.push(nats);
        return createNatsBudgetStore(await openBucket({ nats, name, replicas: 1, ttl: BUDGET_TTL }));
      },
      async dispose() {
        await Promise.all(connections.splice(0).map((nats) => nats.close()));
      },
    };
  });
});
