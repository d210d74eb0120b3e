import { median } from '../lib/stats.js';
import { cpuBetween, startWorker } from '../lib/worker.js';

const here = (path) => new URL(path, import.meta.url).pathname;
const CONTESTANTS = [
  { name: 'raw', title: 'raw ws', file: here('./contestants/raw.js') },
  { name: 'mekong', title: 'Mekong', file: here('./contestants/mekong.js') },
  {
    name: 'yoga',
    title: 'yoga + graphql-ws + createPubSub',
    file: here('./contestants/yoga.js'),
    mayFail: true,
  },
];
/** Events a delivery of a burst: the fan-out is measured here, and intake by itself in its own section. */
const ROWS = 10;
const PACE = 20;

/**
 * For each number of sockets, per account (each socket hears of one of 100) and broadcast (each hears all): memory of
 * the idle sockets, bursts in interleaved rounds, and 20 events a second for their latency.
 */
export async function fanout({ sizes, rounds, deliveries, seconds, only = [], log }) {
  const names = CONTESTANTS.map(({ name }) => name);
  const chosen = names.some((name) => only.includes(name))
    ? CONTESTANTS.filter(({ name }) => name === 'raw' || only.includes(name))
    : CONTESTANTS;
  const numbers = only.map(Number).filter((number) => number > 0);
  const upstream = startWorker(here('../upstream/server.js'));
  const { url: upstreamUrl } = await upstream.call('start');
  const results = [];
  for (const size of numbers.length > 0 ? numbers : sizes) {
    for (const mode of ['account', 'broadcast']) {
      const measured = await measure({ size, mode, chosen, upstreamUrl, rounds, deliveries, seconds });
      results.push({ size, mode, contestants: measured });
      log(`${size} sockets, ${mode}`);
    }
  }
  await upstream.stop();
  return { rounds, deliveries, results };
}

async function measure({ size, mode, chosen, upstreamUrl, rounds, deliveries, seconds }) {
  const hearers = mode === 'account' ? size / 100 : size;
  const events = Math.max(ROWS, Math.round(deliveries / hearers / ROWS) * ROWS);
  const sender = startWorker(here('../lib/sender.js'));
  const running = [];
  for (const { name, title, file, mayFail = false } of chosen) {
    const server = startWorker(file, { execArgv: ['--expose-gc'] });
    const clients = startWorker(here('./clients.js'));
    const started = await server.call('start', { upstream: upstreamUrl });
    const idle = await settled(server);
    await clients.call('open', {
      port: started.port,
      count: size,
      tokens: started.tokens,
      accounts: mode === 'account' ? started.accounts : null,
    });
    const subscribed = await settled(server);
    const perSocket = (key) => (subscribed.memory[key] - idle.memory[key]) / size;
    const memory = { heap: perSocket('heapUsed'), rss: perSocket('rss') };
    const bursts = [];
    running.push({ name, title, mayFail, server, clients, url: started.url, memory, bursts, failure: null });
  }

  for (let round = 0; round <= rounds; round += 1) {
    for (const contestant of running) {
      if (contestant.failure) continue;
      try {
        const burst = await oneBurst(contestant, sender, { events, hearers, size });
        // Round 0 warms up.
        if (round > 0) contestant.bursts.push(burst);
      } catch (error) {
        // A peer that loses deliveries is told of as such; the limit and ours must not.
        if (!contestant.mayFail) throw error;
        contestant.failure =
          /[^:\n]*deliveries came[^\n]*|sockets got[^\n]*/.exec(error.message)?.[0].trim() ?? 'failed';
      }
    }
  }
  const summary = {};
  for (const { name, title, server, clients, url, memory, bursts, failure } of running) {
    const isTimed = mode === 'account' && !failure;
    const latency = isTimed ? await paced({ clients, url }, sender, size, seconds) : null;
    const over = (key) => (failure ? null : median(bursts.map((burst) => burst[key])));
    summary[name] = { title, memory, perSecond: over('perSecond'), cpuUs: over('cpuUs'), latency, failure };
    await Promise.all([server.stop(), clients.stop()]);
  }
  await sender.stop();
  return summary;
}

/** Memory after a collection. */
async function settled(server) {
  await server.call('collect');
  await new Promise((resolve) => {
    setTimeout(resolve, 500);
  });
  await server.call('collect');
  return server.call('usage');
}

async function oneBurst({ name, server, clients, url }, sender, { events, hearers, size }) {
  const deliveries = events * hearers;
  const due = deliveries / size;
  await clients.call('reset');
  const before = await server.call('usage');
  const arrived = clients.call('until', { deliveries });
  const begun = await sender.call('burst', { url, events, rows: ROWS }).catch((error) => {
    throw new Error(`${name}: ${error.message}`);
  });
  const ended = await arrived;
  const after = await server.call('usage');
  const { least, most, closed } = await clients.call('counted');
  if (closed > 0 || least < Math.floor(due) || most > Math.ceil(due)) {
    throw new Error(`${name}: sockets got ${least} to ${most} events of ${due}, ${closed} were closed`);
  }
  return { perSecond: deliveries / ((ended - begun) / 1e6), cpuUs: cpuBetween(before, after) / deliveries };
}

async function paced({ clients, url }, sender, size, seconds) {
  await clients.call('reset', { timed: true });
  const arrived = clients.call('until', { deliveries: (PACE * seconds * size) / 100 });
  await sender.call('pace', { url, perSecond: PACE, seconds });
  await arrived;
  const { p50, p99 } = await clients.call('counted');
  return { p50, p99 };
}
