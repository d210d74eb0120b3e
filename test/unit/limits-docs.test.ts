import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pageCalls as bongloyCalls } from '../../src/providers/bongloy/pagination.ts';
import { pageCalls as cassoCalls } from '../../src/providers/casso/pagination.ts';

const LIMITS = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');
/** The cell beside the one that begins so. */
const requestsOf = (field: string): string =>
  LIMITS.split('\n')
    .find((line) => line.startsWith(`| ${field}`))
    ?.split('|')[2]
    ?.trim() ?? '';

test("docs/limits.md prices Bongloy's pages as the gateway does", () => {
  const [after, before] = ['a', 'b'];
  const plain = bongloyCalls({ after: null, before: null, first: 10 });
  const more = (request: Partial<Parameters<typeof bongloyCalls>[0]>) =>
    bongloyCalls({ after: null, before: null, ...request });
  expect(requestsOf('`accounts`, `cards`, `transactions`')).toBe(
    `${plain}; ${more({ after, first: 10 }) - plain} more with \`after\`; ${more({ first: 100 }) - plain} more with \`first: 100\`; ${more({ before, first: 10 })} with \`before\`; ${more({ before, last: 10 })} with \`last\`, and ${more({ after, before, last: 10 })} with \`last\` and \`after\``,
  );
});

test("docs/limits.md prices Casso's pages as the gateway does", () => {
  const [plain, where] = [false, true].map((one) => cassoCalls({ after: false, where: one }));
  const after = cassoCalls({ after: true, where: false }) - (plain ?? 0);
  const row = requestsOf('`bankTransactions`');
  expect(row.startsWith(`${plain}; ${where} with a`)).toBe(true);
  expect(row).toContain(`${after} more with \`after\``);
});
