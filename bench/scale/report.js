import { table } from '../lib/table.js';

export function report({ sockets, results }) {
  const head = [
    '',
    'webhooks/s',
    'p99 ms',
    'CPU us/webhook',
    'answered 503 and repeated',
    'deliveries/s',
    'CPU us/delivery',
  ];
  const rows = results.map((at) => [
    at.title,
    at.webhooksPerSecond,
    at.webhookP99,
    at.webhookCpuUs,
    at.repeated,
    at.deliveriesPerSecond,
    at.deliveryCpuUs,
  ]);
  return [
    `Signed webhooks on 64 connections; broadcast to ${sockets.toLocaleString('en-US')} sockets`,
    table(head, rows),
    'Senders, receivers, nats-server and the gateways share the machine: with two cores, a second gateway process cannot ' +
      'double anything. What it costs in CPU says how it would grow on more.',
  ].join('\n\n');
}
