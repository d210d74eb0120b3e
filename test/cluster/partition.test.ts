import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Child } from '../support/child.ts';
import { type GatewayCluster, RATE, startGatewayCluster } from '../support/gateway-cluster.ts';
import { withOldAndNewNatsServer } from '../support/nats-server.ts';

const LIMIT = 150_000;

withOldAndNewNatsServer((path) => {
  describe('two gateways, of whom one has its connection at a server that is cut off from the others', () => {
    let cluster: GatewayCluster;

    beforeAll(async () => {
      cluster = await startGatewayCluster(path, 'severable');
    }, 120_000);
    afterAll(() => cluster.close());

    test.each([
      ['leads the stream', 'silence', 'leader', 'silent'],
      ['follows', 'silence', 'follower', 'silent'],
      ['follows', 'refusal', 'follower', 'refused'],
      ['leads the stream', 'refusal', 'leader', 'refused'],
    ] as const)(
      'one that %s, cut off by %s: the gateway goes on with another server, and nothing is lost or doubled',
      async (_role, _way, role, how) => {
        const { nats, gateways, children } = cluster;
        await cluster.surviving(async ({ acknowledged, arrived }) => {
          const { index, server } = await cluster.gatewayAt(role);
          nats.cut(server, how);
          await acknowledged(2 * RATE);
          // Before it is joined again: everything that was acknowledged so far is with everybody.
          await arrived();
          const serverName = () =>
            cluster.serverOf(children[index] as Child).then(
              ({ name }) => name,
              () => server.name,
            );
          await expect.poll(serverName, { timeout: 20_000 }).not.toBe(server.name);
          const readiness = async () => (await fetch(`${gateways.urls[index]}/readyz`)).status;
          await expect.poll(readiness, { timeout: 20_000 }).toBe(200);

          await nats.mend();
          await acknowledged(RATE);
        });
      },
      LIMIT,
    );
  });
});
