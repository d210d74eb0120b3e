import { median } from '../lib/stats.js';
import { cpuBetween, startWorker } from '../lib/worker.js';
import { tokenOf } from '../upstream/oauth.js';
import { ACCOUNTS_OF_USER } from '../upstream/rows.js';
import { coldStart, nodeStart } from './start.js';

const here = (path) => new URL(path, import.meta.url).pathname;
const PAGES = [10, 20, 50, 100];
const ACCOUNTS = [1, 3, 10, 30, 100];

/** How cost grows: with the log, the page and the accounts; and what an idle process costs. */
export async function growth({ sizes, starts, ms, log }) {
  const events = [];
  const logProcess = startWorker(here('./log.js'));
  for (const size of sizes) {
    events.push({ size, ...(await logProcess.call('measure', { size })) });
    log(`a log of ${size}`);
  }
  await logProcess.stop();

  const coldStarts = [];
  for (let n = 0; n < starts; n += 1) coldStarts.push({ ...(await coldStart()), node: await nodeStart() });
  const over = (key) => median(coldStarts.map((one) => one[key]));
  log('cold starts');

  const upstream = startWorker(here('../upstream/server.js'));
  const { url: upstreamUrl } = await upstream.call('start');
  const load = startWorker(here('../lib/load.js'));
  const servers = [];
  const users = [0, ...ACCOUNTS.map(ACCOUNTS_OF_USER)];
  for (const name of ['floor', 'mekong']) {
    const process = startWorker(here(`../queries/contestants/${name}.js`));
    const { url, tokens } = await process.call('start', { upstream: upstreamUrl, users, keepAnswers: false });
    servers.push({ name, process, url, tokens: tokens ?? users.map(tokenOf) });
  }
  /** Medians of three rounds, ours and the floor's in turn. */
  const compare = async (operation, variables, user) => {
    const measured = { floor: [], mekong: [] };
    for (let round = 0; round <= 3; round += 1) {
      for (const { name, process, url, tokens } of servers) {
        const before = await process.call('usage');
        const result = await load.call('load', {
          url,
          tokens: [tokens[users.indexOf(user)]],
          operation,
          variables,
          connections: 1,
          durationMs: ms,
        });
        const cpuUs = cpuBetween(before, await process.call('usage')) / result.operations;
        if (round > 0) measured[name].push({ p50: result.p50, cpuUs });
      }
    }
    const of = (name, key) => median(measured[name].map((one) => one[key]));
    return {
      mekong: { p50: of('mekong', 'p50'), cpuUs: of('mekong', 'cpuUs') },
      floor: { p50: of('floor', 'p50'), cpuUs: of('floor', 'cpuUs') },
    };
  };
  const pages = [];
  for (const first of PAGES) pages.push({ first, ...(await compare('Page', { first }, 0)) });
  log('page sizes');
  const accounts = [];
  for (const count of ACCOUNTS) {
    await upstream.call('set', { delay: 100, counting: true });
    const user = ACCOUNTS_OF_USER(count);
    await load.call('ask', {
      url: servers[1].url,
      token: servers[1].tokens[users.indexOf(user)],
      operation: 'Accounts',
    });
    const { calls, waves } = await upstream.call('take', user);
    await upstream.call('set', { delay: 0, counting: false });
    accounts.push({ count, calls, waves, ...(await compare('Accounts', {}, user)) });
  }
  log('numbers of accounts');
  for (const { process } of servers) await process.stop();
  await Promise.all([upstream.stop(), load.stop()]);
  return { events, start: { ms: over('ms'), rss: over('rss'), node: over('node') }, pages, accounts };
}
