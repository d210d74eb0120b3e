import { table } from '../lib/table.js';
import { OPERATIONS } from '../queries/operations.js';

/** The tables of a run of `alloc`. */
export function report({ contestants }) {
  const all = Object.values(contestants);
  const operations = Object.keys(all[0].bytes);
  const perOperation = (value) =>
    table(
      ['', ...operations],
      all.map((counted) => [counted.title, ...operations.map((name) => value(counted, name))]),
    );
  return [
    operations.map((name) => `${name}: ${OPERATIONS[name].title}`).join(' · '),
    'Promises per operation',
    perOperation(({ promises }, name) => Math.round(promises[name])),
    'Allocated per operation, KB',
    perOperation(({ bytes }, name) => bytes[name] / 1000),
  ].join('\n\n');
}
