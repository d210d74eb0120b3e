import { table } from '../lib/table.js';

const MB = 1_000_000;

export function report({
  minutes,
  subscribers,
  webhooks,
  counts,
  first,
  last,
  after,
  perMinute,
  databasePerEvent,
}) {
  const bytes = (title, key) => [
    title,
    first[key] / MB,
    last[key] / MB,
    perMinute[key] / MB,
    after[key] / MB,
  ];
  const number = (title, key) => [title, first[key], last[key], perMinute[key], after[key]];
  return [
    `${minutes} minutes, ${subscribers} subscribers that come and go: ${counts.queries} queries, ${counts.logins} logins, ` +
      `${webhooks} webhooks, ${counts.subscriptions} subscriptions, ${counts.events} deliveries, ${counts.failures} failures` +
      (counts.lastFailure ? ` (the last: ${counts.lastFailure})` : ''),
    table(
      ['', 'after warm-up', 'at the end', 'growth a minute', 'without users'],
      [
        bytes('heap, MB', 'heap'),
        bytes('external, MB', 'external'),
        bytes('RSS, MB', 'rss'),
        number('handles', 'handles'),
        number('open files', 'files'),
        ['sockets subscribed', first.connected, last.connected, '', ''],
        ['database with its log, MB', first.database / MB, last.database / MB, perMinute.database / MB, ''],
      ],
    ),
    `The database grows by ${Math.round(databasePerEvent)} bytes an event.`,
  ].join('\n\n');
}
