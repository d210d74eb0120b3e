import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openSqliteStore } from '../../src/app/store-sqlite.ts';
import { newStoreKey } from '../../src/cli/keys/store.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import type { NewEvent } from '../../src/events/log.ts';
import { bankEvent } from '../support/events.ts';
import { mekong } from '../support/terminal.ts';

vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'mekong-hostile-'));
const ENV_FILE = join(folder, '.env');
const COUNT = 60;

/** What terminals obey, what forges lines, and what turns the reading direction. */
const sign = fc.constantFrom(
  '\u001b[2J',
  '\u001b]0;x\u0007',
  '\u001bc',
  '\u009b31m',
  '\u0090',
  '\u0000',
  '\u0007',
  '\u0008',
  '\r',
  '\n',
  '\t',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\u200f',
  '\ufeff',
  '\ud800',
  '\u{e0001}',
  'ấ',
  '7',
);
const text = fc.array(sign, { minLength: 1, maxLength: 12 }).map((signs) => signs.join(''));
const hostile: fc.Arbitrary<NewEvent> = fc
  .record({
    reference: text,
    description: text,
    bankAccountNumber: text,
    counterparty: fc.record({ accountNumber: text, name: text, bankId: text, bankName: text }),
    virtualAccount: fc.record({ number: text, name: text }),
  })
  .chain((transaction) =>
    fc.record({ type: text, key: fc.uuid() }).map((changes) => ({ ...bankEvent(transaction), ...changes })),
  );

beforeAll(async () => {
  const path = join(folder, 'mekong.db');
  writeFileSync(ENV_FILE, `STORE_URL=sqlite:${path}\nSTORE_KEYS=${newStoreKey()}\n`);
  const store = openSqliteStore(path);
  await store.log.append(fc.sample(hostile, COUNT));
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const events = (...args: string[]) => mekong('--env-file', ENV_FILE, 'events', ...args);
const linesOf = (out: string): string[] => out.split('\n').slice(0, -1);

describe('whatever a provider wrote into an event,', () => {
  test.each([
    ['tail', '-n', String(COUNT)],
    ['tail', '-n', String(COUNT), '--reveal'],
    ['replay'],
    ['replay', '--reveal'],
    ['replay', '--json'],
    ['replay', '--json', '--reveal'],
  ])(
    'mekong events %s %s %s %s prints a line for each, and nothing that a terminal obeys',
    async (...args) => {
      const { code, out } = await events(...args.filter(Boolean));
      expect(code).toBe(0);
      const lines = linesOf(out);
      expect(lines).toHaveLength(args.includes('--json') ? COUNT : COUNT + 1);
      for (const line of lines) expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      if (args.includes('--json')) {
        expect(lines.map((line) => JSON.parse(line).position)).toEqual(
          Array.from({ length: COUNT }, (_, n) => n + 1),
        );
      }
    },
  );

  test('mekong events show has as many lines as an event has members', async () => {
    const lengths = new Set<number>();
    for (let position = 1; position <= COUNT; position += 1) {
      const lines = linesOf((await events('show', String(position), '--reveal')).out);
      for (const line of lines) expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      lengths.add(lines.length);
    }
    expect(lengths.size).toBe(1);
  });
});

test('what a command forgets to make plain is made so by the terminal: nothing is obeyed but our colours', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, fc.string()), { maxLength: 5 }), (parts) => {
      let written = '';
      const terminal = createTerminal({
        out: async (said) => void (written += said),
        err: (said) => void (written += said),
        watched: false,
        style: (_colour, said) => `\u001b[31m${said}\u001b[39m`,
      });
      void terminal.out(terminal.style('red', parts.join('')));
      terminal.err(parts.join('\n'));
      expect(
        written.replaceAll('\u001b[31m', '').replaceAll('\u001b[39m', '').replaceAll('\n', ''),
      ).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});
