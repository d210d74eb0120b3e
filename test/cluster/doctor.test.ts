import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { startNews } from '../support/news.ts';

withNatsServer(() => {
  let cluster: NatsCluster;
  let env: Record<string, string>;
  beforeAll(async () => {
    cluster = await startNats(3);
    env = {
      STORE_URL: cluster.url,
      NATS_REPLICAS: '3',
      STORE_KEYS: randomBytes(32).toString('base64'),
    };
    // Makes the streams.
    await (await startNews({ env })).stop();
  }, 90_000);
  afterAll(() => cluster.dispose());

  test('mekong doctor names the server whose copies are not up to date, with what to do, until it is back', async () => {
    const hint = /warn +store +the NATS server (\S+) has no copy .* of MEKONG_EVENTS.*\n.*restart it/;
    const named = async () => hint.exec((await runCommand(['doctor'], env)).out)?.[1];
    expect(await named()).toBeUndefined();
    await cluster.servers[1]?.kill();
    await expect.poll(named, { timeout: 40_000, interval: 500 }).toBe('n1');
    await cluster.servers[1]?.restart();
    await expect.poll(named, { timeout: 40_000, interval: 500 }).toBeUndefined();
  }, 120_000);
});
