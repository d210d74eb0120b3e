import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { built } from '../support/built.ts';
import { type Child, killChildren, startChild } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import { type Mount, mountTemporary, withMounts } from '../support/mount.ts';
import { startNats, withNatsServer } from '../support/nats-server.ts';
import { cassoBody, cassoRow, postCasso } from '../support/news.ts';

// Each start is a process of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const MEBIBYTE = 1024 * 1024;
let lastId = 2_000_000;
/** Answers whether it was acknowledged. */
async function transfer(gateway: ProcessGateway): Promise<boolean> {
  lastId += 1;
  return (await postCasso(gateway, cassoBody(cassoRow(lastId)))).ok;
}
async function readiness({ url }: ProcessGateway): Promise<unknown> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, ...(await response.json()) };
}
const notReady = (problem: string) => ({
  status: 'not ready',
  problem: expect.stringContaining(`the store cannot be written: ${problem}`),
});
const READY = { status: 'ready' };
async function doctor({ env }: ProcessGateway): Promise<string> {
  const child = startChild(process.execPath, [built('cli.js'), 'doctor'], env);
  await child.exit;
  return child.stdout;
}
async function crash(child: Child): Promise<void> {
  child.signal('SIGKILL');
  await child.exit;
}

withMounts(() => {
  let disk: Mount;
  let gateway: ProcessGateway;
  beforeAll(async () => {
    disk = mountTemporary(4 * MEBIBYTE);
    gateway = await prepareGatewayProcess({
      STORE_URL: `sqlite:${join(disk.folder, 'mekong.db')}`,
    });
  });
  afterEach(killChildren);
  afterAll(async () => {
    await gateway.remove();
    disk.remove();
  });

  test('after a crash, on a file system that became read-only, it does not start and says why; later it does', async () => {
    const first = await gateway.start();
    expect(await transfer(gateway)).toBe(true);
    await crash(first);
    disk.remount('ro');
    await expect(gateway.start()).rejects.toThrow(
      /Could not start: the database cannot be written\. .* mounted read-only/,
    );
    expect(await doctor(gateway)).toMatch(/fail +store/);
    disk.remount('rw');
    await gateway.start();
    expect(await readiness(gateway)).toEqual(READY);
    expect(await transfer(gateway)).toBe(true);
  });

  test('a full disk makes it unready, with the reason, and room makes it ready, by itself', async () => {
    const child = await gateway.start();
    expect(await readiness(gateway)).toEqual(READY);
    const filler = join(disk.folder, 'filler');
    fill(filler);
    await expect.poll(() => readiness(gateway), { timeout: 10_000 }).toEqual(notReady('the disk is full'));
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('\nmekong_store_writable 0\n');
    expect(await doctor(gateway)).toMatch(/fail +store +the disk is full/);
    rmSync(filler);
    await expect.poll(() => readiness(gateway), { timeout: 10_000 }).toEqual(READY);
    expect(await transfer(gateway)).toBe(true);
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('\nmekong_store_writable 1\n');
    const told = child.log.filter(({ msg }) => /the store can/.test(String(msg)));
    expect(told.map(({ msg }) => msg)).toEqual([
      'the store cannot be written',
      'the store can be written again',
    ]);
  });
});

/** Until nothing more goes in. */
function fill(path: string): void {
  for (const size of [MEBIBYTE, 64 * 1024, 4096]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // A smaller piece may still go in.
    }
  }
}

withNatsServer(() => {
  test('JetStream without room makes it unready, with the reason, and room makes it ready, by itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mekong-nats-ready-'));
    const config = join(folder, 'nats.conf');
    writeFileSync(config, 'jetstream { max_file_store: 2MB }\n');
    const cluster = await startNats(1, ['-c', config]);
    const gateway = await prepareGatewayProcess({ STORE_URL: cluster.url });
    onTestFinished(async () => {
      killChildren();
      await Promise.all([gateway.remove(), cluster.dispose()]);
      rmSync(folder, { recursive: true });
    });
    const child = await gateway.start();
    expect(await readiness(gateway)).toEqual(READY);

    const connection = await connect({ servers: cluster.url });
    const jsm = await jetstreamManager(connection);
    await jsm.streams.add({ name: 'FILLER', subjects: ['filler'] });
    const publish = () => jetstream(connection).publish('filler', new Uint8Array(64 * 1024));
    await expect(forever(publish)).rejects.toThrow('resources');
    await expect.poll(() => readiness(gateway), { timeout: 10_000 }).toEqual(notReady('JetStream refused: '));
    expect(await doctor(gateway)).toMatch(/fail +store/);
    // What the webhook is refused for is in the log, in the server's words.
    expect(await transfer(gateway)).toBe(false);
    await child.says('(JetStream refused: ');
    await jsm.streams.purge('FILLER');
    await expect.poll(() => readiness(gateway), { timeout: 10_000 }).toEqual(READY);
    expect(await transfer(gateway)).toBe(true);
    await connection.close();
  });
});

/** @throws Error as the step does in the end. */
async function forever(step: () => Promise<unknown>): Promise<never> {
  for (;;) await step();
}
