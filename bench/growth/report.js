import { table } from '../lib/table.js';

const MB = 1_000_000;

export function report({ events, start, pages, accounts }) {
  const [smallest] = events;
  const largest = events.at(-1);
  const row = (title, key) => [title, ...events.map((at) => at[key]), largest[key] / smallest[key]];
  const compared = ({ mekong, floor }) => [
    mekong.p50,
    floor.p50,
    mekong.cpuUs / 1000,
    floor.cpuUs / 1000,
    mekong.cpuUs / floor.cpuUs,
  ];
  const head = ['p50 ms', 'floor p50 ms', 'CPU ms', 'floor CPU ms', 'CPU of the floor'];
  return [
    'The length of the event log (SQLite, synchronous=FULL), ms each',
    table(
      ['events', ...events.map(({ size }) => size), 'last / first'],
      [
        row('append one', 'append'),
        row('append, 64 together, each', 'appendTogether'),
        row('append a duplicate', 'duplicate'),
        row('`end()`', 'end'),
        row('resume from the middle: first page', 'resumeFirst'),
        row('resume from the middle: 1,000 events', 'resume1000'),
        row('20 events of one account among 100', 'filteredPage'),
        ['file, MB', ...events.map(({ bytes }) => bytes / MB), ''],
        ['memory, MB', ...events.map(({ rss }) => rss / MB), ''],
      ],
    ),
    'Page size: transactions with card and account, one connection',
    table(
      ['first', ...head],
      pages.map((page) => [page.first, ...compared(page)]),
    ),
    'Number of accounts: each with its balance and cards, one connection',
    table(
      ['accounts', 'calls/waves', ...head],
      accounts.map((at) => [at.count, `${at.calls}/${at.waves}`, ...compared(at)]),
    ),
    'A process that does nothing',
    table(
      ['', ''],
      [
        ['cold start to the first 200 of /readyz, ms', start.ms],
        ['of which Node.js itself, ms', start.node],
        ['memory at rest (RSS), MB', start.rss / MB],
      ],
    ),
    'Memory of an idle socket: see fanout.',
  ].join('\n\n');
}
