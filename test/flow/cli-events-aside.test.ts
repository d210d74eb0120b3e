import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSqliteStore, openSqliteStoreAlone } from '../../src/app/store-sqlite.ts';
import { createAside, type NotUnderstood } from '../../src/aside/aside.ts';
import { newStoreKey } from '../../src/cli/keys/store.ts';
import { createSealer } from '../../src/sessions/sealing.ts';
import { readAll } from '../support/events.ts';
import { cassoBody, cassoRow } from '../support/news.ts';
import { mekong } from '../support/terminal.ts';

vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'mekong-aside-'));
const path = join(folder, 'mekong.db');
const ENV_FILE = join(folder, '.env');
const TEN = Date.UTC(2026, 10, 27, 10);
const SECRETS = ['0071000', '250000', 'chuyen tien', 'NGUYEN'];
let key: string;

const useKeys = (storeKeys: string) =>
  writeFileSync(ENV_FILE, `STORE_URL=sqlite:${path}\nSTORE_KEYS=${storeKeys}\n`);
const run = (...args: string[]) => mekong('--env-file', ENV_FILE, 'events', 'aside', ...args);

/** As an older version left it, which did not understand it. */
async function keep(body: string, changes: Partial<NotUnderstood> = {}): Promise<void> {
  const store = openSqliteStore(path);
  const aside = createAside(store.aside, createSealer([Buffer.from(key, 'base64')]));
  const content = { body: Buffer.from(body), taken: [], corrections: [] };
  await aside.keep({
    provider: 'CASSO',
    scheme: 'v1',
    reason: 'amount',
    receivedAt: TEN,
    content,
    ...changes,
  });
  await store.close();
}

async function inTheLog() {
  const store = openSqliteStore(path);
  const events = await readAll(store.log, await store.log.trimmedTo());
  await store.close();
  return events;
}

beforeEach(async () => {
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  key = newStoreKey();
  useKeys(key);
  await openSqliteStore(path).close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const NOT_READ = cassoBody(cassoRow(5, { amount: 'x', corresponsiveName: 'NGUYEN VAN A' }));

describe('mekong events aside', () => {
  test('says when there is nothing', async () => {
    expect(await run()).toEqual({ code: 0, out: '', err: 'Nothing is kept aside.\n' });
  });

  test('lists what is kept, oldest first, with nothing personal in it', async () => {
    await keep(NOT_READ);
    await keep('{"data":null}', {
      provider: 'BONGLOY',
      scheme: 'jwt',
      reason: 'event-type',
      receivedAt: TEN + 1,
    });
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toEqual([
      'id           received                  provider  scheme     why',
      expect.stringMatching(/^[0-9a-f]{12} 2026-11-27T10:00:00.000Z {2}CASSO {5}v1 {9}amount$/),
      expect.stringMatching(/^[0-9a-f]{12} 2026-11-27T10:00:00.001Z {2}BONGLOY {3}jwt {8}event-type$/),
    ]);
    const [first] = (await run('--json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      receivedAt: '2026-11-27T10:00:00.000Z',
      provider: 'CASSO',
      scheme: 'v1',
      reason: 'amount',
    });
  });

  test('shows one by what kind of value each member has, and as it came only when asked', async () => {
    await keep(NOT_READ);
    const [id = ''] = (await run()).out.trimEnd().split('\n')[1]?.split(' ') ?? [];
    const masked = await run('show', id);
    expect(masked.out).toContain('"amount":"string"');
    expect(masked.out).toContain('"id":"number"');
    for (const secret of SECRETS) expect(masked.out).not.toContain(secret);
    const shown = JSON.parse((await run('show', id, '--reveal', '--json')).out);
    expect(shown).toMatchObject({ reason: 'amount', body: NOT_READ });
  });

  test('a member whose name is no name is not shown either', async () => {
    await keep('{"0909123456":1,"NGUYEN VAN A":2,"ok":3}');
    const [id = ''] = (await run()).out.trimEnd().split('\n')[1]?.split(' ') ?? [];
    const { out } = await run('show', id);
    expect(out).toContain('"ok":"number"');
    expect(out).not.toMatch(/0909|NGUYEN/);
  });

  test('takes in what is understood by now, in order, once, and leaves the rest', async () => {
    await keep(cassoBody(cassoRow(11)), { receivedAt: TEN });
    await keep(NOT_READ, { receivedAt: TEN + 1 });
    await keep(cassoBody(cassoRow(13), cassoRow(12)), { receivedAt: TEN + 2 });
    await keep(cassoBody(cassoRow(0)), { receivedAt: TEN + 3 });
    const { code, out } = await run('replay');
    expect(code).toBe(0);
    expect(out).toBe(
      '3 events added to the log. Kept aside before: 4, wholly understood now: 3, still kept: 1.\n',
    );
    const events = await inTheLog();
    expect(events.map(({ key: id }) => id)).toEqual(['11', '13', '12']);
    // As the log is in the order of these times, the time of the replay.
    for (const { receivedAt, source } of events) {
      expect(receivedAt).toBeGreaterThan(TEN);
      expect(source).toBe('WEBHOOK');
    }
    expect((await run('replay')).out).toContain('0 events added to the log. Kept aside before: 1');
    expect((await inTheLog()).length).toBe(3);
  });

  test('of a delivery that was understood in part it takes in the rest, also when the log has forgotten the part', async () => {
    const body = cassoBody(cassoRow(21), cassoRow(22), cassoRow(23, { amount: null }));
    await keep(body, { content: { body: Buffer.from(body), taken: ['21'], corrections: [] } });
    expect((await run('replay')).out).toContain('1 event added');
    expect((await inTheLog()).map(({ key: id }) => id)).toEqual(['22']);
    const store = openSqliteStore(path);
    await store.log.trim(Date.now() + 1);
    await store.close();
    expect((await run('replay')).out).toContain('0 events added');
    expect(await inTheLog()).toEqual([]);
  });

  test('what the log has already is not added again: a crash before the row was removed is harmless', async () => {
    const body = cassoBody(cassoRow(31));
    await keep(body);
    await run('replay');
    await keep(body);
    expect((await run('replay')).out).toContain(
      '0 events added to the log. Kept aside before: 1, wholly understood now: 1',
    );
    expect((await inTheLog()).length).toBe(1);
  });

  test('what tells otherwise than the log stays until it is discarded', async () => {
    await keep(cassoBody(cassoRow(41)));
    await keep(cassoBody(cassoRow(41, { amount: 7 })), { receivedAt: TEN + 1 });
    for (let n = 0; n < 2; n += 1) expect((await run('replay')).out).toContain('still kept: 1');
    const [id = ''] = (await run()).out.trimEnd().split('\n')[1]?.split(' ') ?? [];
    expect(await run('discard', id)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/is deleted\.\n$/),
    });
    expect((await run()).err).toBe('Nothing is kept aside.\n');
    expect(await run('discard', id)).toMatchObject({ code: 2 });
  });

  test('what no key opens stays, and is said', async () => {
    await keep(cassoBody(cassoRow(51)));
    useKeys(newStoreKey());
    const { code, err } = await run('replay');
    expect(code).toBe(1);
    expect(err).toContain('1 cannot be opened with any of the keys');
    expect((await run()).out).toContain('amount');
  });

  test('is sealed again, and keeps an old key from being retired until then', async () => {
    await keep(cassoBody(cassoRow(61)));
    const newKey = newStoreKey();
    useKeys(`${newKey},${key}`);
    const keys = (name: string) => mekong('--env-file', ENV_FILE, 'keys', name);
    const early = await keys('retire');
    expect(early.code).toBe(1);
    expect(early.err).toBe('1 delivery kept aside still needs an old key. Run: mekong keys reseal\n');
    expect((await keys('reseal')).out).toContain(
      '1 delivery kept aside sealed with the first key, 0 were already',
    );
    expect(await keys('retire')).toMatchObject({ code: 0, out: `${newKey}\n` });
    useKeys(newKey);
    expect((await run('replay')).out).toContain('1 event added to the log');
  });

  test('is in a backup', async () => {
    await keep(NOT_READ);
    const copy = join(folder, 'copy.db');
    expect((await mekong('--env-file', ENV_FILE, 'backup', copy)).code).toBe(0);
    writeFileSync(ENV_FILE, `STORE_URL=sqlite:${copy}\nSTORE_KEYS=${key}\n`);
    expect((await run()).out).toContain('CASSO');
  });

  test('replays a file only while no gateway has it, and looks at it at any time', async () => {
    await keep(NOT_READ);
    const gateway = openSqliteStoreAlone(path);
    try {
      expect((await run()).code).toBe(0);
      const { code, err } = await run('replay');
      expect(code).toBe(1);
      expect(err).toContain('another process uses the database');
    } finally {
      await gateway.close();
    }
  });

  test('obeys nothing of what came', async () => {
    await keep(JSON.stringify({ '\u001b[2J': '\u001b]0;x\u0007', a: '\u202e\u009b31m\n' }));
    const [id = ''] = (await run()).out.trimEnd().split('\n')[1]?.split(' ') ?? [];
    for (const args of [[], ['--reveal'], ['--reveal', '--json']]) {
      const { code, out } = await run('show', id, ...args);
      expect(code).toBe(0);
      expect(out.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    }
  });
});
