import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAside } from '../../src/aside/aside.ts';
import { createSealer } from '../../src/sessions/sealing.ts';
import { runCommand } from '../support/command.ts';
import { startGateway } from '../support/gateway.ts';
import { withMoved } from '../support/migration.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  overWebSocket,
  postCasso,
  startNews,
} from '../support/news.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 90_000 });

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
      out:
        '2 sessions sealed with the first key, 0 were already, 0 cannot be opened with any of the keys.\n' +
        '0 deliveries kept aside sealed with the first key, 0 were already, 0 cannot be opened with any of the keys.\n',
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

  test('what is not understood is kept aside once by all gateways, and replayed while they run, to all subscribers', async () => {
    const STORE_KEYS = randomBytes(32).toString('base64');
    const env = { STORE_URL: cluster.url, STORE_KEYS };
    const [one, other] = [await startNews({ env }), await startNews({ env })];
    const aside = (...args: string[]) => runCommand(['events', 'aside', ...args], env);
    try {
      const body = cassoBody(cassoRow(71), cassoRow(72, { amount: null }));
      for (const gateway of [one, other]) expect((await postCasso(gateway, body)).status).toBe(200);
      expect((await aside('list', '--json')).out.trim().split('\n')).toHaveLength(1);

      // As an older version left it.
      await withMoved(cluster.url, async (store) => {
        const sealer = createSealer([Buffer.from(STORE_KEYS, 'base64')]);
        const content = { body: Buffer.from(cassoBody(cassoRow(81))), taken: [], corrections: [] };
        const about = { provider: 'CASSO', scheme: 'v1', reason: 'amount', receivedAt: Date.now() } as const;
        await createAside(store.aside, sealer).keep({ ...about, content });
      });
      const token = await other.operatorToken();
      const after = await eventCursor(other, token);
      const open = await overWebSocket(other.url, BANK_EVENTS, { after }, token);
      const replayed = await aside('replay');
      expect(replayed).toEqual({
        code: 0,
        out: '1 event added to the log. Kept aside before: 2, wholly understood now: 1, still kept: 1.\n',
        err: '',
      });
      expect(idsOf(await open.feed.events(1))).toEqual(['81']);
      await open.close();
    } finally {
      await one.stop();
      await other.stop();
    }
  });
});
