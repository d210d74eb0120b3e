import { cp, rm } from 'node:fs/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeEventCursor, encodeEventCursor } from '../../src/events/cursor.ts';
import type { EventLog } from '../../src/events/log.ts';
import { bongloyEvent, keysOf, readAll } from '../support/events.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { openPeer } from './jetstream-support.ts';

const STREAM = 'EVENTS';

withNatsServer(() => {
  let cluster: NatsCluster;
  beforeAll(async () => {
    cluster = await startNats();
  });
  afterAll(() => cluster.dispose());

  async function withLog<T>(work: (log: EventLog) => Promise<T>): Promise<T> {
    const peer = await openPeer(cluster.url, STREAM);
    try {
      return await work(peer.log);
    } finally {
      await peer.close();
    }
  }
  const append = (log: EventLog) => log.append([bongloyEvent()]);

  test('a stream that was put back from an old copy answers cursors of what it lost with CURSOR_EXPIRED, once its description is a new one', async () => {
    const [server] = cluster.servers;
    if (!server) throw new Error('there is no server');
    const kept = await withLog(async (log) => {
      await append(log);
      return keysOf(await readAll(log, 0));
    });
    await server.stop();
    await cp(server.folder, `${server.folder}-copy`, { recursive: true });
    await server.restart();
    const cursor = await withLog(async (log) => {
      const [lost] = await append(log);
      return encodeEventCursor(log, lost?.position ?? 0);
    });
    await server.stop();
    await rm(server.folder, { recursive: true });
    await cp(`${server.folder}-copy`, server.folder, { recursive: true });
    await server.restart();

    // As `nats stream edit --description`, before a gateway starts.
    const peer = await openPeer(cluster.url, 'OTHER');
    const jsm = await jetstreamManager(peer.nats.connection);
    const description = 'The event log of Mekong. Its cursors hold this: 0123456789abcdef';
    await jsm.streams.update(STREAM, { description });
    await peer.close();

    await withLog(async (log) => {
      // The position is given again, to another event.
      await append(log);
      await append(log);
      expect(keysOf(await readAll(log, 0)).slice(0, 1)).toEqual(kept);
      await expect(decodeEventCursor(cursor, log, 'after')).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
      const own = encodeEventCursor(log, 2);
      expect(await decodeEventCursor(own, log, 'after')).toBe(2);
    });
  });
});
