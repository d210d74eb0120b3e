import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { BEFORE, buildBefore } from '../lib/before.js';

const say = (line) => process.stderr.write(`${line}\n`);
const file = (name) => new URL(`./contestants/${name}.js`, import.meta.url).pathname;

/** Who is measured. The floor comes first: the others are measured as multiples of it. */
export const CONTESTANTS = [
  { name: 'floor', title: 'floor (node:http + undici)', file: file('floor') },
  {
    name: 'before',
    title: `Mekong before (${BEFORE})`,
    file: file('mekong'),
    options: { keepAnswers: false, build: pathToFileURL(`${await buildBefore(say)}/dist/`).href },
  },
  {
    name: 'mekong',
    title: 'Mekong',
    file: file('mekong'),
    options: { keepAnswers: false },
  },
  {
    name: 'mekong-cached',
    title: 'Mekong, answers kept 2 s',
    file: file('mekong'),
    options: { keepAnswers: true },
  },
  {
    name: 'yoga',
    title: 'yoga + dataloader + undici + jit',
    file: file('yoga'),
    options: { flavour: 'dataloader' },
  },
  { name: 'yoga-naive', title: 'yoga + undici, naive', file: file('yoga'), options: { flavour: 'naive' } },
  { name: 'mercurius', title: 'mercurius, loaders, jit', file: file('mercurius') },
  { name: 'apollo', title: 'Apollo + datasource-rest', file: file('apollo') },
  // A package of its own: npm ci --prefix bench/queries/contestants/hive
  ...(existsSync(new URL('./contestants/hive/node_modules', import.meta.url))
    ? [{ name: 'hive', title: 'Hive Gateway over REST', file: file('hive/gateway'), dialect: 'connect' }]
    : []),
];
