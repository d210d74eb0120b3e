import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Child, killChildren, startChild } from '../support/child.ts';

const folder = mkdtempSync(join(tmpdir(), 'mekong-main-'));
const ENV = {
  PORT: '0',
  STORE_URL: `sqlite:${join(folder, 'new', 'mekong.db')}`,
  STORE_KEYS: randomBytes(32).toString('base64'),
};

beforeAll(() => {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'pipe' });
}, 120_000);
afterEach(killChildren);
afterAll(() => rmSync(folder, { recursive: true }));

const start = (env: NodeJS.ProcessEnv): Child => startChild(process.execPath, ['dist/main.js'], env);
const listening = async (child: Child): Promise<string> => {
  await child.says('"listening"');
  return String(child.log.find(({ msg }) => msg === 'listening')?.['url']);
};

describe('node dist/main.js', () => {
  test('starts from the environment alone, makes its store, and says on standard error where it listens', async () => {
    const child = start(ENV);
    const url = await listening(child);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ viewer { kind } }"}',
    });
    expect(await response.json()).toMatchObject({ data: { viewer: { kind: 'ANONYMOUS' } } });
    expect(child.stdout).toBe('');
    child.signal('SIGTERM');
    await child.exit;
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends with exit code 0 on %s', async (signal) => {
    const child = start(ENV);
    await listening(child);
    child.signal(signal);
    expect(await child.exit).toBe(0);
    expect(child.log.map(({ msg }) => msg)).toEqual([
      'listening',
      'neither provider is on: set the BONGLOY_ or the CASSO_ settings of .env.example',
      'stopping',
    ]);
  });

  test('says that a name is no setting, so that a mistyped one is noticed', async () => {
    const child = start({
      ...ENV,
      CASSO_API_KEYS: 'secret',
      SESSION_MANAGER: 'a desktop’s',
      NATS_PORT: 'tcp://',
      CORS_ORIGIN: 'https://app.example.com',
    });
    await listening(child);
    child.signal('SIGTERM');
    await child.exit;
    expect(child.log.filter(({ msg }) => String(msg).includes('is no setting'))).toMatchObject([
      { msg: 'CASSO_API_KEYS is no setting, and has no effect: compare its name with .env.example' },
      { msg: 'CORS_ORIGIN is no setting, and has no effect: compare its name with .env.example' },
    ]);
    expect(child.stderr).not.toContain('secret');
  });

  test('takes a second signal calmly', async () => {
    const child = start(ENV);
    await listening(child);
    child.signal('SIGINT');
    child.signal('SIGINT');
    expect(await child.exit).toBe(0);
  });
});

describe('what cannot start', () => {
  test('for its settings says all mistakes at once, nothing else, and ends with exit code 1', async () => {
    const child = start({ PORT: 'http', GRAPHIQL: 'on', CASSO_CLIENT_ID: 'id' });
    expect(await child.exit).toBe(1);
    expect(child.stdout).toBe('');
    expect(child.stderr.split('\n')).toEqual([
      'These settings are wrong or missing:',
      expect.stringMatching(/^ {2}- PORT must be/),
      expect.stringMatching(/^ {2}- GRAPHIQL must be/),
      expect.stringMatching(/^ {2}- STORE_KEYS is required: .* mekong keys store$/),
      expect.stringMatching(/^ {2}- CASSO_CLIENT_SECRET is required/),
      expect.stringMatching(/^ {2}- CASSO_REDIRECT_URIS is required/),
      'See .env.example.',
      '',
    ]);
  });

  test('for a taken port says so in one line, with the cure', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const { port } = other.address() as AddressInfo;
    const child = start({ ...ENV, PORT: String(port) });
    expect(await child.exit).toBe(1);
    expect(child.stderr).toBe(
      `Could not start: port ${port} is taken. Set PORT to another one, such as PORT=4010.\n`,
    );
    other.close();
  });

  test('for its store says so in one line, with the cure', async () => {
    const child = start({ ...ENV, STORE_URL: `sqlite:${join(folder, 'new')}` });
    expect(await child.exit).toBe(1);
    expect(child.stderr).toBe(
      'Could not start: the database cannot be opened. Set STORE_URL to a file that this user may write.\n',
    );
  });
});
