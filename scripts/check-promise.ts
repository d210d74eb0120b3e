import { copyFileSync, readFileSync } from 'node:fs';
import { type Change, CriticalityLevel } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { schemaChanges } from './schema-changes.ts';

/**
 * Compares schema.graphql with schema.promised.graphql, which is what the last release promised to frontends: a change
 * that breaks a client fails, one that might is printed. With `--write`, as a step of a release, the promise is
 * renewed; a broken one only with `--breaking` too, which belongs in the changelog.
 */
const PROMISED = new URL('../schema.promised.graphql', import.meta.url);
const CURRENT = new URL('../schema.graphql', import.meta.url);

const read = (file: URL) => buildSchema(readFileSync(file, 'utf8'));
const changes = await schemaChanges(read(PROMISED), read(CURRENT));
const dangerous = ofLevel(CriticalityLevel.Dangerous);
const breaking = ofLevel(CriticalityLevel.Breaking);

if (dangerous.length > 0) say('Dangerous: a client may not expect it', dangerous);
if (breaking.length > 0) say('Breaking: clients of the promised schema would fail', breaking);

if (process.argv.includes('--write') && (breaking.length === 0 || process.argv.includes('--breaking'))) {
  copyFileSync(CURRENT, PROMISED);
  process.stdout.write('schema.promised.graphql is what schema.graphql is now.\n');
} else if (breaking.length > 0) {
  process.stderr.write(
    '\nKeep the old beside the new, with @deprecated, until the next major version. If it must break, say so in ' +
      'CHANGELOG.md and run: npm run promise -- --breaking\n',
  );
  process.exitCode = 1;
}

function ofLevel(level: CriticalityLevel): readonly Change[] {
  return changes.filter(({ criticality }) => criticality.level === level);
}

function say(title: string, list: readonly Change[]): void {
  const lines = list.map(({ message, path }) => `  - ${message}${path === undefined ? '' : ` (${path})`}`);
  process.stderr.write(`${title}:\n${lines.join('\n')}\n`);
}
