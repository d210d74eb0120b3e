import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Store } from '../../src/app/store.ts';
import { openSqliteStore } from '../../src/app/store-sqlite.ts';
import { newStoreKey } from '../../src/cli/keys/store.ts';
import { encodeEventCursor } from '../../src/events/cursor.ts';
import { killChildren } from '../support/child.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { bankEvent, bongloyEvent } from '../support/events.ts';
import { mekong } from '../support/terminal.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'mekong-events-'));
const ENV = { STORE_URL: `sqlite:${join(folder, 'mekong.db')}`, STORE_KEYS: newStoreKey() };
const HOUR = 3_600_000;
const TEN = Date.UTC(2026, 10, 27, 10);

const SECRETS = [
  '0123456789',
  '250,000',
  '250000',
  'Nguyễn Văn A',
  '9704229',
  'trả tiền',
  '3750000',
  '999888',
];
/** What a bank might be made to write, so that whoever looks at it runs it. */
const MALICIOUS = 'trả tiền\u001b]0;pwned\u0007\u009b31m\nđơn 7';

/** The gateway's own hold on the file, for as long as the tests run. */
let store: Store;
beforeAll(async () => {
  writeFileSync(ENV_FILE, `STORE_URL=${ENV.STORE_URL}\nSTORE_KEYS=${ENV.STORE_KEYS}\n`);
  store = openSqliteStore(join(folder, 'mekong.db'));
  await store.log.append([bongloyEvent({ receivedAt: TEN, transactionId: 'tx-1' })]);
  await store.log.append([
    bankEvent(
      {
        id: '77',
        description: MALICIOUS,
        counterparty: { accountNumber: '9704229', name: 'Nguyễn Văn A', bankId: null, bankName: null },
        virtualAccount: { number: '999888', name: null },
      },
      TEN + HOUR,
    ),
  ]);
  await store.log.append([bongloyEvent({ receivedAt: TEN + 2 * HOUR, transactionId: 'tx-3' })]);
});
afterEach(killChildren);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const ENV_FILE = join(folder, '.env');
const events = (...args: string[]) => mekong('--env-file', ENV_FILE, 'events', ...args);
const documents = (out: string) =>
  out
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('mekong events, while a gateway holds the log,', () => {
  test('prints what is kept as a table, with nothing personal in it', async () => {
    const { code, out, err } = await runCommand(['events', 'tail'], ENV);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.trimEnd().split('\n')).toEqual([
      'position  received                  provider  type                      source          what',
      '1         2026-11-27T10:00:00.000Z  BONGLOY   transaction.created       WEBHOOK         transaction tx-1',
      '2         2026-11-27T11:00:00.000Z  CASSO     bank_transaction.created  WEBHOOK         transaction 77 on …6789, CREDIT',
      '3         2026-11-27T12:00:00.000Z  BONGLOY   transaction.created       WEBHOOK         transaction tx-3',
    ]);
  });

  test('prints the same as JSON lines, and with --reveal what is personal', async () => {
    const masked = await events('replay', '--json');
    for (const secret of SECRETS) expect(masked.out).not.toContain(secret);
    expect(documents(masked.out).map(({ position }) => position)).toEqual([1, 2, 3]);

    const [event] = documents((await events('replay', '--json', '--reveal', '--provider', 'casso')).out);
    expect(event.bankTransaction).toMatchObject({
      id: '77',
      bankAccountNumber: '0123456789',
      amount: { decimal: '250000', currency: 'VND' },
      description: MALICIOUS,
      counterparty: { name: 'Nguyễn Văn A' },
    });
  });

  test('obeys nothing that a bank wrote: control characters never reach the terminal', async () => {
    for (const args of [
      ['tail', '--reveal'],
      ['show', '2', '--reveal'],
      ['show', '2', '--reveal', '--json'],
    ]) {
      const { code, out } = await events(...args);
      expect(code).toBe(0);
      expect(out).toContain('đơn 7');
      expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    }
  });

  test('replays from a cursor, or from a time, and up to one', async () => {
    const after = encodeEventCursor(store.log, 1);
    const positions = async (...args: string[]) =>
      documents((await events('replay', '--json', ...args)).out).map(({ position }) => position);
    expect(await positions('--after', after)).toEqual([2, 3]);
    expect(await positions('--since', '2026-11-27T10:30:00Z', '--until', '2026-11-27T12:00:00Z')).toEqual([
      2,
    ]);
  });

  test('shows one event by its cursor, and says when there is none', async () => {
    const shown = await events('show', encodeEventCursor(store.log, 3));
    expect(shown.out).toMatch(/^position +3$/m);
    expect(shown.out).toMatch(/^transactionId +tx-3$/m);
    expect(await events('show', '99')).toEqual({
      code: 1,
      out: '',
      err: 'There is no event at position 99. The log holds 1 to 3.\n',
    });
    const wrong = await events('show', 'nonsense');
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('nonsense is neither an event’s position nor its cursor');
  });

  test('follows what comes until Ctrl-C, each event once', async () => {
    const child = startCommand(['events', 'tail', '--json', '--follow', '--limit', '1'], ENV);
    await child.says('"position":3');
    await store.log.append([bongloyEvent({ transactionId: 'tx-4' })]);
    await child.says('tx-4');
    await store.log.append([bongloyEvent({ transactionId: 'tx-5' })]);
    await child.says('tx-5');
    child.signal('SIGINT');
    expect(await child.exit).toBe(0);
    const told = documents(child.stdout);
    expect(told.map(({ position }) => position)).toEqual([3, 4, 5]);
    expect(told.at(-1).cursor).toBe(encodeEventCursor(store.log, 5));
  });

  test('without a database yet says who makes it', async () => {
    const said = await runCommand(['events', 'tail'], { ...ENV, STORE_URL: 'sqlite:/tmp/nowhere/mekong.db' });
    expect(said).toEqual({
      code: 1,
      out: '',
      err: '/tmp/nowhere/mekong.db: there is no database yet. A gateway makes it when it starts.\n',
    });
  });
});
