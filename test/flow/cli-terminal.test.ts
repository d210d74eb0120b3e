import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { built } from '../support/built.ts';
import { runCommand } from '../support/command.ts';
import { withNeeds } from '../support/needs.ts';
import { program } from '../support/program.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'mekong-terminal-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ENV = {
  STORE_KEYS: randomBytes(32).toString('base64'),
  STORE_URL: `sqlite:${join(folder, 'mekong.db')}`,
};

/** script(1) of util-linux: that of BSD takes other options, and tells no version. */
const SCRIPT = program('script', '2.30', 'bsdutils');

/** What a person at a terminal sees, as script(1) of util-linux records it. */
function onTerminal(command: string, env: NodeJS.ProcessEnv = {}): string {
  return execFileSync('script', ['-qec', `${process.execPath} ${built('cli.js')} ${command}`, '/dev/null'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...ENV, ...env },
  });
}

withNeeds([SCRIPT], () => {
  test('a terminal sees colours, and NO_COLOR takes them away', () => {
    expect(onTerminal('doctor')).toContain('\u001b[32mok');
    expect(onTerminal('doctor', { NO_COLOR: '1' })).not.toContain('\u001b');
  });

  test('long work shows how far it is, on a terminal alone', async () => {
    expect(onTerminal('keys reseal')).toContain('sealed: 0');
    const { out, err } = await runCommand(['keys', 'reseal'], ENV);
    expect(err).toBe('');
    expect(out).toMatch(/^0 sessions sealed/);
  });
});

test('what is not a terminal sees no colour', async () => {
  const { out, err } = await runCommand(['doctor'], { ...ENV, TERM: 'xterm' });
  expect(out).toContain('ok    settings');
  expect(out + err).not.toContain('\u001b');
});
