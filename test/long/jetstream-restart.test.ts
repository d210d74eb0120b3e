import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeEventCursor, encodeEventCursor } from '../../src/events/cursor.ts';
import { LogUnavailable } from '../../src/events/log.ts';
import { deliver, openPeer, type Peer } from '../flow/jetstream-support.ts';
import { bankEvent, bankEvents, bongloyEvent, keysOf, readAll, startFollower } from '../support/events.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

withNatsServer(() => {
  describe('the only server is killed with -9 and comes back', () => {
    let cluster: NatsCluster;
    let peer: Peer;
    beforeEach(async () => {
      cluster = await startNats();
      peer = await openPeer(cluster.url, 'EVENTS');
    });
    afterEach(async () => {
      await peer.close();
      await cluster.dispose();
    });

    test('under load: nothing acknowledged is lost or doubled, and followers go on where they were', async () => {
      const [server] = cluster.servers;
      const follower = startFollower(peer.log, 0);
      const acknowledged: string[] = [];
      const over = new AbortController();
      const writers = Array.from({ length: 8 }, async () => {
        while (!over.signal.aborted) {
          const events = [bongloyEvent(), bongloyEvent()];
          await deliver(peer.log, events);
          acknowledged.push(...keysOf(events));
        }
      });
      await follower.takeUntil(300);
      await server?.kill();
      await server?.restart();
      await follower.takeUntil(follower.seen.length + 600);
      over.abort();
      await Promise.all(writers);
      const keys = keysOf(await readAll(peer.log, 0));
      expect(keys.toSorted()).toEqual(acknowledged.toSorted());
      expect(keysOf(await follower.takeUntil(keys.length))).toEqual(keys);
      follower.abort();
    });

    test('after its stream was edited: cursors stay good, here and in a new process', async () => {
      const [server] = cluster.servers;
      await peer.log.append(bankEvents(3));
      const cursor = encodeEventCursor(peer.log, 2);
      const crash = async () => {
        await server?.kill();
        await server?.restart();
        await expect.poll(() => peer.log.end().catch(String), { timeout: 10_000 }).toBe(3);
      };
      await crash();
      const jsm = await jetstreamManager(peer.nats.connection);
      for (const days of [40, 30]) await jsm.streams.update('EVENTS', { max_age: days * 86_400e9 });
      await crash();
      expect(await decodeEventCursor(cursor, peer.log, 'after')).toBe(2);
      const next = await openPeer(cluster.url, 'EVENTS');
      expect(await decodeEventCursor(cursor, next.log, 'after')).toBe(2);
      await next.close();
    });

    test('while it is away the log says so, and a follower that has to catch up waits instead of failing', async () => {
      const [server] = cluster.servers;
      const history = bankEvents(5);
      await peer.log.append(history);
      await server?.kill();
      const lost = bankEvent();
      const follower = startFollower(peer.log, 0);
      const waiting = follower.takeUntil(6);
      const away = [peer.log.end(), peer.log.trimmedTo(), peer.log.read(0, 10), peer.log.append([lost])];
      const failures = await Promise.all(away.map((call) => Promise.resolve(call).catch((e: unknown) => e)));
      for (const failure of failures) expect(failure).toBeInstanceOf(LogUnavailable);

      const left = startFollower(peer.log, 1);
      const leaving = left.take();
      await left.leave();
      expect(await leaving).toBe(false);

      await server?.restart();
      await deliver(peer.log, [lost]);
      expect(keysOf(await waiting)).toEqual([...keysOf(history), lost.key]);
      expect(await readAll(peer.log, 0)).toHaveLength(6);
      follower.abort();
    });
  });
});
