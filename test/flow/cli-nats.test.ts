import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openStore } from '../../src/app/open-store.ts';
import type { Store } from '../../src/app/store.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { bankEvent, bongloyEvent } from '../support/events.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { mekong } from '../support/terminal.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

withNatsServer(() => {
  describe('with STORE_URL=nats://…', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mekong-cli-nats-'));
    const file = join(folder, '.env');
    const STORE_KEYS = randomBytes(32).toString('base64');
    let nats: NatsCluster;
    let store: Store;
    beforeAll(async () => {
      nats = await startNats();
      writeFileSync(file, `STORE_URL=${nats.url}\nSTORE_KEYS=${STORE_KEYS}\nLOG_LEVEL=silent\n`);
      store = await openStore(readConfig({ STORE_URL: nats.url, STORE_KEYS }), createLogger('silent'));
      await store.log.append([bongloyEvent({ transactionId: 'tx-1' }), bankEvent({ id: '77' })]);
    });
    afterAll(async () => {
      await store.log.close();
      await store.close();
      await nats.dispose();
      rmSync(folder, { recursive: true });
    });

    const run = (...args: string[]) => mekong('--env-file', file, ...args);

    test('mekong events reads the stream while a gateway works on it', async () => {
      const { code, out } = await run('events', 'tail', '--json');
      expect(code).toBe(0);
      const [first, second] = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(first).toMatchObject({ transactionId: 'tx-1', provider: 'BONGLOY' });
      expect(second.bankTransaction).toMatchObject({ id: '77', masked: true });
      const shown = await run('events', 'show', second.cursor);
      expect(shown.out).toMatch(/^key +77$/m);
    });

    test('mekong doctor says that the cluster can be read, and when it is away what to check', async () => {
      const { out } = await run('doctor');
      expect(out).toContain('ok    store      can be read: 2 events, 0 sessions');
      const gone = join(folder, 'gone.env');
      writeFileSync(gone, `STORE_URL=nats://127.0.0.1:9\nSTORE_KEYS=${STORE_KEYS}\nLOG_LEVEL=silent\n`);
      const away = await mekong('--env-file', gone, 'doctor');
      expect(away.code).toBe(1);
      expect(away.out).toMatch(/fail {2}store .*NATS cannot be reached at 127\.0\.0\.1:9/);
      expect(away.out).toContain('Check STORE_URL and the NATS_ settings');
    });

    test.each([
      [
        ['doctor'],
        0,
        'can be reached; there is no JetStream stream KV_MEKONG_STATE yet: mekong start makes it',
      ],
      [['events', 'tail'], 1, 'there is no JetStream stream KV_MEKONG_STATE yet: mekong start makes it'],
      [['keys', 'retire'], 1, 'there is no JetStream stream KV_MEKONG_STATE yet: mekong start makes it'],
    ])(
      'who only looks at a cluster that no gateway has used makes nothing there: mekong %j',
      async (args, code, says) => {
        const empty = await startNats();
        onTestFinished(() => empty.dispose());
        const fresh = join(folder, 'fresh.env');
        writeFileSync(fresh, `STORE_URL=${empty.url}\nSTORE_KEYS=${STORE_KEYS}\nLOG_LEVEL=silent\n`);
        const told = await mekong('--env-file', fresh, ...args);
        expect(told).toMatchObject({ code });
        expect(`${told.out}${told.err}`).toContain(says);
        const connection = await connect({ servers: empty.url });
        const jsm = await jetstreamManager(connection);
        expect(await jsm.streams.names().next()).toEqual([]);
        await connection.close();
      },
    );

    test('mekong keys reseal and retire work on the bucket', async () => {
      expect(await run('keys', 'reseal')).toMatchObject({ code: 0, err: '' });
      expect((await run('keys', 'retire')).out).toBe(`${STORE_KEYS}\n`);
    });
  });
});
