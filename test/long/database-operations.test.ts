import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { backupDatabase, restoreDatabase } from '../../src/store/backup.ts';
import { type Child, killChildren, startChild } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import { skipWithout } from '../support/needs.ts';
import { BANK_EVENTS, cassoBody, cassoRow, overWebSocket, postCasso } from '../support/news.ts';

// Each start is a process of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let gateway: ProcessGateway;
let folder: string;
let lastId = 1_000_000;
beforeAll(async () => {
  gateway = await prepareGatewayProcess();
  folder = mkdtempSync(join(tmpdir(), 'mekong-'));
});
afterEach(killChildren);
afterAll(async () => {
  await gateway.remove();
  rmSync(folder, { recursive: true });
});

/** One delivery. @returns the transaction's id when it was acknowledged. */
async function transfer(changes?: object): Promise<string | null> {
  lastId += 1;
  const { ok } = await postCasso(gateway, cassoBody(cassoRow(lastId, changes)));
  return ok ? String(lastId) : null;
}

async function transfersUntil(isOver: () => boolean): Promise<(string | null)[]> {
  const ids: (string | null)[] = [];
  while (!isOver()) ids.push(await transfer());
  return ids;
}

async function ask(query: string, variables?: object) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await gateway.operatorToken()}` },
    body: JSON.stringify({ query, variables }),
  });
  return await response.json();
}
const eventCursor = async (): Promise<string> => (await ask('{ eventCursor }')).data.eventCursor;

/** Every event after the cursor, a page at a time. */
async function idsAfter(cursor: string | null): Promise<string[]> {
  const { data } = await ask(
    `query ($after: String) { bankTransactionEvents(first: 100, after: $after) {
      nodes { bankTransaction { providerId } } pageInfo { hasNextPage endCursor } } }`,
    { after: cursor },
  );
  const { nodes, pageInfo } = data.bankTransactionEvents;
  const ids = nodes.map(({ bankTransaction }: any) => bankTransaction.providerId);
  return pageInfo.hasNextPage ? [...ids, ...(await idsAfter(pageInfo.endCursor))] : ids;
}

async function end(child: Child): Promise<void> {
  child.signal('SIGTERM');
  expect(await child.exit).toBe(0);
}

describe('one process per database file', () => {
  test('a second gateway on the same file says so, and does not start', async () => {
    const first = await gateway.start();
    await expect(gateway.start({ PORT: '0' })).rejects.toThrow(
      `Could not start: another process uses the database ${gateway.database}, and one gateway at a time may. ` +
        'Stop the other one, or set STORE_URL to a file of its own.',
    );
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    await end(first);
  });

  test('kill -9 leaves no lock behind', async () => {
    const first = await gateway.start();
    first.signal('SIGKILL');
    await first.exit;
    await end(await gateway.start());
  });

  test('keys are resealed while the gateway runs', async () => {
    const running = await gateway.start();
    const reseal = startChild('npm', ['run', '--silent', 'mekong', '--', 'keys', 'reseal'], gateway.env);
    expect(await reseal.exit).toBe(0);
    expect(await transfer()).not.toBeNull();
    await end(running);
  });
});

describe('backup and restore', () => {
  test('made under load, the backup holds a whole past; put back, it skips nothing silently', async () => {
    const running = await gateway.start();
    const before = await eventCursor();
    let over = false;
    const posting = transfersUntil(() => over);
    await transfer();
    const backup = join(folder, 'backup.db');
    await backupDatabase(gateway.database, backup);
    await transfer();
    over = true;
    const acknowledged = [...(await posting)];
    const afterwards = await eventCursor();
    const all = await idsAfter(before);
    expect(all).toEqual(expect.arrayContaining(acknowledged));
    await end(running);

    renameSync(gateway.database, join(folder, 'replaced.db'));
    await restoreDatabase(backup, gateway.database);
    const restored = await gateway.start();
    const kept = await idsAfter(before);
    expect(kept).toEqual(all.slice(0, kept.length));
    expect(kept.length).toBeLessThan(all.length);

    // The positions that were lost are given again, to others: the old cursor is not taken for one of theirs.
    for (let n = 0; n < all.length + 5; n += 1) await transfer();
    const subscriber = await overWebSocket(
      gateway.url,
      BANK_EVENTS,
      { after: afterwards },
      await gateway.operatorToken(),
    );
    const result = await subscriber.feed.ended;
    expect(JSON.stringify(result) + JSON.stringify(subscriber.feed.results)).toContain('CURSOR_EXPIRED');
    await subscriber.close();
    await end(restored);
  });
});

describe('a damaged file', () => {
  test.each([
    [
      'whose content is another',
      Buffer.from('this was a database once\n'.repeat(500)),
      'the file is not a database.',
    ],
    ['whose first page is broken', null, 'the database file is damaged. Keep a copy of it'],
  ])('%s is told with what to do, and is left as it is', async (_what, content, text) => {
    const file = join(folder, `damaged-${content === null}.db`);
    if (content) writeFileSync(file, content);
    else {
      await end(await gateway.start({ STORE_URL: `sqlite:${file}` }));
      execFileSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=1', 'seek=100', 'count=3900', 'conv=notrunc'], {
        stdio: 'ignore',
      });
    }
    await expect(gateway.start({ STORE_URL: `sqlite:${file}` })).rejects.toThrow(text);
    expect(existsSync(file)).toBe(true);
  });
});

/** A disk of its own, that can be filled and made larger; null where that takes rights that we do not have. */
function mountDisk(): { readonly path: string; resize(size: string): void; remove(): void } | null {
  const path = mkdtempSync(join(tmpdir(), 'mekong-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    return null;
  }
  return {
    path,
    resize: (size) => void execFileSync('mount', ['-o', `remount,size=${size}`, path]),
    remove() {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true });
    },
  };
}

test('a full disk: webhooks are answered 503, questions go on, and all is well without a restart once there is room', async (context) => {
  const disk = mountDisk();
  if (!disk) skipWithout('root, who may mount a disk', context);
  try {
    const child = await gateway.start({ STORE_URL: `sqlite:${join(disk.path, 'mekong.db')}` });
    const before = await eventCursor();
    const acknowledged: string[] = [];
    const large = { description: 'x'.repeat(20_000) };
    for (let id = await transfer(large); id; id = await transfer(large)) acknowledged.push(id);
    expect(acknowledged.length).toBeGreaterThan(3);
    expect((await postCasso(gateway, cassoBody(cassoRow(999_999, large)))).status).toBe(503);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect((await ask('{ viewer { kind } }')).data.viewer.kind).toBe('OPERATOR');
    expect(await idsAfter(before)).toEqual(acknowledged);
    expect(child.stderr).toContain('the disk is full: make room');

    disk.resize('16m');
    for (let n = 0; n < 20; n += 1) {
      const id = await transfer(large);
      expect(id).not.toBeNull();
      acknowledged.push(id ?? '');
    }
    expect(await idsAfter(before)).toEqual(acknowledged);
    await end(child);
  } finally {
    killChildren();
    disk.remove();
  }
});
