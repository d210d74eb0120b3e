import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { connectNats } from '../../src/store/nats.ts';
import { openBucket } from '../../src/store/nats-bucket.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

/** Of a race that was lost in about one start of ten. */
const ROUNDS = 20;

withNatsServer(() => {
  describe('a start on a cluster that lacks a server', () => {
    let cluster: NatsCluster;
    beforeAll(async () => {
      cluster = await startNats(3);
      await cluster.servers[2]?.stop();
    }, 60_000);
    afterAll(() => cluster.dispose());

    const connect = (replicas: number) =>
      connectNats({ url: cluster.url, replicas, logger: createLogger('silent') });

    test('for good is told what JetStream says', async () => {
      const nats = await connect(5);
      await expect(openBucket({ nats, name: 'FIVE', replicas: 5 })).rejects.toThrow(
        'JetStream refused: no suitable peers for placement',
      );
      await nats.close();
    }, 40_000);

    test('which is still to come waits for it', async () => {
      const nats = await connect(3);
      const jsm = await jetstreamManager(nats.connection);
      const now = jsm.streams.add({ name: 'NOW', subjects: ['now'], num_replicas: 3 });
      await expect(now).rejects.toThrow('no suitable peers for placement');
      const [bucket] = await Promise.all([
        openBucket({ nats, name: 'THREE', replicas: 3 }),
        cluster.servers[2]?.restart(),
      ]);
      await bucket.put('key', 'value');
      expect(await bucket.get('key')).toMatchObject({ value: 'value' });
      await nats.close();
    }, 40_000);
  });

  describe('starts on a cluster at once', () => {
    test('of a gateway at each server all find what one of them makes', async () => {
      const cluster = await startNats(3);
      const connections = await Promise.all(
        cluster.servers.map(({ url }) => connectNats({ url, replicas: 3, logger: createLogger('silent') })),
      );
      for (let round = 0; round < ROUNDS; round += 1) {
        const name = `ROUND_${round}`;
        await Promise.all(connections.map((nats) => openBucket({ nats, name, replicas: 3 })));
      }
      await Promise.all(connections.map((nats) => nats.close()));
      await cluster.dispose();
    }, 60_000);
  });
});
