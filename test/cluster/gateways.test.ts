import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { logIn } from '../../src/sandbox/login.ts';
import { type Child, killChildren } from '../support/child.ts';
import { type Front, startFront } from '../support/front.ts';
import { ask } from '../support/gateway.ts';
import { type ProcessGateways, prepareGatewayProcesses } from '../support/gateway-process.ts';
import { type Load, startLoad } from '../support/load.ts';
import { type NatsCluster, type NatsServer, startNats, withNatsServer } from '../support/nats-server.ts';
import { ACTIVITY_EVENTS, BANK_EVENTS, overSse, overWebSocket } from '../support/news.ts';
import { type Resuming, startResuming } from '../support/resuming.ts';

const STREAM = 'MEKONG_EVENTS';
/** Webhooks a second, at most. */
const RATE = 500;
const LIMIT = 150_000;

withNatsServer(() => {
  describe('two gateways behind a load balancer, on a cluster of three', () => {
    let nats: NatsCluster;
    let connection: NatsConnection;
    let gateways: ProcessGateways;
    let children: Child[];
    let front: Front;
    let operator: string;
    let cardholder: string;
    let nextId = 10_000_000;

    beforeAll(async () => {
      nats = await startNats(3);
      gateways = await prepareGatewayProcesses({
        count: 2,
        starts: 'often',
        env: { STORE_URL: nats.url, NATS_REPLICAS: '3' },
      });
      children = await Promise.all(gateways.urls.map((_, index) => gateways.start(index)));
      front = await startFront(gateways.urls);
      connection = await connect({ servers: nats.servers.map(({ url }) => url), maxReconnectAttempts: -1 });
      operator = await gateways.operatorToken();
      cardholder = await logIn({ ...gateways, app: { url: front.url } });
    }, 120_000);
    afterAll(async () => {
      killChildren();
      await connection.close();
      await front.close();
      await gateways.remove();
      await nats.dispose();
    });

    async function streamState() {
      const jsm = await jetstreamManager(connection, { checkAPI: false });
      return (await jsm.streams.info(STREAM)).cluster;
    }
    /** A leader and two that are up to date: one may fail. */
    async function isWhole(): Promise<void> {
      await expect
        .poll(
          async () => {
            const cluster = await streamState().catch(() => undefined);
            const current = cluster?.replicas?.filter((replica) => replica.current && !replica.offline);
            return cluster?.leader ? current?.length : null;
          },
          { timeout: 60_000 },
        )
        .toBe(2);
    }
    async function leader(): Promise<NatsServer> {
      const name = (await streamState())?.leader;
      const found = nats.servers.find((server) => server.name === name);
      if (!found) throw new Error('the stream has no leader');
      return found;
    }

    /** Load and subscribers while `trouble` is made; then every subscriber must have the full sequence. */
    async function surviving(trouble: (load: Load) => Promise<void>): Promise<readonly Resuming[]> {
      await isWhole();
      const { data } = await ask<{ eventCursor: string }>(front.url, '{ eventCursor }', {}, operator);
      const after = data?.eventCursor ?? '';
      const bank = { after, query: BANK_EVENTS, token: operator, storeMayBeAway: true };
      const [one = '', other = ''] = gateways.urls;
      const subscribers = [
        startResuming({ ...bank, url: one, transport: overWebSocket }),
        startResuming({ ...bank, url: other, transport: overSse }),
        startResuming({ ...bank, url: front.url, transport: overWebSocket }),
        startResuming({ ...bank, url: front.url, transport: overSse }),
        startResuming({
          ...bank,
          url: front.url,
          transport: overWebSocket,
          query: ACTIVITY_EVENTS,
          token: cardholder,
        }),
      ];
      const load = startLoad({ url: front.url, perSecond: RATE, firstId: nextId });
      nextId += 100_000_000;
      onTestFinished(async () => {
        void load.stop();
        await Promise.allSettled(subscribers.map((subscriber) => subscriber.stop()));
      });
      await load.acknowledged(RATE);
      await trouble(load);
      const writers = await load.stop();

      const sent = writers.flat();
      await Promise.all(subscribers.map((subscriber) => subscriber.until(sent.length)));
      const [order = []] = subscribers.map(({ handled }) => handled);
      expect(new Set(order).size, 'none twice').toBe(order.length);
      expect(order.toSorted()).toEqual(sent.toSorted());
      for (const { handled } of subscribers) expect(handled).toEqual(order);
      // What a writer sent after its last delivery was acknowledged stands behind it.
      for (const ids of writers) {
        const own = new Set(ids);
        expect(order.filter((id) => own.has(id))).toEqual(ids);
      }
      return subscribers;
    }

    test(
      "the stream's leader is killed with -9 under load: nothing acknowledged is lost or doubled, all follow in order",
      () =>
        surviving(async (load) => {
          const server = await leader();
          await server.kill();
          await load.acknowledged(2 * RATE);
          await server.restart();
          await load.acknowledged(RATE);
        }),
      LIMIT,
    );

    test(
      'a gateway is killed with -9 under load: its clients resume at the other with their cursors',
      async () => {
        const subscribers = await surviving(async (load) => {
          children[0]?.signal('SIGKILL');
          await children[0]?.exit;
          await load.acknowledged(2 * RATE);
          children[0] = await gateways.start(0);
          await load.acknowledged(RATE);
        });
        expect(subscribers.reduce((sum, { connections }) => sum + connections, 0)).toBeGreaterThan(
          subscribers.length,
        );
      },
      LIMIT,
    );

    test(
      'a server of the cluster is cut off under load, and comes back: the others go on without it',
      () =>
        surviving(async (load) => {
          const server = await leader();
          server.hang();
          await load.acknowledged(2 * RATE);
          server.resume();
          await load.acknowledged(RATE);
        }),
      LIMIT,
    );

    test(
      'every process is restarted under load, one after the other: every client ends with the full sequence',
      () =>
        surviving(async (load) => {
          for (const server of nats.servers) {
            await server.stop();
            await load.acknowledged(RATE / 2);
            await server.restart();
            await isWhole();
          }
          for (const index of children.keys()) {
            children[index]?.signal('SIGTERM');
            expect(await children[index]?.exit).toBe(0);
            await load.acknowledged(RATE / 2);
            children[index] = await gateways.start(index);
          }
          await load.acknowledged(RATE);
        }),
      LIMIT,
    );
  });
});
