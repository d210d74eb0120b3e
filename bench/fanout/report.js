import { table } from '../lib/table.js';

const MODES = { account: 'per account (1 % of the sockets an event)', broadcast: 'broadcast' };

export function report({ results }) {
  return results
    .map(({ size, mode, contestants }) => {
      const { raw } = contestants;
      const rows = Object.values(contestants).map(({ title, memory, perSecond, cpuUs, latency, failure }) => [
        failure ? `${title}: ${failure}` : title,
        perSecond ?? '–',
        failure ? '–' : perSecond / raw.perSecond,
        cpuUs ?? '–',
        memory.heap / 1000,
        memory.rss / 1000,
        ...(mode === 'account' ? [latency?.p50 ?? '–', latency?.p99 ?? '–'] : []),
      ]);
      const head = ['', 'deliveries/s', 'of raw ws', 'CPU us/delivery', 'heap KB/socket', 'RSS KB/socket'];
      if (mode === 'account') head.push('p50 ms', 'p99 ms');
      return `${size.toLocaleString('en-US')} sockets, ${MODES[mode]}\n\n${table(head, rows)}`;
    })
    .join('\n\n');
}
