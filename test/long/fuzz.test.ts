import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/fuzz.ts';

const MINUTE = 60_000;

test(
  'no valid operation and no answer of a provider ends, holds or confuses the gateway',
  async () => {
    const seed = randomInt(2 ** 31);
    const { cases, byKind, spoiled, findings } = await fuzz({ seed, ms: MINUTE });
    process.stdout.write(
      `fuzz: seed ${seed}, ${cases} operations (${byKind.query} queries, ${byKind.mutation} mutations, ${byKind.subscription} subscriptions), ${spoiled} with spoiled answers\n`,
    );
    expect(findings).toEqual([]);
    expect(Math.min(...Object.values(byKind))).toBeGreaterThan(0);
  },
  10 * MINUTE,
);
