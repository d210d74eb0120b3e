import { randomBytes, randomUUID } from 'node:crypto';
import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { NewEvent } from '../../src/events/log.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { connectNats } from '../../src/store/nats.ts';
import { eventLogContract } from '../contract/event-log.ts';
import { deliver, openPeer, type Peer } from '../flow/jetstream-support.ts';
import { runCommand } from '../support/command.ts';
import { bongloyEvent, keysOf, readAll, startFollower } from '../support/events.ts';
import {
  BATCHING_PROGRAM,
  type NatsCluster,
  startNats,
  withBatchingNatsServer,
} from '../support/nats-server.ts';
import { startNews } from '../support/news.ts';

const delivery = (size: number): NewEvent[] => Array.from({ length: size }, () => bongloyEvent());

withBatchingNatsServer(() => {
  let cluster: NatsCluster;
  beforeAll(async () => {
    cluster = await startNats(3, [], 'direct', BATCHING_PROGRAM ?? '');
  });
  afterAll(() => cluster.dispose());

  eventLogContract('JetStream with atomic batches', async () => {
    const name = `EVENTS_${randomUUID()}`;
    const peers: Peer[] = [];
    return {
      async open() {
        const peer = await openPeer(cluster.url, name, 3);
        peers.push(peer);
        return peer.log;
      },
      async dispose() {
        await Promise.all(peers.map((peer) => peer.close()));
      },
    };
  });

  test('a delivery of several events stands together in the log, whatever else is appended at the same time', async () => {
    const peers = [await openPeer(cluster.url, 'TOGETHER', 3), await openPeer(cluster.url, 'TOGETHER', 3)];
    const deliveries = Array.from({ length: 100 }, (_, n) => delivery(1 + (n % 5)));
    const results = await Promise.all(
      deliveries.map(async (events, n) => (await peers[n % 2]?.log.append(events)) ?? []),
    );
    const kept = await readAll(peers[0]?.log ?? expect.fail(), 0);
    const keyAt = new Map(kept.map(({ position, key }) => [position, key]));
    for (const [n, events] of deliveries.entries()) {
      const positions = results[n]?.map(({ position }) => position) ?? [];
      expect(positions).toEqual(events.map((_, index) => (positions[0] ?? 0) + index));
      expect(positions.map((position) => keyAt.get(position))).toEqual(keysOf(events));
    }
    expect(kept).toHaveLength(deliveries.flat().length);
    await Promise.all(peers.map((peer) => peer.close()));
  });

  test('a delivery of which some events are known is completed, and says which were', async () => {
    const { log, ...peer } = await openPeer(cluster.url, 'COMPLETED', 3);
    const events = delivery(5);
    const known = await log.append([events[1] ?? expect.fail(), events[3] ?? expect.fail()]);
    const results = await log.append(events);
    expect(results.map(({ duplicate }) => duplicate)).toEqual([false, true, false, true, false]);
    expect([results[1]?.position, results[3]?.position]).toEqual(known.map(({ position }) => position));
    expect((await log.append(events)).every(({ duplicate }) => duplicate)).toBe(true);
    expect(keysOf(await readAll(log, 0)).toSorted()).toEqual(keysOf(events).toSorted());
    await peer.close();
  });

  test('a follower hears of a delivery at once or not at all', async () => {
    const { log, ...peer } = await openPeer(cluster.url, 'AT_ONCE', 3);
    const follower = startFollower(log, 0);
    const events = delivery(50);
    const [, seen] = await Promise.all([log.append(events), follower.takeUntil(50)]);
    expect(keysOf(seen)).toEqual(keysOf(events));
    follower.abort();
    await peer.close();
  });

  test('a delivery of more events than a batch may have is kept whole', async () => {
    const { log, ...peer } = await openPeer(cluster.url, 'LARGE', 3);
    const events = delivery(1_200);
    expect((await log.append(events)).some(({ duplicate }) => duplicate)).toBe(false);
    expect(keysOf(await readAll(log, 0))).toEqual(keysOf(events));
    await peer.close();
  });

  test.each([
    ['before the gateway starts', 'OFF_BEFORE', false],
    ['while the gateway runs', 'OFF_LATER', true],
  ])('where batches were turned off %s, deliveries are kept as before', async (_when, stream, isLater) => {
    const { nats, ...first } = await openPeer(cluster.url, stream, 3);
    const jsm = await jetstreamManager(nats.connection);
    expect((await jsm.streams.info(stream)).config.allow_atomic).toBe(true);
    await jsm.streams.update(stream, { allow_atomic: false } as Partial<StreamConfig>);
    const second = isLater ? first : await openPeer(cluster.url, stream, 3);
    const events = delivery(5);
    await second.log.append(events);
    await second.log.append(events);
    expect(keysOf(await readAll(second.log, 0))).toEqual(keysOf(events));
    if (second !== first) await second.close();
    await first.close();
  });

  test('under load, and whatever leads is killed three times, every delivery is kept whole and together', async () => {
    const peer = await openPeer(cluster.url, 'KILLED', 3);
    const jsm = await jetstreamManager(peer.nats.connection, { checkAPI: false });
    const acknowledged: (readonly string[])[] = [];
    const over = new AbortController();
    const writers = Array.from({ length: 6 }, async () => {
      while (!over.signal.aborted) {
        const events = delivery(5);
        await deliver(peer.log, events);
        acknowledged.push(keysOf(events));
      }
    });
    const acknowledgedMore = (count: number): Promise<void> => {
      const wanted = acknowledged.length + count;
      return expect.poll(() => acknowledged.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(wanted);
    };
    for (let kill = 0; kill < 3; kill += 1) {
      await acknowledgedMore(50);
      const leader = await vi.waitFor(
        async () => {
          const { cluster: raft } = await jsm.streams.info('KILLED');
          return cluster.servers.find(({ name }) => name === raft?.leader) ?? expect.fail('no leader');
        },
        { timeout: 20_000 },
      );
      await leader.kill();
      await acknowledgedMore(50);
      await leader.restart();
    }
    over.abort();
    await Promise.all(writers);
    const kept = keysOf(await readAll(peer.log, 0));
    expect(kept).toHaveLength(new Set(kept).size);
    expect(kept.toSorted()).toEqual(acknowledged.flat().toSorted());
    for (const keys of acknowledged) {
      const begin = kept.indexOf(keys[0] ?? '');
      expect(kept.slice(begin, begin + keys.length)).toEqual(keys);
    }
    await peer.close();
  }, 120_000);

  test('mekong doctor says when batches could be turned on, and how', async () => {
    const env = {
      STORE_URL: cluster.url,
      NATS_REPLICAS: '3',
      STORE_KEYS: randomBytes(32).toString('base64'),
    };
    const gateway = await startNews({ env });
    await gateway.stop();
    const hint = /can keep all or none.*Set allow_atomic on the stream MEKONG_EVENTS/s;
    expect((await runCommand(['doctor'], env)).out).not.toMatch(hint);
    const nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
    const jsm = await jetstreamManager(nats.connection);
    await jsm.streams.update('MEKONG_EVENTS', { allow_atomic: false } as Partial<StreamConfig>);
    await nats.close();
    expect((await runCommand(['doctor'], env)).out).toMatch(hint);
  }, 90_000);

  test('a stream on which messages end before their time stops the start', async () => {
    const stream = 'ENDING';
    const { nats, ...peer } = await openPeer(cluster.url, stream, 3);
    const jsm = await jetstreamManager(nats.connection);
    const dangerous: Partial<StreamConfig> = { allow_msg_ttl: true, subject_delete_marker_ttl: 60e9 };
    await jsm.streams.update(stream, dangerous);
    await peer.close();
    await expect(openPeer(cluster.url, stream, 3)).rejects.toThrow(
      /ENDING has other settings: .*allow_msg_ttl is true, must not be set; subject_delete_marker_ttl is .*must not be set/,
    );
  });
});
