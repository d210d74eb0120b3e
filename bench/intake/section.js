import { median } from '../lib/stats.js';
import { cpuBetween, startWorker } from '../lib/worker.js';

const here = (path) => new URL(path, import.meta.url).pathname;
const CONTESTANTS = [
  { name: 'no-store', title: 'the same server without a store', file: here('./contestants/no-store.js') },
  { name: 'mekong', title: 'Mekong, durable', file: here('./contestants/mekong.js') },
];
const CONNECTIONS = [1, 64, 256];

/** Signed webhooks acknowledged a second, on 1, 64 and 256 connections. */
export async function intake({ rounds, deliveries, log }) {
  const upstream = startWorker(here('../upstream/server.js'));
  const { url: upstreamUrl } = await upstream.call('start');
  const deliverer = startWorker(here('./deliverer.js'));
  const running = [];
  for (const { name, title, file } of CONTESTANTS) {
    const process = startWorker(file);
    const { url } = await process.call('start', { upstream: upstreamUrl });
    running.push({ name, title, process, url, measured: CONNECTIONS.map(() => []) });
  }
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, connections] of CONNECTIONS.entries()) {
      // One connection is slow: a fifth of the deliveries say as much.
      const count = connections === 1 ? deliveries / 5 : deliveries;
      for (const { process, url, measured } of running) {
        const before = await process.call('usage');
        const result = await deliverer.call('deliver', { url, connections, count });
        const cpuUs = cpuBetween(before, await process.call('usage')) / count;
        // Round 0 warms up.
        if (round > 0) measured[index].push({ ...result, cpuUs });
      }
    }
    log(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`);
  }
  for (const { process } of running) await process.stop();
  await Promise.all([upstream.stop(), deliverer.stop()]);
  const contestants = running.map(({ title, measured }) => ({
    title,
    at: measured.map((all) =>
      Object.fromEntries(
        ['perSecond', 'p50', 'p99', 'cpuUs'].map((key) => [key, median(all.map((one) => one[key]))]),
      ),
    ),
  }));
  return { rounds, deliveries, connections: CONNECTIONS, contestants };
}
