import { startWorker } from '../lib/worker.js';
import { CONTESTANTS } from '../queries/contestants.js';
import { OPERATIONS } from '../queries/operations.js';
import { tokenOf } from '../upstream/oauth.js';

const USERS = 64;
const here = (path) => new URL(path, import.meta.url).pathname;

/** Operations at least: more of the largest would not fit into the young generation below. */
const MEASURED = 50;

/** Which contestants, unless others are named: these answer by the same calls. */
const USUAL = ['floor', 'before', 'mekong'];

/** Nothing is collected while a contestant is measured, so what its heap has grown by is what it allocated. */
const COUNT_BYTES = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];
const COUNT_PROMISES = ['--expose-gc', '--import', here('./count-promises.js')];

/**
 * Promises made and bytes allocated on the heap by each operation, asked one after the other: both are the same however
 * busy the machine is. Each is counted in a process of its own, as counting promises allocates.
 * @param only names of contestants and operations, empty for all.
 */
export async function alloc({ warmUp, only = [], log }) {
  const among = (names) => (names.some((name) => only.includes(name)) ? only : names);
  const operations = Object.keys(OPERATIONS).filter((name) => among(Object.keys(OPERATIONS)).includes(name));
  const names = CONTESTANTS.map(({ name }) => name);
  const chosen = CONTESTANTS.filter(({ name }) =>
    (names.some((known) => only.includes(known)) ? only : USUAL).includes(name),
  );

  const upstream = startWorker(here('../upstream/server.js'));
  const { url: upstreamUrl } = await upstream.call('start');
  const load = startWorker(here('../lib/load.js'));
  const users = Array.from({ length: USERS }, (_, user) => user);

  async function count({ file, options, dialect }, execArgv, read) {
    const process = startWorker(file, { execArgv });
    const { url, tokens = users.map(tokenOf) } = await process.call('start', {
      upstream: upstreamUrl,
      users,
      ...options,
    });
    const counted = {};
    for (const operation of operations) {
      /** @returns how often it was asked. */
      const ask = async (least) => {
        let asked = 0;
        while (asked < least) {
          const turn = { url, tokens, dialect, operation, connections: 1, durationMs: 100 };
          asked += (await load.call('load', turn)).operations;
        }
        return asked;
      };
      // By number and not by time: code that is not yet optimised allocates more.
      await ask(warmUp);
      await process.call('collect');
      const before = read(await process.call('usage'));
      const asked = await ask(MEASURED);
      counted[operation] = (read(await process.call('usage')) - before) / asked;
    }
    await process.stop();
    return counted;
  }

  const contestants = {};
  for (const { name, title, ...contestant } of chosen) {
    const bytes = await count(contestant, COUNT_BYTES, ({ memory }) => memory.heapUsed);
    const promises = await count(contestant, COUNT_PROMISES, (usage) => usage.promises);
    contestants[name] = { title, bytes, promises };
    log(`${title} counted`);
  }
  await Promise.all([upstream.stop(), load.stop()]);
  return { contestants };
}
