import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayCluster, RATE, startGatewayCluster } from '../support/gateway-cluster.ts';
import { withOldAndNewNatsServer } from '../support/nats-server.ts';

const LIMIT = 150_000;

withOldAndNewNatsServer((path) => {
  describe('two gateways behind a load balancer, on a cluster of three', () => {
    let cluster: GatewayCluster;

    beforeAll(async () => {
      cluster = await startGatewayCluster(path, 'direct');
    }, 120_000);
    afterAll(() => cluster.close());

    test(
      "the stream's leader is killed with -9 under load: nothing acknowledged is lost or doubled, all follow in order",
      () =>
        cluster.surviving(async ({ acknowledged }) => {
          const server = await cluster.leader();
          await server.kill();
          await acknowledged(2 * RATE);
          await server.restart();
          await acknowledged(RATE);
        }),
      LIMIT,
    );

    test(
      'a gateway is killed with -9 under load: its clients resume at the other with their cursors',
      async () => {
        const { children, gateways } = cluster;
        const subscribers = await cluster.surviving(async ({ acknowledged }) => {
          children[0]?.signal('SIGKILL');
          await children[0]?.exit;
          await acknowledged(2 * RATE);
          children[0] = await gateways.start(0);
          await acknowledged(RATE);
        });
        expect(subscribers.reduce((sum, { connections }) => sum + connections, 0)).toBeGreaterThan(
          subscribers.length,
        );
      },
      LIMIT,
    );

    test(
      'the leader hangs under load, and goes on when it was given up: nothing is lost or doubled',
      () =>
        cluster.surviving(async ({ acknowledged }) => {
          const server = await cluster.leader();
          server.hang();
          await acknowledged(2 * RATE);
          server.resume();
          await acknowledged(RATE);
        }),
      LIMIT,
    );

    test(
      'every process is restarted under load, one after the other: every client ends with the full sequence',
      () =>
        cluster.surviving(async ({ acknowledged }) => {
          const { children, gateways, nats } = cluster;
          for (const server of nats.servers) {
            await server.stop();
            await acknowledged(RATE / 2);
            await server.restart();
            await cluster.isWhole();
          }
          for (const index of children.keys()) {
            children[index]?.signal('SIGTERM');
            expect(await children[index]?.exit).toBe(0);
            await acknowledged(RATE / 2);
            children[index] = await gateways.start(index);
          }
          await acknowledged(RATE);
        }),
      LIMIT,
    );
  });
});
