import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJetStreamReconcileState } from '../../src/events/jetstream-reconcile-state.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createJetStreamSessionStore } from '../../src/sessions/jetstream.ts';
import type { SessionChange } from '../../src/sessions/store.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';
import { openBucket } from '../../src/store/nats-bucket.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

withNatsServer(() => {
  describe('what gateways share in buckets', () => {
    let cluster: NatsCluster;
    let one: Nats;
    let other: Nats;
    beforeAll(async () => {
      cluster = await startNats();
      one = await connectNats({ url: cluster.url, logger: createLogger('silent') });
      other = await connectNats({ url: cluster.url, logger: createLogger('silent') });
    });
    afterAll(async () => {
      await Promise.all([one.close(), other.close()]);
      await cluster.dispose();
    });

    const newRow = () => ({
      id: createHash('sha256').update(randomUUID()).digest('hex'),
      createdAt: Date.now(),
      expiresAt: Date.now() + 60_000,
      sealed: 'sealed',
    });

    test('a session that ends on one gateway is told on the other within a second, also after the server restarted', async () => {
      const options = { bucket: 'sessions', replicas: 1, maxDays: 90 };
      const here = await createJetStreamSessionStore({ nats: one, ...options });
      const there = await createJetStreamSessionStore({ nats: other, ...options });
      const told = (): Promise<SessionChange> =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('nothing was told')), 1_000);
          const stop = there.watch((change) => {
            clearTimeout(timer);
            stop();
            resolve(change);
          });
        });

      const [first, second] = [await here.create(newRow()), await here.create(newRow())];
      const [, change] = await Promise.all([here.delete(first.id), told()]);
      expect(change).toEqual({ id: first.id, kind: 'deleted' });

      const [server] = cluster.servers;
      await server?.kill();
      await server?.restart();
      await here.replace({ ...second, sealed: 'again' }, second.version);
      expect(await there.get(second.id)).toMatchObject({ sealed: 'again' });
      const isTold = async (): Promise<boolean> => {
        const { id } = await here.create(newRow());
        const telling = told().then(
          (told) => told.kind === 'deleted' && told.id === id,
          () => false,
        );
        await here.delete(id);
        return telling;
      };
      await expect.poll(isTold, { timeout: 10_000 }).toBe(true);
      await Promise.all([here.close(), there.close()]);
    });

    test('what reconciliation has compared is kept for its log alone, and by all gateways', async () => {
      const bucket = await openBucket({ nats: one, name: 'state', replicas: 1 });
      const again = await openBucket({ nats: other, name: 'state', replicas: 1 });
      const reconciled = { baseline: 3, settled: 9, settledAt: 1_000 };
      expect(await createJetStreamReconcileState(bucket, 'a').get()).toBeNull();
      await createJetStreamReconcileState(bucket, 'a').set({ ...reconciled, settled: 4 });
      await createJetStreamReconcileState(again, 'a').set(reconciled);
      expect(await createJetStreamReconcileState(bucket, 'a').get()).toEqual(reconciled);
      expect(await createJetStreamReconcileState(bucket, 'b').get()).toBeNull();
    });

    test('a bucket with other settings stops the start', async () => {
      await openBucket({ nats: one, name: 'kept', replicas: 1, ttl: 86_400_000 });
      await expect(openBucket({ nats: other, name: 'kept', replicas: 1 })).rejects.toThrow(
        'the JetStream stream KV_kept has other settings: max_age is 1 d, must be unlimited',
      );
    });
  });
});
