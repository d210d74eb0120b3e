import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runCommand } from '../support/command.ts';
import { startGateway } from '../support/gateway.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

withNatsServer(() => {
  let cluster: NatsCluster;
  beforeAll(async () => {
    cluster = await startNats();
  });
  afterAll(() => cluster.dispose());

  test('keys are changed on NATS while a gateway runs, and every session still opens, at last with the new one alone', async () => {
    const env = { STORE_URL: cluster.url, STORE_KEYS: (await runCommand(['keys', 'store'])).out.trim() };
    const rotated = { ...env, STORE_KEYS: (await runCommand(['keys', 'rotate'], env)).out.trim() };
    const first = await startGateway({ env });
    const tokens = [await first.logIn(), await first.logIn()];
    await first.stop();

    const running = await startGateway({ env: rotated });
    expect((await runCommand(['keys', 'retire'], rotated)).code).toBe(1);
    expect(await runCommand(['keys', 'reseal'], rotated)).toMatchObject({
      code: 0,
      out: '2 sessions sealed with the first key, 0 were already, 0 cannot be opened with any of the keys.\n',
    });
    const retired = await runCommand(['keys', 'retire'], rotated);
    expect(retired.code).toBe(0);
    await running.stop();

    const last = await startGateway({ env: { ...env, STORE_KEYS: retired.out.trim() } });
    for (const token of tokens) {
      const { data } = await last.ask('{ viewer { linkedProviders } }', {}, token);
      expect(data?.['viewer'].linkedProviders).toEqual(['BONGLOY', 'CASSO']);
    }
    await last.stop();
  });
});
