import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Finding, fuzz } from '../test/fuzz/fuzz.ts';

/** `npm run fuzz -- --minutes N --seed S --from N`: see test/fuzz/fuzz.ts. Ends with 1 when something was found. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    from: { type: 'string', default: '0' },
  },
});
const seed = Number(values.seed);
const from = Number(values.from);
process.stdout.write(`seed ${seed}, ${values.minutes} minutes\n`);

const report = await fuzz({ seed, from, ms: Number(values.minutes) * 60_000, onFinding: print });
const { cases, byKind, spoiled, findings } = report;
process.stdout.write(
  `${cases} operations (${byKind.query} queries, ${byKind.mutation} mutations, ${byKind.subscription} subscriptions), ` +
    `${spoiled} with spoiled answers; ${findings.length} findings\n`,
);
process.exitCode = findings.length > 0 ? 1 : 0;

function print({ number, complaint, smallest }: Finding): void {
  process.stdout.write(
    `\ncase ${number} (again: npm run fuzz -- --seed ${seed} --from ${number}): ${complaint}\n${JSON.stringify(smallest, null, 2)}\n`,
  );
}
