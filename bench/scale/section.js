import { randomBytes } from 'node:crypto';
import { startNats } from '../lib/nats.js';
import { median } from '../lib/stats.js';
import { cpuBetween, startWorker } from '../lib/worker.js';

const here = (path) => new URL(path, import.meta.url).pathname;
const ROWS = 20;

/**
 * Webhooks acknowledged a second (64 connections in all) and deliveries a second (broadcast), with one gateway process
 * and with two on one nats-server. The sockets are spread over the processes; so are the webhooks.
 */
export async function scale({ rounds, webhooks, sockets, deliveries, log }) {
  const upstream = startWorker(here('../upstream/server.js'));
  const { url: upstreamUrl } = await upstream.call('start');
  const settings = [
    { title: 'one process, SQLite', processes: 1, store: 'sqlite' },
    { title: 'one process, NATS', processes: 1, store: 'nats' },
    { title: 'two processes, NATS', processes: 2, store: 'nats' },
  ];
  const running = [];
  for (const { title, processes, store } of settings) {
    const nats = store === 'nats' ? await startNats() : null;
    const env = { STORE_KEYS: randomBytes(32).toString('base64'), ...(nats && { STORE_URL: nats.url }) };
    const gateways = [];
    for (let n = 0; n < processes; n += 1) {
      const process = startWorker(here('../fanout/contestants/mekong.js'));
      const started = await process.call('start', { upstream: upstreamUrl, env });
      const clients = startWorker(here('../fanout/clients.js'));
      const deliverer = startWorker(here('../intake/deliverer.js'));
      await deliverer.call('numberFrom', { id: 1_000_000 * (n + 1) });
      gateways.push({ process, clients, deliverer, ...started });
    }
    running.push({ title, gateways, nats, sender: startWorker(here('../lib/sender.js')), measured: [] });
    log(`${title} is up`);
  }
  for (let round = 0; round <= rounds; round += 1) {
    for (const setting of running) {
      const taken = await takeIn(setting, webhooks);
      const told = await tell(setting, sockets, deliveries);
      if (round > 0) setting.measured.push({ ...taken, ...told });
    }
    log(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`);
  }
  for (const { gateways, nats, sender } of running) {
    for (const { process, clients, deliverer } of gateways) {
      await Promise.all([process.stop(), clients.stop(), deliverer.stop()]);
    }
    await sender.stop();
    nats?.stop();
  }
  await upstream.stop();
  const results = running.map(({ title, measured }) => ({
    title,
    ...Object.fromEntries(
      Object.keys(measured[0]).map((key) => [key, median(measured.map((one) => one[key]))]),
    ),
  }));
  return { rounds, webhooks, sockets, deliveries, results };
}

/** Each process gets its share of the webhooks on its share of the connections. */
async function takeIn({ gateways }, webhooks) {
  const share = { connections: 64 / gateways.length, count: webhooks / gateways.length };
  const before = await usage(gateways);
  const results = await Promise.all(
    gateways.map(({ deliverer, url }) => deliverer.call('deliver', { url, ...share })),
  );
  const cpu = cpuOf(before, await usage(gateways));
  const seconds = Math.max(...results.map(({ perSecond }) => share.count / perSecond));
  return {
    webhooksPerSecond: webhooks / seconds,
    webhookP99: Math.max(...results.map(({ p99 }) => p99)),
    webhookCpuUs: cpu / webhooks,
    repeated: results.reduce((sum, one) => sum + one.repeated, 0),
  };
}

async function tell({ gateways, sender }, sockets, deliveries) {
  const share = sockets / gateways.length;
  const events = Math.max(ROWS, Math.round(deliveries / sockets / ROWS) * ROWS);
  await Promise.all(
    gateways.map(({ clients, port, tokens }) =>
      clients.call('open', { port, count: share, tokens, accounts: null }),
    ),
  );
  // What was subscribed a moment ago hears everything from here on.
  await Promise.all(gateways.map(({ clients }) => clients.call('reset')));
  const before = await usage(gateways);
  const arrived = gateways.map(({ clients }) => clients.call('until', { deliveries: events * share }));
  const begun = await sender.call('burst', { url: gateways[0].url, events, rows: ROWS });
  const ended = Math.max(...(await Promise.all(arrived)));
  const cpu = cpuOf(before, await usage(gateways));
  for (const { clients } of gateways) {
    const { least, most } = await clients.call('counted');
    if (least !== events || most !== events) throw new Error(`sockets got ${least} to ${most} of ${events}`);
    await clients.call('close');
  }
  const total = events * sockets;
  return { deliveriesPerSecond: total / ((ended - begun) / 1e6), deliveryCpuUs: cpu / total };
}

const usage = (gateways) => Promise.all(gateways.map(({ process }) => process.call('usage')));
const cpuOf = (before, after) => before.reduce((sum, one, index) => sum + cpuBetween(one, after[index]), 0);
