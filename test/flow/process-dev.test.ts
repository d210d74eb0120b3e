import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { built } from '../support/built.ts';
import { type Child, killChildren, startChild } from '../support/child.ts';

/** What `npm run dev` runs, with a folder of its own for what is temporary. */
const temporary = mkdtempSync(join(tmpdir(), 'mekong-dev-'));
const start = (env: NodeJS.ProcessEnv = {}): Child =>
  startChild('node_modules/.bin/tsx', ['src/cli.ts', 'dev'], { PORT: '0', TMPDIR: temporary, ...env });
/** The same, without waiting for its sources to be read. */
const startBuilt = (env: NodeJS.ProcessEnv): Child =>
  startChild(process.execPath, [built('cli.js'), 'dev'], { PORT: '0', TMPDIR: temporary, ...env });
/** The gateway's folders that are there now. */
const folders = () => readdirSync(temporary).filter((name) => name.startsWith('mekong-'));

afterAll(() => rmSync(temporary, { recursive: true }));

describe('npm run dev', () => {
  let child: Child;
  let url = '';
  beforeAll(async () => {
    child = start({ CORS_ORIGINS: 'http://192.168.1.4:3000' });
    await child.says('Ctrl-C ends it.');
    url = /GraphiQL +(\S+)\/graphql/.exec(child.stdout)?.[1] ?? '';
  }, 60_000);
  afterAll(killChildren);

  /** The printed line under a heading. */
  const under = (heading: string): string =>
    new RegExp(`${heading}[^\\n]*\\n  export TOKEN=(\\S+)`).exec(child.stdout)?.[1] ?? '';
  const viewer = async (token: string) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"query":"{ viewer { kind linkedProviders } }"}',
    });
    return (await response.json()).data.viewer;
  };

  test('prints a cardholder’s token, linked to both providers', async () => {
    expect(await viewer(under("a cardholder's token"))).toEqual({
      kind: 'SESSION',
      linkedProviders: ['BONGLOY', 'CASSO'],
    });
  });

  test('prints an operator’s token', async () => {
    expect(await viewer(under("an operator's"))).toEqual({
      kind: 'OPERATOR',
      linkedProviders: ['CASSO'],
    });
  });

  test('prints lines that work as pasted: a query, and a payment', async () => {
    const [token = ''] = /export TOKEN=\S+/.exec(child.stdout) ?? [];
    const [ask = '', pay = ''] = child.stdout.match(/curl -s [\s\S]*?'\n\n/g) ?? [];
    const paste = async (line: string) =>
      JSON.parse((await promisify(execFile)('bash', ['-c', `${token}\n${line}`])).stdout);
    const { data, errors } = await paste(ask);
    expect(errors).toBeUndefined();
    expect(data.activity.nodes).toHaveLength(3);
    expect((await paste(pay)).attributes.amount).toBe(450);
  });

  test('prints where the simulators are, with their control calls', async () => {
    for (const name of ['Bongloy', 'Casso']) {
      const simulator = new RegExp(`${name} simulator +(\\S+)`).exec(child.stdout)?.[1];
      const response = await fetch(`${simulator}/_sandbox/state`);
      expect(response.status).toBe(200);
      const { calls } = await (await fetch(`${simulator}/_sandbox/`)).json();
      expect(calls).toContain(
        name === 'Casso' ? 'POST /_sandbox/make-transfer' : 'POST /_sandbox/make-purchase',
      );
    }
  });

  test('shows GraphiQL, logged in with that token', async () => {
    const response = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain(under("a cardholder's token"));
  });

  /** As a page of this origin asks, whose answer the browser shows it, or not. */
  const askFrom = (origin: string) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site', origin },
      body: '{"query":"{ viewer { kind } }"}',
    });

  test.each([
    'http://localhost:3000',
    'http://127.0.0.1:5173',
    'https://localhost:8443',
    'http://[::1]:19006',
    'http://192.168.1.4:3000',
  ])('answers a frontend of this machine on any port, and those of CORS_ORIGINS: %s', async (origin) => {
    const response = await askFrom(origin);
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test('answers no other page', async () => {
    expect((await askFrom('https://app.example.com')).status).toBe(403);
  });

  test('says nothing else, and logs nothing while all is well', () => {
    expect(child.stderr).toBe('');
  });

  test('ends on Ctrl-C with exit code 0, and leaves nothing behind', async () => {
    expect(folders()).toHaveLength(1);
    child.signal('SIGINT');
    expect(await child.exit).toBe(0);
    expect(child.stdout).toMatch(/\nEnded\. Nothing was left behind\.\n$/);
    expect(folders()).toEqual([]);
  }, 60_000);
});

describe('npm run dev, when it cannot start,', () => {
  afterEach(killChildren);

  test('names the port that is taken, and says which ones it takes', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const child = startBuilt({ PORT: String(port - 1) });
    expect(await child.exit).toBe(1);
    expect(child.stderr).toBe(
      `Could not start: port ${port} is taken. Set PORT to another one, such as PORT=4010.\n` +
        'The gateway takes PORT, and the simulators the two ports after it.\n',
    );
    expect(folders()).toEqual([]);
    other.close();
  }, 60_000);

  test.each([
    ['PORT', 'http', '- PORT must be a whole number from 0 to 65535'],
    ['LOG_LEVEL', 'loud', '- LOG_LEVEL must be one of silent, error, warn, info, debug'],
    ['CORS_ORIGINS', 'http://localhost:*', '- CORS_ORIGINS must name each origin by itself'],
    ['HOST', '192.0.2.1', 'Could not start: HOST is not an address of this machine.'],
  ])(
    'says why and leaves nothing behind: %s=%s',
    async (name, value, message) => {
      const child = startBuilt({ [name]: value });
      expect(await child.exit).toBe(1);
      expect(child.stdout).toBe('');
      expect(child.stderr).toContain(message);
      expect(child.stderr).not.toContain('    at ');
      expect(folders()).toEqual([]);
    },
    60_000,
  );
});
