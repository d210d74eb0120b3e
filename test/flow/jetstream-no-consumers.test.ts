import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJetStreamSessionStore } from '../../src/sessions/jetstream.ts';
import { bongloyEvent, keysOf, startFollower } from '../support/events.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { openPeer } from './jetstream-support.ts';

/** As a cluster is for a while that has no leader to make consumers, or one whose limit of consumers is reached. */
const NO_CONSUMERS = `authorization {
  users: [{ user: gateway, password: secret, permissions: { publish: { deny: ["$JS.API.CONSUMER.CREATE.>"] } } }]
}`;

withNatsServer(() => {
  describe('on servers that make no consumers', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mekong-no-consumers-'));
    let cluster: NatsCluster;
    let url: string;
    beforeAll(async () => {
      const config = join(folder, 'nats.conf');
      writeFileSync(config, NO_CONSUMERS);
      cluster = await startNats(1, ['-c', config]);
      url = cluster.url.replace('nats://', 'nats://gateway:secret@');
    });
    afterAll(async () => {
      await cluster.dispose();
      rmSync(folder, { recursive: true });
    });

    test('followers get every event once and in order, whichever process appends it', async () => {
      const peers = [await openPeer(url, 'EVENTS'), await openPeer(url, 'EVENTS')] as const;
      const followers = peers.map(({ log }) => startFollower(log, 0));
      const events = Array.from({ length: 24 }, () => bongloyEvent());
      for (const [n, event] of events.entries()) await peers[n % 2 === 0 ? 0 : 1].log.append([event]);
      for (const follower of followers) {
        expect(keysOf(await follower.takeUntil(events.length))).toEqual(keysOf(events));
        follower.abort();
      }
      await Promise.all(peers.map((peer) => peer.close()));
    });

    test('a logout at one process is heard of at the others', async () => {
      const peers = [await openPeer(url, 'OTHERS'), await openPeer(url, 'OTHERS')] as const;
      const options = { bucket: 'sessions', replicas: 1, maxDays: 90 };
      const here = await createJetStreamSessionStore({ nats: peers[0].nats, ...options });
      const there = await createJetStreamSessionStore({ nats: peers[1].nats, ...options });
      const id = 'a'.repeat(64);
      await here.create({ id, createdAt: 1, expiresAt: Date.now() + 60_000, sealed: '' });
      const changes: unknown[] = [];
      there.watch((change) => changes.push(change));
      await here.delete(id);
      await expect.poll(() => changes, { timeout: 10_000 }).toContainEqual(expect.objectContaining({ id }));
      await Promise.all([here.close(), there.close()]);
      await Promise.all(peers.map((peer) => peer.close()));
    });
  });
});
