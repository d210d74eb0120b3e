import { createHash, randomUUID } from 'node:crypto';
import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toRow } from '../../src/events/jetstream-append.ts';
import { LogUnavailable } from '../../src/events/log.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createJetStreamSessionStore } from '../../src/sessions/jetstream.ts';
import { createSessionEnds } from '../../src/sessions/session-ends.ts';
import type { SessionChange, SessionStore } from '../../src/sessions/store.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';
import { bongloyEvent, keysOf, readAll, startFollower } from '../support/events.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { openPeer } from './jetstream-support.ts';

const newRow = () => ({
  id: createHash('sha256').update(randomUUID()).digest('hex'),
  createdAt: Date.now(),
  expiresAt: Date.now() + 60_000,
  sealed: 'sealed',
});

withNatsServer(() => {
  let cluster: NatsCluster;
  let nats: Nats;
  beforeAll(async () => {
    cluster = await startNats();
    nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
  });
  afterAll(async () => {
    await nats.close();
    await cluster.dispose();
  });
  const manager = () => jetstreamManager(nats.connection);

  describe('a bucket of sessions that was deleted and made again while a gateway runs', () => {
    const bucket = 'replaced';
    const open = () => createJetStreamSessionStore({ nats, bucket, replicas: 1, maxDays: 90 });
    let running: SessionStore;
    let restarted: SessionStore;
    const heard: SessionChange[] = [];
    const ended: string[] = [];
    const lost = newRow();

    beforeAll(async () => {
      running = await open();
      running.watch((change) => heard.push(change));
      // So many that the new bucket does not reach this revision for a long time.
      for (let n = 0; n < 20; n += 1) await running.create(newRow());
      await running.create(lost);
      createSessionEnds(running).listen(lost.id, () => ended.push(lost.id));
      await (await manager()).streams.delete(`KV_${bucket}`);
      restarted = await open();
    });
    afterAll(() => Promise.all([running.close(), restarted.close()]));

    test('says that any session may have changed, and ends those that are gone', async () => {
      await expect.poll(() => heard, { timeout: 10_000 }).toContainEqual({ kind: 'unknown' });
      await expect.poll(() => ended, { timeout: 10_000 }).toEqual([lost.id]);
    });

    test('hears of a logout on the other gateway', async () => {
      const row = await restarted.create(newRow());
      expect(await running.get(row.id)).toMatchObject({ sealed: 'sealed' });
      await restarted.delete(row.id);
      await expect.poll(() => heard, { timeout: 5_000 }).toContainEqual({ id: row.id, kind: 'deleted' });
    });
  });

  test('a stream of events that was deleted and made again tells a running gateway nothing under the old cursors', async () => {
    const before = await openPeer(cluster.url, 'MADE_AGAIN');
    await before.log.append([bongloyEvent()]);
    const follower = startFollower(before.log, 0);
    await follower.takeUntil(1);
    await (await manager()).streams.delete('MADE_AGAIN');
    const after = await openPeer(cluster.url, 'MADE_AGAIN');
    await after.log.append([bongloyEvent(), bongloyEvent()]);
    await expect(before.log.read(0, 10)).rejects.toThrow(LogUnavailable);
    await expect(before.log.end()).rejects.toThrow('the stream of the event log was replaced');
    expect(follower.seen).toHaveLength(1);
    await follower.leave();
    await Promise.all([before.close(), after.close()]);
  });

  describe('what is no event in the stream of events', () => {
    const stream = 'FOREIGN';

    test.each([
      ['nothing', ''],
      ['no JSON', 'hello'],
      ['another JSON', '{"a":1}'],
      ['a list', '[]'],
      ['null', 'null'],
    ])('ends no reader and no follower: %s', async (_what, payload) => {
      const peer = await openPeer(cluster.url, stream);
      const { log, nats: own } = peer;
      const start = await log.end();
      const follower = startFollower(log, start);
      const [first, second] = [bongloyEvent(), bongloyEvent()];
      await log.append([first]);
      own.connection.publish(`${stream}.OTHER.${randomUUID()}`, payload);
      await own.connection.flush();
      await log.append([second]);
      expect(keysOf(await follower.takeUntil(2))).toEqual(keysOf([first, second]));
      expect(keysOf(await readAll(log, start))).toEqual(keysOf([first, second]));
      await follower.leave();
      await peer.close();
    });

    test('does not pass for an event: one whose subject it holds is refused rather than called a duplicate', async () => {
      const peer = await openPeer(cluster.url, stream);
      const { log, nats: own } = peer;
      const event = bongloyEvent();
      own.connection.publish(toRow(stream, event).subject, '');
      await own.connection.flush();
      await expect(log.append([event])).rejects.toThrow(LogUnavailable);
      await peer.close();
    });
  });

  describe('a setting that would break what the gateway promises stops the start, and is named', () => {
    const DANGEROUS: readonly Partial<StreamConfig>[] = [
      { allow_rollup_hdrs: true },
      { no_ack: true },
      { sources: [{ name: 'elsewhere' }] },
      { subject_transform: { src: '>', dest: 'x.>' } },
      { max_msgs_per_subject: 2 },
      { deny_delete: false },
      { discard: 'old' },
    ];

    test.each(DANGEROUS.map((setting) => [Object.keys(setting)[0] ?? '', setting] as const))(
      '%s',
      async (name, setting) => {
        const stream = `SET_${name.toUpperCase()}`;
        const peer = await openPeer(cluster.url, `${stream}_GOOD`);
        const good = (await (await manager()).streams.info(`${stream}_GOOD`)).config;
        await peer.close();
        await (await manager()).streams.add({
          ...good,
          name: stream,
          subjects: [`${stream}.>`],
          ...(name === 'discard' && { discard_new_per_subject: false }),
          ...setting,
        });
        await expect(openPeer(cluster.url, stream)).rejects.toThrow(
          new RegExp(`${stream} has other settings: .*${name} is .*must`),
        );
      },
    );

    test('what is the choice of the operator does not', async () => {
      const stream = 'CHOSEN';
      await (await openPeer(cluster.url, stream)).close();
      await (await manager()).streams.update(stream, {
        description: 'Ours',
        max_bytes: 1e9,
        metadata: { team: 'payments' },
      });
      await (await openPeer(cluster.url, stream)).close();
    });
  });
});
