import { readFile, writeFile } from 'node:fs/promises';
import { aims } from './aims.js';
import { SECTIONS } from './sections.js';

/** Writes RESULTS.md anew from results/*.json. Nothing in it is written by hand. */
export async function writeResults() {
  const runs = {};
  for (const name of Object.keys(SECTIONS)) {
    const file = new URL(`./results/${name}.json`, import.meta.url);
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) runs[name] = JSON.parse(text);
  }
  const parts = [
    '# Results',
    'Written by `npm run bench -- report` from `results/*.json`. How it is measured stands in [README.md](README.md).',
    aims(runs),
  ];
  for (const [name, { short, machine, result }] of Object.entries(runs)) {
    const { report } = await SECTIONS[name].load();
    parts.push(`## ${name}`, where(machine, short), report(result));
  }
  parts.push('## Versions', versions(runs));
  await writeFile(new URL('./RESULTS.md', import.meta.url), `${parts.join('\n\n')}\n`);
}

function where({ commit, date, cpu, cores, memoryGB, kernel, node, load }, short) {
  const busy =
    load > 0.5
      ? ` **The machine was not quiet: load ${load.toFixed(1)} on ${cores} cores before it began.**`
      : '';
  const trial = short ? ' **A short trial.**' : '';
  return `${date}${commit ? `, commit ${commit}` : ''}, Node.js ${node}, ${cores} cores (${cpu}), ${memoryGB} GB, Linux ${kernel}.${busy}${trial}`;
}

function versions(runs) {
  const all = Object.assign({}, ...Object.values(runs).map(({ machine }) => machine.versions));
  return Object.entries(all)
    .map(([name, version]) => `${name} ${version}`)
    .join(' · ');
}
