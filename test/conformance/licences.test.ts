import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const json = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));

/** By SPDX identifier: each lets anybody use, change and ship the code, for its notice at most. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** An SPDX expression is allowed when one side of an OR is, and both of an AND. */
function isAllowed(expression: unknown): boolean {
  if (typeof expression !== 'string') return false;
  const choices = expression.replace(/^\((.*)\)$/, '$1');
  // What is nested deeper is for a person to read.
  if (/[()]/.test(choices)) return false;
  return choices.split(' OR ').some((choice) => choice.split(' AND ').every((id) => ALLOWED.has(id)));
}

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
}

/** What `npm ci --omit=dev` installs. */
function productionPackages(): Installed[] {
  const { packages } = json('package-lock.json') as { packages: Record<string, { dev?: true }> };
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path]) => json(`${path}/package.json`));
}

test('Every package that production installs may be used by anybody, for its notice at most', () => {
  const packages = productionPackages();
  const names = new Set(packages.map(({ name }) => name));
  expect(Object.keys(json('package.json').dependencies).filter((name) => !names.has(name))).toEqual([]);
  const refused = packages.filter(({ license }) => !isAllowed(license));
  expect(refused.map(({ name, version, license }) => `${name}@${version}: ${String(license)}`)).toEqual([]);
});

describe('A licence', () => {
  test.each(['MIT', '(MIT OR WTFPL)', 'GPL-3.0-only OR ISC', 'MIT AND ISC'])('%s is allowed', (license) => {
    expect(isAllowed(license)).toBe(true);
  });

  test.each([
    'GPL-3.0-only',
    'AGPL-3.0-or-later',
    'MIT AND GPL-2.0-only',
    'SEE LICENSE IN LICENSE',
    'UNLICENSED',
    'BUSL-1.1',
    '(MIT OR (GPL-2.0-only AND ISC)',
    '',
    undefined,
    { type: 'MIT' },
  ])('%s is not', (license) => {
    expect(isAllowed(license)).toBe(false);
  });
});
