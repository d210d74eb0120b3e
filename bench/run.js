import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { machine } from './lib/machine.js';

/** `npm run bench -- SECTION [--short] [--only NAME,NAME]`: measures, prints the tables, writes results/SECTION.json. */
const SECTIONS = {
  queries: {
    full: { rounds: 3, ms: 2000 },
    short: { rounds: 1, ms: 600 },
    load: async () => [
      (await import('./queries/section.js')).queries,
      (await import('./queries/report.js')).report,
    ],
  },
  fanout: {
    full: { sizes: [1000, 5000, 10_000], rounds: 3, deliveries: 200_000, seconds: 10 },
    short: { sizes: [1000], rounds: 1, deliveries: 20_000, seconds: 3 },
    load: async () => [
      (await import('./fanout/section.js')).fanout,
      (await import('./fanout/report.js')).report,
    ],
  },
  intake: {
    full: { rounds: 3, deliveries: 10_000 },
    short: { rounds: 1, deliveries: 2000 },
    load: async () => [
      (await import('./intake/section.js')).intake,
      (await import('./intake/report.js')).report,
    ],
  },
  growth: {
    full: { sizes: [10_000, 100_000, 1_000_000], starts: 5, ms: 1500 },
    short: { sizes: [10_000, 100_000], starts: 1, ms: 300 },
    load: async () => [
      (await import('./growth/section.js')).growth,
      (await import('./growth/report.js')).report,
    ],
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
const log = (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

for (const name of positionals) {
  const section = SECTIONS[name];
  if (!section) {
    process.stderr.write(`There is no section ${name}; there are ${Object.keys(SECTIONS).join(', ')}.\n`);
    process.exit(1);
  }
  const [measure, report] = await section.load();
  const only = values.only.split(',').filter(Boolean);
  const result = await measure({ ...(values.short ? section.short : section.full), only, log });
  const folder = new URL('./results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = new URL(`${name}.json`, folder);
  const whole = { section: name, machine: await machine(), short: values.short, result };
  if (only.length === 0) await writeFile(file, `${JSON.stringify(whole, null, 2)}\n`);
  process.stdout.write(`\n## ${name}\n\n${report(result)}\n`);
}
process.exit();
