import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CursorExpired } from '../../src/events/log.ts';
import { newestEvents, positionAt } from '../../src/events/seek.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { openPeer, type Peer } from '../flow/jetstream-support.ts';
import { appendEach, bongloyEvent, keysOf, NOW, startFollower } from '../support/events.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

const STREAM = 'EVENTS';

withNatsServer(() => {
  describe('an event that went out of the middle of the stream', () => {
    const events = Array.from({ length: 9 }, (_, n) => bongloyEvent({ key: `event-${n + 1}` }));
    const keys = keysOf(events);
    const lines: object[] = [];
    const logger = createLogger('error', { write: (line) => void lines.push(JSON.parse(line)) });
    let cluster: NatsCluster;
    let peer: Peer;

    beforeAll(async () => {
      cluster = await startNats();
      peer = await openPeer(cluster.url, STREAM);
      for (const event of events) await appendEach(peer.log, [event]);
      const jsm = await jetstreamManager(peer.nats.connection);
      await jsm.streams.purge(STREAM, { filter: `${STREAM}.BONGLOY.event-5` });
      // What this process remembers of it goes with it.
      await peer.close();
      peer = await openPeer(cluster.url, STREAM, 1, logger);
    });
    afterAll(async () => {
      await peer.close();
      await cluster.dispose();
    });

    test('is not passed over: who has not got that far is told after what is before it, the operator once', async () => {
      await Promise.all(
        [0, 2, 4].map(async (after) => {
          const follower = startFollower(peer.log, after);
          expect(keysOf(await follower.takeUntil(4 - after))).toEqual(keys.slice(after, 4));
          await expect(follower.take()).rejects.toThrow(CursorExpired);
        }),
      );
      expect(lines).toEqual([
        expect.objectContaining({
          position: 5,
          msg: 'an event is gone from the middle of the log: cursors before it are expired',
        }),
      ]);
    });

    test('concerns nobody who is past it', async () => {
      const follower = startFollower(peer.log, 5);
      expect(keysOf(await follower.takeUntil(4))).toEqual(keys.slice(5));
      follower.abort();
    });

    test('says from where on nothing is missing', async () => {
      await expect(peer.log.read(4, 10)).rejects.toMatchObject({ trimmedTo: 5 });
    });

    test('is passed over by whoever asks for what is kept, without a place to go on from', async () => {
      const [newest, since] = await Promise.all([newestEvents(peer.log, 9), positionAt(peer.log, NOW)]);
      expect(keysOf(newest)).toEqual(keys.toSpliced(4, 1));
      expect(since).toBe(0);
    });

    test('does not keep older ones from being forgotten', async () => {
      await peer.log.trim(Number.POSITIVE_INFINITY);
      expect(await peer.log.trimmedTo()).toBe(9);
    });
  });
});
