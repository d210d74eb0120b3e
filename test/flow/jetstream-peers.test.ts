import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { appendEach, bankEvents, bongloyEvent, keysOf, readAll, startFollower } from '../support/events.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { openPeer, type Peer } from './jetstream-support.ts';

withNatsServer(() => {
  describe('two gateways on one stream', () => {
    let cluster: NatsCluster;
    let stream: string;
    let one: Peer;
    let other: Peer;
    beforeAll(async () => {
      cluster = await startNats();
    });
    afterAll(() => cluster.dispose());
    beforeEach(async () => {
      stream = `EVENTS_${randomUUID()}`;
      one = await openPeer(cluster.url, stream);
      other = await openPeer(cluster.url, stream);
    });
    afterEach(() => Promise.all([one.close(), other.close()]));

    test('are the same log: a cursor of one is good at the other', async () => {
      expect(other.log.epochAt(1)).toBe(one.log.epochAt(1));
      const [first] = await appendEach(one.log, bankEvents(1));
      const follower = startFollower(other.log, first ?? 0);
      const [later] = bankEvents(1);
      await one.log.append(later ? [later] : []);
      expect(keysOf(await follower.takeUntil(1))).toEqual([later?.key]);
      follower.abort();
    });

    test('whoever watches at one is told of what the other took in, before it can be followed or read here', async () => {
      const told = new Set<string>();
      other.log.watch(({ key }) => void told.add(key));
      const follower = startFollower(other.log, 0);
      for (const event of bankEvents(20)) {
        const [result] = await one.log.append([event]);
        const { events } = await other.log.read((result?.position ?? 0) - 1, 1);
        expect(keysOf(events).filter((key) => !told.has(key))).toEqual([]);
        const followed = await follower.takeUntil(result?.position ?? 0);
        expect(keysOf(followed).filter((key) => !told.has(key))).toEqual([]);
      }
      expect(told.size).toBe(20);
      follower.abort();
    });

    test('that append at once keep one order, which the followers of both see', async () => {
      const followers = [one, other, one, other].map(({ log }) => startFollower(log, 0));
      const watching = followers.map((follower) => follower.takeUntil(600));
      for (let round = 0; round < 6; round += 1) {
        await Promise.all([appendEach(one.log, bankEvents(50)), appendEach(other.log, bankEvents(50))]);
      }
      const read = await readAll(one.log, 0);
      expect(read).toHaveLength(600);
      for (const seen of await Promise.all(watching)) expect(seen).toEqual(read);
      for (const follower of followers) follower.abort();
    });

    test('that get the same deliveries keep each event once, and both are told its one place', async () => {
      const events = bankEvents(60);
      const deliveries = Array.from({ length: 20 }, (_, n) => events.slice(n * 3, n * 3 + 3));
      const [byOne, byOther] = await Promise.all(
        [one, other].map(async ({ log }) => (await Promise.all(deliveries.map((d) => log.append(d)))).flat()),
      );
      expect(byOne?.map(({ position }) => position)).toEqual(byOther?.map(({ position }) => position));
      const added = [...(byOne ?? []), ...(byOther ?? [])].filter(({ duplicate }) => !duplicate);
      expect(added).toHaveLength(60);
      expect(keysOf(await readAll(other.log, 0)).toSorted()).toEqual(keysOf(events).toSorted());
    });

    test('take keys of any characters for what they are', async () => {
      const keys = ['a.b', 'a.b.c', 'a*', '>', 'a b', 'a%2eb', 'A.B', 'ẩ', ''].map((key) => `${key}:`);
      const events = keys.map((key) => bongloyEvent({ key }));
      await one.log.append(events);
      expect((await other.log.append(events)).every(({ duplicate }) => duplicate)).toBe(true);
      expect(keysOf(await readAll(one.log, 0))).toEqual(keys);
    });

    test('refuse an event that the servers would never take, and keep nothing of its delivery', async () => {
      const events = [bongloyEvent(), bongloyEvent({ type: 'x'.repeat(1_100_000) })];
      await expect(one.log.append(events)).rejects.toThrow('max_payload');
      expect(await one.log.end()).toBe(0);
    });

    test('do not start on a stream with other settings: the error names each, and the stream stays as it is', async () => {
      const jsm = await jetstreamManager(one.nats.connection);
      const name = `OLD_${randomUUID()}`;
      await jsm.streams.add({
        name,
        subjects: [`${name}.>`],
        storage: 'memory',
        max_age: 86_400_000_000_000,
      });
      const before = (await jsm.streams.info(name)).config;
      const failure = await openPeer(cluster.url, name).catch((error: unknown) => error);
      expect(String(failure)).toContain(`the JetStream stream ${name} has other settings`);
      expect(String(failure)).toContain('max_age is 1 d, must be 30 d');
      expect(String(failure)).toContain('storage is "memory", must be "file"');
      expect(String(failure)).toContain('discard is "old", must be "new"');
      expect(String(failure)).toContain('max_msgs_per_subject is -1, must be 1');
      expect((await jsm.streams.info(name)).config).toEqual(before);
    });
  });
});
