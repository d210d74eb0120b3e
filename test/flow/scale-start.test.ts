import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { connectNats } from '../../src/store/nats.ts';
import type { Gateway } from '../support/gateway.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  overSse,
  postCasso,
  startNews,
} from '../support/news.ts';
import { openPeer } from './jetstream-support.ts';

withNatsServer(() => {
  describe('a gateway on NATS', () => {
    let cluster: NatsCluster;
    let gateway: Gateway;
    beforeAll(async () => {
      cluster = await startNats();
      gateway = await startNews({ env: { STORE_URL: cluster.url } });
    });
    afterAll(async () => {
      await gateway.stop();
      await cluster.dispose();
    });

    test('is ready, logs in, answers queries, and tells subscribers of a webhook', async () => {
      expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
      const token = await gateway.logIn();
      const { data } = await gateway.ask(
        '{ viewer { __typename } bankAccounts { nodes { id } } }',
        {},
        token,
      );
      expect(data?.['bankAccounts'].nodes.length).toBeGreaterThan(0);
      const open = await overSse(
        gateway.url,
        BANK_EVENTS,
        {
          after: await eventCursor(gateway, token),
        },
        token,
      );
      const { data: accounts } = await gateway.ask('{ bankAccounts { nodes { accountNumber } } }', {}, token);
      const number = accounts?.['bankAccounts'].nodes[0].accountNumber;
      const answer = await postCasso(
        gateway,
        cassoBody(cassoRow(900_001, { bank_sub_acc_id: number, subAccId: number })),
      );
      expect(answer.status).toBe(200);
      expect(idsOf(await open.feed.events(1))).toEqual(['900001']);
      await open.close();
    });
  });

  describe('a start', () => {
    test('stops at a stream with other settings, naming each with its cure, and changes nothing', async () => {
      const cluster = await startNats();
      const nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
      const jsm = await jetstreamManager(nats.connection);
      await jsm.streams.add({ name: 'MEKONG_EVENTS', subjects: ['MEKONG_EVENTS.>'], storage: 'memory' });
      const before = (await jsm.streams.info('MEKONG_EVENTS')).config;
      const starting = startNews({ env: { STORE_URL: cluster.url } });
      await expect(starting).rejects.toThrow(
        /MEKONG_EVENTS has other settings: .*storage is "memory", must be "file"; .*max_age is unlimited, must be 30 d; .*max_msgs_per_subject is -1, must be 1; .*Nothing was changed\. Change the stream .*EVENT_RETENTION_DAYS/,
      );
      expect((await jsm.streams.info('MEKONG_EVENTS')).config).toEqual(before);
      await nats.close();
      await cluster.dispose();
    });

    test('stops when more replicas are asked for than there are servers', async () => {
      const cluster = await startNats();
      await expect(startNews({ env: { STORE_URL: cluster.url, NATS_REPLICAS: '3' } })).rejects.toThrow(
        'JetStream refused: replicas > 1 not supported in non-clustered mode',
      );
      await cluster.dispose();
    });

    test('of several processes at once makes one log, whose cursors they agree on', async () => {
      const cluster = await startNats();
      const peers = await Promise.all([1, 2, 3, 4].map(() => openPeer(cluster.url, 'EVENTS')));
      expect(new Set(peers.map(({ log }) => log.epochAt(1))).size).toBe(1);
      expect(await Promise.all(peers.map(({ log }) => log.end()))).toEqual([0, 0, 0, 0]);
      await Promise.all(peers.map((peer) => peer.close()));
      await cluster.dispose();
    });

    test('without a server stops with where it looked, never with the password', async () => {
      const password = randomUUID();
      const starting = startNews({ env: { STORE_URL: `nats://shop:${password}@127.0.0.1:1` } });
      await expect(starting).rejects.toThrow('NATS cannot be reached at 127.0.0.1:1: ');
      await expect(starting).rejects.not.toThrow(password);
    });
  });
});
