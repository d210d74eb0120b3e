import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isSupported } from '../../src/lib/node-version.ts';

describe('Node.js', () => {
  test.each([
    ['18.20.8', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['20.20.2', true],
    ['21.7.3', false],
    ['22.12.0', false],
    ['22.13.0', true],
    ['23.0.0', true],
    ['24.11.1', true],
  ])('%s is supported: %s', (version, supported) => {
    expect(isSupported(version)).toBe(supported);
  });

  test('is what package.json and the refusal say', async () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(engines.node).toBe('>=20.19 <21 || >=22.13');
    const program = "import { refuseOldNode } from './src/lib/node-version.ts'; refuseOldNode('18.20.8')";
    const options = ['--import', 'tsx', '--input-type=module', '-e'];
    await expect(promisify(execFile)(process.execPath, [...options, program])).rejects.toMatchObject({
      code: 1,
      stderr: 'This needs Node.js 20.19 or newer of 20, or 22.13 or newer; this is 18.20.8.\n',
    });
  }, 30_000);
});
