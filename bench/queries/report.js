import { table } from '../lib/table.js';
import { OPERATIONS } from './operations.js';

const MB = 1_000_000;

/** The tables of a run of `queries`. */
export function report({ users, coldDelayMs, contestants }) {
  const all = Object.values(contestants);
  const { floor } = contestants;
  const operations = Object.keys(floor.operations);
  const perOperation = (value) =>
    table(
      ['', ...operations],
      all.map(({ title, operations: measured }) => [
        title,
        ...operations.map((name) => value(measured[name], floor.operations[name])),
      ]),
    );
  const failed = all.some(({ operations: measured }) =>
    Object.values(measured).some(({ many }) => many.failed > 0),
  );
  return [
    operations.map((name) => `${name}: ${OPERATIONS[name].title}`).join(' · '),
    `Upstream calls / sequential waves of a cold operation`,
    perOperation(({ cold }) => `${cold.calls}/${cold.waves}`),
    `Latency of a cold operation with ${coldDelayMs} ms upstream, ms`,
    perOperation(({ cold }) => cold.ms),
    'One connection, no upstream delay: p50 / p99, ms',
    perOperation(({ one }) => `${one.p50.toFixed(2)} / ${one.p99.toFixed(2)}`),
    `64 connections under ${users} credentials: operations per second`,
    perOperation(({ many }) => many.perSecond),
    'the same as a share of the floor',
    perOperation(({ many }, base) => many.perSecond / base.many.perSecond),
    'the same, p99, ms',
    perOperation(({ many }) => many.p99),
    'CPU per operation, ms',
    perOperation(({ many }) => many.cpuUs / 1000),
    "CPU per operation as a multiple of the floor's",
    perOperation(({ many }, base) => many.cpuUs / base.many.cpuUs),
    ...(failed ? ['Operations that failed, over all rounds', perOperation(({ many }) => many.failed)] : []),
    'Memory under load (RSS), MB',
    table(
      ['', 'MB'],
      all.map(({ title, rss }) => [title, rss / MB]),
    ),
  ].join('\n\n');
}
