import { expect, test } from 'vitest';
import { mekong } from '../support/terminal.ts';

const common = ['--subject', 'me', '--issuer', 'i', '--audience', 'a'];
const token = (...args: string[]) => ['operator-token', ...args];

test.each([
  [['tokens'], "unknown command 'tokens'"],
  [['keyz'], 'Did you mean keys?'],
  [['keys', 'new'], "unknown command 'new'"],
  [['keys', 'operator'], "required option '--out <folder>' not specified"],
  [['keys', 'operator', '--out', 'x', '--algorithm', 'HS256'], 'Allowed choices are ES256, EdDSA'],
  [['keys', 'operator', '--out', 'x', '--folder', 'x'], "unknown option '--folder'"],
  [['keys', 'store', 'x'], 'too many arguments'],
  [token('--scope', 'casso:read'), "required option '--key <file>' not specified"],
  [token('--key', 'k', '--scope', 'casso:read', '--issuer', 'i'), "required option '--subject <name>'"],
  [
    token('--key', 'k', '--scope', 'casso:write', ...common),
    "'casso:write' is invalid. It must be one or more of",
  ],
  [token('--key', 'k', '--scope', ' ', ...common), 'It must be one or more of: casso:read'],
  [token('--key', 'k', '--scope', 'casso:read', '--ttl', '12', ...common), 'a number with s, m, h or d'],
  [token('--key', 'k', '--scope', 'casso:read', '--ttl', '0h', ...common), 'a number with s, m, h or d'],
  [
    token('--key', 'k', '--scope', 'casso:read', '--subject', 'me'),
    '--issuer is required, as the setting OPERATOR_ISSUER',
  ],
  [['--env-file', '/nowhere/.env', 'start'], '--env-file /nowhere/.env cannot be read'],
])('%j is refused with the cure, and exit code 2', async (args, message) => {
  const said = await mekong(...args);
  expect(said).toMatchObject({ code: 2, out: '' });
  expect(said.err).toContain(message);
  expect(said.err).toContain('--help');
});

test.each([[[]], [['keys']]])(
  'a command that is missing is answered with those that there are: %j',
  async (args) => {
    const said = await mekong(...args);
    expect(said).toMatchObject({ code: 2, out: '' });
    expect(said.err).toContain('Usage: mekong');
  },
);

test.each([[['--help']], [['start', '--help']], [['keys', '-h']], [['keys', 'rotate', '--help']]])(
  'help is there for %j, on standard output, with exit code 0',
  async (args) => {
    const said = await mekong(...args);
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toContain('Usage: mekong');
  },
);
