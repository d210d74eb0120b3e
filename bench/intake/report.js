import { table } from '../lib/table.js';

export function report({ connections, contestants }) {
  const [base] = contestants;
  const head = ['connections', '', 'acknowledged/s', 'share', 'p50 ms', 'p99 ms', 'CPU us'];
  const rows = connections.flatMap((count, index) =>
    contestants.map(({ title, at }) => {
      const { perSecond, p50, p99, cpuUs } = at[index];
      return [count, title, perSecond, perSecond / base.at[index].perSecond, p50, p99, cpuUs];
    }),
  );
  return table(head, rows);
}
