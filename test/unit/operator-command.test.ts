import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createOperatorVerifier } from '../../src/auth/operator.ts';
import { runOperatorCommand } from '../../src/auth/operator-command.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { DAY, HOUR, SECOND } from '../../src/lib/duration.ts';
import { silent } from './session-support.ts';

async function run(...args: string[]) {
  const said = { out: '', err: '' };
  const code = await runOperatorCommand(args, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  });
  return { code, ...said };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const issuer = 'https://shop.example';
const audience = 'mekong';
const common = ['--subject', 'me', '--issuer', issuer, '--audience', audience];

const tokenWith = (key: string) => run('token', '--key', key, '--scope', 'casso:read', ...common);

test.each(['ES256', 'EdDSA'])('%s keys make tokens that the gateway takes', async (algorithm) => {
  const folder = join(temporaryFolder(), 'keys');
  const keys = await run('keys', '--out', folder, '--algorithm', algorithm);
  expect(keys.code).toBe(0);
  const [key = '', jwks = ''] = keys.out.trim().split('\n');
  const made = await run(
    'token',
    '--key',
    key,
    '--scope',
    'casso:read  events:read',
    '--ttl',
    '7d',
    ...common,
  );
  expect(made).toMatchObject({ code: 0, err: '' });
  const verifier = createOperatorVerifier({
    jwks: { file: jwks },
    issuer,
    audience,
    clock: systemClock,
    logger: silent,
  });
  const viewer = await verifier.verify(made.out.trim());
  expect(viewer).toMatchObject({ subject: 'me', scopes: new Set(['casso:read', 'events:read']) });
  expect(Math.abs(viewer.expiresAt - (Date.now() + 7 * DAY))).toBeLessThan(10 * SECOND);
});

test('the private key is readable by its owner alone, and the key set holds no part of it', async () => {
  const folder = temporaryFolder();
  const [key = '', jwks = ''] = (await run('keys', '--out', folder)).out.trim().split('\n');
  expect(statSync(key).mode & 0o777).toBe(0o600);
  const { d } = JSON.parse(readFileSync(key, 'utf8'));
  expect(d).toMatch(/^[\w-]{43}$/);
  expect(readFileSync(jwks, 'utf8')).not.toContain(d);
  expect(JSON.parse(readFileSync(jwks, 'utf8')).keys[0]).not.toHaveProperty('d');
});

test('keys are never overwritten', async () => {
  const folder = temporaryFolder();
  const [key = ''] = (await run('keys', '--out', folder)).out.trim().split('\n');
  const before = readFileSync(key, 'utf8');
  expect(await run('keys', '--out', folder)).toMatchObject({ code: 1, out: '' });
  expect(readFileSync(key, 'utf8')).toBe(before);
});

test('a token is good for twelve hours unless told otherwise', async () => {
  const [key = ''] = (await run('keys', '--out', temporaryFolder())).out.trim().split('\n');
  const { out } = await tokenWith(key);
  const { iat, exp } = JSON.parse(Buffer.from(out.split('.')[1] ?? '', 'base64url').toString());
  expect(exp - iat).toBe((12 * HOUR) / SECOND);
});

test.each([
  [[], 'a command is missing'],
  [['tokens'], 'there is no command tokens'],
  [['keys'], '--out is required'],
  [['keys', '--out', 'x', '--algorithm', 'HS256'], '--algorithm must be ES256 or EdDSA'],
  [['keys', '--folder', 'x'], "Unknown option '--folder'"],
  [['token', '--scope', 'casso:read', '--issuer', 'i', '--audience', 'a'], '--subject is required'],
  [['token', '--scope', 'casso:read', ...common], '--key is required'],
  [['token', '--key', 'k', '--scope', 'casso:write', ...common], 'not "casso:write"'],
  [['token', '--key', 'k', '--scope', ' ', ...common], '--scope must be among'],
  [['token', '--key', 'k', '--scope', 'casso:read', '--ttl', '12', ...common], '--ttl must be a number'],
  [['token', '--key', 'k', '--scope', 'casso:read', '--ttl', '0h', ...common], '--ttl must be a number'],
])('%j is refused with the cure, and exit code 2', async (args, message) => {
  const said = await run(...args);
  expect(said).toMatchObject({ code: 2, out: '' });
  expect(said.err).toContain(message);
  expect(said.err).toContain('--help');
});

test('a key file that is absent, or no private key, is named without its content, and exit code 1', async () => {
  const folder = temporaryFolder();
  const absent = join(folder, 'absent.json');
  const missing = await tokenWith(absent);
  expect(missing.code).toBe(1);
  expect(missing.err).toContain(absent);
  for (const content of ['secret text', 'null', '{"kty":"oct","k":"secret","alg":"HS256"}']) {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, content);
    const said = await tokenWith(file);
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).toContain(file);
    expect(said.err).not.toContain('secret');
  }
});

test.each([['--help'], ['keys', '--help'], ['token', '-h']])('help is there for %s', async (...args) => {
  const { code, out } = await run(...args);
  expect(code).toBe(0);
  expect(out).toContain('npm run operator -- token');
});
