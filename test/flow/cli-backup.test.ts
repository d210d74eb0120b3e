import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { runCommand } from '../support/command.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'mekong-backup-'));
const database = join(folder, 'mekong.db');
const backup = join(folder, 'backup.db');
const STORE_KEYS = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64');
const env = { STORE_URL: `sqlite:${database}`, STORE_KEYS };

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ folder, env: { PORT: '0', LOG_LEVEL: 'silent', STORE_KEYS } });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('mekong backup copies while the gateway runs; mekong restore waits for its end and for an empty place', async () => {
  expect(await runCommand(['backup', backup], env)).toEqual({
    code: 0,
    out: `${database} is copied to ${backup}.\n`,
    err: '',
  });
  expect(await runCommand(['backup', backup], env)).toMatchObject({
    code: 1,
    err: expect.stringContaining(`${backup} exists already`),
  });
  expect(await runCommand(['restore', backup], env)).toMatchObject({
    code: 1,
    err: expect.stringContaining('another process uses the database'),
  });
  await sandbox.stop();
  expect(await runCommand(['restore', backup], env)).toMatchObject({
    code: 1,
    err: expect.stringContaining(`${database} exists already. Move it away`),
  });
  renameSync(database, join(folder, 'old.db'));
  expect(await runCommand(['restore', backup], env)).toEqual({
    code: 0,
    out: `${database} is what ${backup} holds. Start the gateway.\n`,
    err: '',
  });
});
