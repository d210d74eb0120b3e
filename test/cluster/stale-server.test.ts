import { randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeEventCursor, encodeEventCursor } from '../../src/events/cursor.ts';
import { createJetStreamEventLog } from '../../src/events/jetstream.ts';
import { openEventStream } from '../../src/events/jetstream-stream.ts';
import { type EventLog, LogUnavailable } from '../../src/events/log.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createJetStreamSessionStore } from '../../src/sessions/jetstream.ts';
import type { SessionStore } from '../../src/sessions/store.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';
import { openBucket } from '../../src/store/nats-bucket.ts';
import { watchQuorum } from '../../src/store/nats-quorum.ts';
import { bongloyEvent, keysOf, readAll } from '../support/events.ts';
import { type NatsCluster, type NatsServer, startNats, withNatsServer } from '../support/nats-server.ts';

const logger = createLogger('silent');
const replicas = 3;

/** A gateway's log and sessions, which stay with their server. */
interface Stores {
  readonly nats: Nats;
  readonly log: EventLog;
  readonly sessions: SessionStore;
  close(): Promise<void>;
}

async function openStores({ url }: NatsServer): Promise<Stores> {
  const nats = await connectNats({ url, logger });
  const quorum = watchQuorum({
    nats,
    bucket: await openBucket({ nats, name: 'state', replicas }),
    logger,
  });
  quorum.stop();
  const stream = await openEventStream({ nats, name: 'EVENTS', replicas, retentionDays: 30, quorum });
  const log = await createJetStreamEventLog({ nats, stream });
  const sessions = await createJetStreamSessionStore({
    nats,
    bucket: 'sessions',
    replicas,
    maxDays: 90,
    quorum,
  });
  return {
    nats,
    log,
    sessions,
    async close() {
      await sessions.close();
      await log.close();
      await nats.close();
    },
  };
}

withNatsServer(() => {
  describe('a gateway whose server leads the others, is cut off, and does not know it yet', () => {
    let cluster: NatsCluster;
    let here: Stores;
    let there: Stores;
    let cutOff: NatsServer;
    beforeAll(async () => {
      cluster = await startNats(3, [], 'severable');
      const [first, second] = cluster.servers;
      if (!first || !second) throw new Error('there are no servers');
      cutOff = first;
      here = await openStores(first);
      there = await openStores(second);
    }, 60_000);
    afterAll(async () => {
      await Promise.all([here.close(), there.close()]);
      await cluster.dispose();
    });

    test('calls no cursor expired and no session unknown that the others have, and knows both when it is back', async () => {
      await cluster.mend();
      await leads(cutOff, 'EVENTS');
      await leads(cutOff, 'KV_sessions');
      cluster.cut(cutOff, 'silent');

      const row = { id: randomBytes(32).toString('hex'), createdAt: 1, expiresAt: 2, sealed: '' };
      await Promise.all([
        insist(() => there.sessions.create(row)),
        insist(() => there.log.append([bongloyEvent()])),
      ]);
      const position = await there.log.end();
      await expect(here.log.read(position, 10)).rejects.toThrow(LogUnavailable);
      const cursor = encodeEventCursor(there.log, position);
      await expect(decodeEventCursor(cursor, here.log, 'after')).rejects.toThrow(LogUnavailable);
      await expect(here.sessions.get(row.id)).rejects.toThrow();

      await cluster.mend();
      await insist(() => here.log.read(position, 10));
      await expect
        .poll(() => here.sessions.get(row.id).catch(() => null), { timeout: 30_000 })
        .toMatchObject(row);
    }, 120_000);

    test('reads pages of the log while another server is cut off by silence', async () => {
      await cluster.mend();
      const [, leading, follower] = cluster.servers;
      if (!leading || !follower) throw new Error('there are no servers');
      await leads(leading, 'EVENTS');
      const after = await there.log.end();
      const events = Array.from({ length: 300 }, () => bongloyEvent());
      await there.log.append(events);
      // Beside the one for the whole API, its copy has one, and gets its share of what is asked.
      const subscriptions = () => follower.subscriptions('$JS.API.DIRECT.GET.EVENTS');
      await expect.poll(subscriptions, { timeout: 20_000 }).toBe(2);
      cluster.cut(follower, 'silent');
      expect(keysOf(await readAll(there.log, after))).toEqual(keysOf(events));
    }, 60_000);

    /** Elections until it is so. */
    async function leads(server: NatsServer, stream: string): Promise<void> {
      const jsm = await jetstreamManager(there.nats.connection, { checkAPI: false });
      const leader = async () => (await jsm.streams.info(stream).catch(() => null))?.cluster?.leader;
      while ((await leader()) !== server.name) {
        await there.nats.connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`).catch(() => {});
        await expect.poll(leader, { timeout: 20_000 }).toBeTruthy();
      }
    }
  });
});

/** As often as it takes. */
async function insist(step: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const done = await step().then(
      () => true,
      () => false,
    );
    if (done) return;
  }
}
