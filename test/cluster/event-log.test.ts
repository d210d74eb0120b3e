import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { NewEvent } from '../../src/events/log.ts';
import { createJetStreamSessionStore } from '../../src/sessions/jetstream.ts';
import type { SessionStore } from '../../src/sessions/store.ts';
import { deliver, openPeer, type Peer } from '../flow/jetstream-support.ts';
import { bongloyEvent, keysOf, readAll, startFollower } from '../support/events.ts';
import {
  type NatsCluster,
  type NatsServer,
  startNats,
  withOldAndNewNatsServer,
} from '../support/nats-server.ts';

const WRITERS = 12;

/** Deliveries of one to three events, one after the other, until told to stop. */
async function write(
  { log }: Peer,
  isOver: () => boolean,
  onAcknowledged: (told: Told) => void,
): Promise<void> {
  for (let size = 1; !isOver(); size = (size % 3) + 1) {
    const events = Array.from({ length: size }, (): NewEvent => bongloyEvent());
    const results = await deliver(log, events);
    onAcknowledged({ keys: keysOf(events), positions: results.map(({ position }) => position) });
  }
}

interface Told {
  readonly keys: readonly string[];
  readonly positions: readonly number[];
}

/** A cluster without a leader answers nothing for a moment. */
const untilAnswered = <T>(ask: () => Promise<T>): Promise<T> => vi.waitFor(ask, { timeout: 20_000 });

withOldAndNewNatsServer((path) => {
  describe('a cluster of three', () => {
    let cluster: NatsCluster;
    let peers: readonly [Peer, Peer];
    let stream: string;
    let count = 0;
    const opened: Peer[] = [];
    beforeAll(async () => {
      cluster = await startNats(3, [], 'direct', path);
    });
    // A whole cluster and a stream of its own, whatever the test before, or its first try, has left.
    beforeEach(async () => {
      await cluster.mend();
      count += 1;
      stream = `EVENTS_${count}`;
      peers = [await openPeer(cluster.url, stream, 3), await openPeer(cluster.url, stream, 3)];
      opened.push(...peers);
    }, 60_000);
    afterAll(async () => {
      await Promise.all(opened.map((peer) => peer.close()));
      await cluster.dispose();
    });

    const leaderOf = (name: string, jsm: JetStreamManager): Promise<NatsServer> =>
      vi.waitFor(
        async () => {
          const leader = (await jsm.streams.info(name)).cluster?.leader;
          return (
            cluster.servers.find((server) => server.name === leader) ?? expect.fail('there is no leader')
          );
        },
        { timeout: 20_000 },
      );

    test('keeps each event once that two gateways append at the same moment', async () => {
      const events = Array.from({ length: 200 }, () => bongloyEvent());
      const results = await Promise.all(
        peers.map(async ({ log }) => (await Promise.all(events.map((event) => log.append([event])))).flat()),
      );
      expect(results.flat().filter(({ duplicate }) => !duplicate)).toHaveLength(200);
      expect(keysOf(await readAll(peers[0].log, 0)).toSorted()).toEqual(keysOf(events).toSorted());
    });

    test('lets one of all succeed that replace, use or delete the same at once', async () => {
      const options = { bucket: `sessions_${count}`, replicas: 3, maxDays: 90 };
      const stores = await Promise.all(
        peers.map(({ nats }) => createJetStreamSessionStore({ nats, ...options })),
      );
      const [one] = stores;
      const atOnce = <T>(step: (store: SessionStore) => Promise<T>): Promise<T[]> =>
        Promise.all(Array.from({ length: 8 }, (_, n) => stores[n % 2]).flatMap((s) => (s ? [step(s)] : [])));
      let row = await one?.create({ id: 'a'.repeat(64), createdAt: 1, expiresAt: 2, sealed: '' });
      for (let round = 0; round < 10 && row; round += 1) {
        const { version } = row;
        const standing = row;
        const replaced = (await atOnce((store) => store.replace(standing, version))).filter(Boolean);
        expect(replaced).toHaveLength(1);
        row = replaced[0] ?? undefined;
        const used = await atOnce((store) => store.useOnce(`mark ${round}`, 2));
        expect(used.filter(Boolean)).toHaveLength(1);
      }
      const deleted = await atOnce((store) => store.delete('a'.repeat(64)));
      expect(deleted.filter(Boolean)).toHaveLength(1);
      await Promise.all(stores.map((store) => store.close()));
    });

    test.each([
      ['steps down again and again', null],
      ['hangs, and goes on when another one leads,', async (server: NatsServer) => server.hang()],
      ['is killed', (server: NatsServer) => server.kill()],
    ])(
      'lets at most one succeed that change the same at once, also while its leader %s',
      async (_how, fail) => {
        const bucket = `changing_${count}`;
        const stores = await Promise.all(
          peers.map(({ nats }) => createJetStreamSessionStore({ nats, bucket, replicas: 3, maxDays: 90 })),
        );
        const [one] = stores;
        if (!one) throw new Error('there is no store');
        const jsm = await jetstreamManager(peers[0].nats.connection, { checkAPI: false });
        const trouble = async (): Promise<void> => {
          if (fail) await fail(await leaderOf(`KV_${bucket}`, jsm));
          else await peers[0].nats.connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.KV_${bucket}`);
        };
        const id = 'a'.repeat(64);
        await one.create({ id, createdAt: 1, expiresAt: 2, sealed: '' });
        for (let round = 0; round < 40; round += 1) {
          const standing = await untilAnswered(() => one.get(id));
          if (!standing) throw new Error('the row is gone');
          const values = Array.from({ length: 8 }, (_, n) => `${round}.${n}`);
          const changes = values.map((sealed, n) =>
            (stores[n % 2] ?? one).replace({ ...standing, sealed }, standing.version).catch(() => 'unknown'),
          );
          if (fail ? round === 20 : round % 2 === 0) await trouble();
          const outcomes = await Promise.all(changes);
          const winners = values.filter((_, n) => outcomes[n] !== null && outcomes[n] !== 'unknown');
          expect(winners.length, `round ${round}`).toBeLessThanOrEqual(1);
          const kept = await untilAnswered(() => one.get(id));
          if (winners.length === 1) expect(kept?.sealed).toBe(winners[0]);
          else expect(outcomes).toContain('unknown');
        }
        await cluster.mend();
        await Promise.all(stores.map((store) => store.close()));
      },
      120_000,
    );

    test.each([
      ['is killed', (server: NatsServer) => server.kill(), (server: NatsServer) => server.restart()],
      [
        'hangs, and goes on when it was given up,',
        async (server: NatsServer) => server.hang(),
        async (server: NatsServer) => server.resume(),
      ],
    ])(
      'whose leader %s under load: nothing acknowledged is lost or doubled, followers go on in order',
      async (_how, fail, recover) => {
        const start = await peers[0].log.end();
        const acknowledged: Told[] = [];
        let isOver = false;
        const followers = peers.map(({ log }) => startFollower(log, start));
        const writers = Array.from({ length: WRITERS }, (_, n) =>
          write(
            peers[n % 2 === 0 ? 0 : 1],
            () => isOver,
            (told) => acknowledged.push(told),
          ),
        );
        onTestFinished(async () => {
          isOver = true;
          for (const follower of followers) follower.abort();
          await cluster.mend();
          await Promise.all(writers);
        }, 30_000);
        const acknowledgedMore = (count: number): Promise<void> => {
          const wanted = acknowledged.length + count;
          return expect.poll(() => acknowledged.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(wanted);
        };
        await acknowledgedMore(300);

        const jsm = await jetstreamManager(peers[0].nats.connection, { checkAPI: false });
        const found = await leaderOf(stream, jsm);
        await fail(found);
        await acknowledgedMore(300);
        await recover(found);
        await acknowledgedMore(100);
        isOver = true;
        await Promise.all(writers);

        const events = await readAll(peers[0].log, start);
        const keys = keysOf(events);
        expect(keys.toSorted()).toEqual(acknowledged.flatMap((told) => told.keys).toSorted());
        const keyAt = new Map(events.map(({ position, key }) => [position, key]));
        for (const told of acknowledged) {
          expect(told.positions.map((position) => keyAt.get(position))).toEqual(told.keys);
        }
        for (const follower of followers) {
          expect(keysOf(await follower.takeUntil(keys.length))).toEqual(keys);
          follower.abort();
        }
        expect(keysOf(await readAll(peers[1].log, start))).toEqual(keys);
      },
      45_000,
    );
  });
});
