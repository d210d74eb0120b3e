import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createOperatorVerifier } from '../../src/auth/operator.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { DAY, HOUR, SECOND } from '../../src/lib/duration.ts';
import { runCommand } from '../support/command.ts';
import { mekong } from '../support/terminal.ts';
import { silent } from '../unit/session-support.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const ISSUER = 'https://shop.example';
const AUDIENCE = 'mekong';
const common = ['--subject', 'me', '--issuer', ISSUER, '--audience', AUDIENCE];
const keyPair = async (folder: string, ...args: string[]) => {
  const made = await mekong('keys', 'operator', '--out', folder, ...args);
  expect(made.code).toBe(0);
  const [key = '', jwks = ''] = made.out.trim().split('\n');
  return { key, jwks };
};
const tokenWith = (key: string) => mekong('operator-token', '--key', key, '--scope', 'casso:read', ...common);

test.each(['ES256', 'EdDSA'])('%s keys make tokens that the gateway takes', async (algorithm) => {
  const { key, jwks } = await keyPair(join(temporaryFolder(), 'keys'), '--algorithm', algorithm);
  // The issuer and the audience are the gateway's own settings.
  const made = await runCommand(
    ['operator-token', '--key', key, '--subject', 'me', '--scope', 'casso:read  events:read', '--ttl', '7d'],
    { OPERATOR_ISSUER: ISSUER, OPERATOR_AUDIENCE: AUDIENCE },
  );
  expect(made).toMatchObject({ code: 0, err: '' });
  const verifier = createOperatorVerifier({
    jwks: { file: jwks },
    issuer: ISSUER,
    audience: AUDIENCE,
    clock: systemClock,
    logger: silent,
  });
  const viewer = await verifier.verify(made.out.trim());
  expect(viewer).toMatchObject({ subject: 'me', scopes: new Set(['casso:read', 'events:read']) });
  expect(Math.abs(viewer.expiresAt - (Date.now() + 7 * DAY))).toBeLessThan(30 * SECOND);
});

test('the private key is readable by its owner alone, and the key set holds no part of it', async () => {
  const { key, jwks } = await keyPair(temporaryFolder());
  expect(statSync(key).mode & 0o777).toBe(0o600);
  const { d } = JSON.parse(readFileSync(key, 'utf8'));
  expect(d).toMatch(/^[\w-]{43}$/);
  expect(readFileSync(jwks, 'utf8')).not.toContain(d);
  expect(JSON.parse(readFileSync(jwks, 'utf8')).keys[0]).not.toHaveProperty('d');
});

test('keys are never overwritten, and the refusal says what is in the way', async () => {
  const folder = temporaryFolder();
  const { key } = await keyPair(folder);
  const before = readFileSync(key, 'utf8');
  const again = await mekong('keys', 'operator', '--out', folder);
  expect(again).toMatchObject({ code: 1, out: '' });
  expect(again.err).toBe(
    `${key} is there already, and is never overwritten. Name another place, or move it away.\n`,
  );
  expect(readFileSync(key, 'utf8')).toBe(before);
});

test('a token is good for twelve hours unless told otherwise', async () => {
  const { key } = await keyPair(temporaryFolder());
  const { out } = await tokenWith(key);
  const { iat, exp } = JSON.parse(Buffer.from(out.split('.')[1] ?? '', 'base64url').toString());
  expect(exp - iat).toBe((12 * HOUR) / SECOND);
});

test('a key file that is absent, or no private key, is named without its content, and exit code 1', async () => {
  const folder = temporaryFolder();
  const absent = join(folder, 'absent.json');
  expect(await tokenWith(absent)).toEqual({ code: 1, out: '', err: `${absent}: there is no such file.\n` });
  for (const content of ['secret text', 'null', '{"kty":"oct","k":"secret","alg":"HS256"}']) {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, content);
    const said = await tokenWith(file);
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).toContain(file);
    expect(said.err).not.toContain('secret');
  }
});
