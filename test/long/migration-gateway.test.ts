import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import { runCommand } from '../support/command.ts';
import type { Gateway } from '../support/gateway.ts';
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

const ACCOUNT = SANDBOX_BUSINESSES.main.accounts[0].accountNumber;

withNatsServer(() => {
  let cluster: NatsCluster;
  const folder = mkdtempSync(join(tmpdir(), 'mekong-move-'));
  const file = `sqlite:${join(folder, 'mekong.db')}`;
  const settings = { STORE_KEYS: randomBytes(32).toString('base64'), CASSO_API_KEY: '' };
  beforeAll(async () => {
    cluster = await startNats();
  });
  afterAll(async () => {
    await cluster.dispose();
    rmSync(folder, { recursive: true });
  });

  async function withGateway<T>(storeUrl: string, work: (gateway: Gateway) => Promise<T>): Promise<T> {
    const gateway = await startNews({ env: { ...settings, STORE_URL: storeUrl } });
    try {
      return await work(gateway);
    } finally {
      await gateway.stop();
    }
  }
  const tell = async (gateway: Gateway, id: number): Promise<void> => {
    const body = cassoBody(cassoRow(id, { bank_sub_acc_id: ACCOUNT, subAccId: ACCOUNT }));
    expect((await postCasso(gateway, body)).status).toBe(200);
  };
  const migrate = () => runCommand(['migrate', '--from', file], { ...settings, STORE_URL: cluster.url });

  test('mekong migrate: sessions go on, cursors resume without gap or repeat, repeated webhooks are known', async () => {
    const { token, cursor } = await withGateway(file, async (gateway) => {
      const made = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
      const open = await overWebSocket(
        gateway.url,
        BANK_EVENTS,
        { after: await eventCursor(gateway, made) },
        made,
      );
      for (const id of [71, 72, 73]) await tell(gateway, id);
      const [first] = await open.feed.events(3);
      await open.close();
      return { token: made, cursor: first?.cursor };
    });

    expect(await migrate()).toMatchObject({
      code: 0,
      out: 'On the cluster now: events 3, sessions 1, kept aside 0. Start the gateways.\n',
    });

    await withGateway(cluster.url, async (gateway) => {
      const { data } = await gateway.ask('{ bankAccounts { nodes { accountNumber } } }', {}, token);
      expect(data?.['bankAccounts'].nodes).toContainEqual({ accountNumber: ACCOUNT });
      const open = await overWebSocket(gateway.url, BANK_EVENTS, { after: cursor }, token);
      expect(idsOf(await open.feed.events(2))).toEqual(['72', '73']);
      for (const id of [71, 73, 74]) await tell(gateway, id);
      expect(idsOf(await open.feed.events(1))).toEqual(['74']);
      await open.close();
    });

    const again = await migrate();
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('nothing was done') });
  }, 60_000);

  test('mekong migrate says what is wrong with its arguments', async () => {
    expect(await runCommand(['migrate', '--from', 'mekong.db'], settings)).toMatchObject({
      code: 2,
      err: expect.stringContaining('sqlite:PATH'),
    });
    expect(await runCommand(['migrate', '--from', file], { ...settings, STORE_URL: file })).toMatchObject({
      code: 2,
      err: expect.stringContaining('STORE_URL must be the cluster'),
    });
  }, 60_000);
});
