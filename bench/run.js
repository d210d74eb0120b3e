import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { machine } from './lib/machine.js';
import { writeResults } from './results.js';
import { ALL, SECTIONS } from './sections.js';

/** `npm run bench -- SECTION…` or `all`: see README.md. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    minutes: { type: 'string' },
  },
});
const unknown = positionals.filter((name) => name !== 'all' && name !== 'report' && !SECTIONS[name]);
if (positionals.length === 0 || unknown.length > 0) {
  const names = [...Object.keys(SECTIONS), 'all', 'report'].join(', ');
  process.stderr.write(
    `Say what to measure: ${names}.${unknown.map((name) => ` There is no ${name}.`).join('')}\n`,
  );
  process.exit(2);
}
const only = values.only.split(',').filter(Boolean);
const log = (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

if (positionals.includes('all')) await measureAll();
else if (positionals.includes('report')) await writeResults();
else for (const name of positionals) await measure(name);
process.exit();

async function measure(name) {
  const section = SECTIONS[name];
  const { measure: run, report } = await section.load();
  const where = await machine();
  const amounts = { ...(values.short ? section.short : section.full) };
  if (values.minutes) amounts.minutes = Number(values.minutes);
  const result = await run({ ...amounts, only, log });
  process.stdout.write(`\n## ${name}\n\n${report(result)}\n`);
  if (only.length > 0) return;
  const folder = new URL('./results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const whole = { section: name, short: values.short, machine: where, result };
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(whole, null, 2)}\n`);
}

/** Each section in a process of its own, so that none inherits the memory of the one before; then RESULTS.md. */
async function measureAll() {
  for (const name of ALL) {
    const begun = performance.now();
    const args = [new URL(import.meta.url).pathname, name, ...(values.short ? ['--short'] : [])];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    log(`${name} took ${Math.round((performance.now() - begun) / 1000)} s`);
    if (status !== 0) process.exitCode = 1;
  }
  await writeResults();
}
