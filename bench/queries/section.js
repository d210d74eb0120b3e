import { deepStrictEqual } from 'node:assert';
import { median } from '../lib/stats.js';
import { cpuBetween, startWorker } from '../lib/worker.js';
import { tokenOf } from '../upstream/oauth.js';
import { CONTESTANTS } from './contestants.js';
import { fromConnect } from './dialects.js';
import { comparable, OPERATIONS } from './operations.js';

/** Under the load; each contestant's cold operations have users of their own. */
const USERS = 64;
const COLD_USERS = 5;
const COLD_DELAY = 100;
const here = (path) => new URL(path, import.meta.url).pathname;

/**
 * Calls and waves of a cold operation, then rounds A B C A B C of: each operation for a while on one connection, then
 * on 64 under 64 credentials.
 * @param only names of contestants and operations, empty for all.
 */
export async function queries({ rounds, ms, only = [], log }) {
  const among = (names) => (names.some((name) => only.includes(name)) ? only : names);
  const operations = Object.keys(OPERATIONS).filter((name) => among(Object.keys(OPERATIONS)).includes(name));
  const names = CONTESTANTS.map(({ name }) => name);
  const chosen = CONTESTANTS.filter(({ name }) => name === 'floor' || among(names).includes(name));

  const upstream = startWorker(here('../upstream/server.js'));
  const { url: upstreamUrl } = await upstream.call('start');
  const load = startWorker(here('../lib/load.js'));
  const coldUsers = operations.length * (COLD_USERS + 1);
  const users = Array.from({ length: USERS + coldUsers }, (_, user) => user);
  const contestants = [];
  for (const { file, options, ...contestant } of chosen) {
    const process = startWorker(file, { execArgv: ['--expose-gc'] });
    const started = await process.call('start', {
      upstream: upstreamUrl,
      users,
      ...options,
    });
    const tokens = started.tokens ?? users.map(tokenOf);
    contestants.push({ ...contestant, process, url: started.url, tokens });
    log(`${contestant.title} is up`);
  }

  const ask = (contestant, operation, user, warmUser) =>
    load.call('ask', {
      url: contestant.url,
      token: contestant.tokens[user],
      warmToken: warmUser === undefined ? undefined : contestant.tokens[warmUser],
      dialect: contestant.dialect,
      operation,
    });

  await upstream.call('set', { delay: 0, counting: false });
  for (const operation of operations) {
    const expected = (await ask(contestants[0], operation, 0)).answers.map(
      (answer) => comparable(answer).data,
    );
    for (const contestant of contestants) {
      const { answers } = await ask(contestant, operation, 0);
      const given = answers.map(comparable).map(({ data }) => plain(contestant, operation, data));
      deepStrictEqual(given, expected, `${contestant.name} answers ${operation} otherwise`);
    }
  }
  log('all answer the same');

  const results = Object.fromEntries(contestants.map(({ name, title }) => [name, { title, operations: {} }]));
  const resultOf = ({ name }, operation) => {
    const { operations: kept } = results[name];
    kept[operation] ??= { cold: null, one: [], many: [] };
    return kept[operation];
  };

  await upstream.call('set', { delay: COLD_DELAY, counting: true });
  for (const [index, operation] of operations.entries()) {
    for (const contestant of contestants) {
      const latencies = [];
      let counted;
      for (let n = 1; n <= COLD_USERS; n += 1) {
        const first = USERS + index * (COLD_USERS + 1);
        // Another user goes before, so that code is compiled and connections are open; nothing is theirs in common.
        await upstream.call('take');
        const warm = n === 1 ? first : undefined;
        if (warm !== undefined) await ask(contestant, operation, warm);
        await upstream.call('take');
        latencies.push((await ask(contestant, operation, first + n)).ms);
        counted = await upstream.call('take', first + n);
      }
      resultOf(contestant, operation).cold = { ...counted, ms: median(latencies) };
    }
  }
  log('cold operations counted');

  await upstream.call('set', { delay: 0, counting: false });
  for (let round = 0; round <= rounds; round += 1) {
    for (const operation of operations) {
      for (const contestant of contestants) {
        const { process, url, dialect } = contestant;
        const tokens = contestant.tokens.slice(0, USERS);
        const measure = async (connections, durationMs) => {
          const before = await process.call('usage');
          const measured = await load.call('load', {
            url,
            tokens,
            dialect,
            operation,
            connections,
            durationMs,
          });
          const after = await process.call('usage');
          if (measured.failed > 0) log(`${contestant.title}: ${measured.failed} failed: ${measured.failure}`);
          return {
            ...measured,
            cpuUs: cpuBetween(before, after) / measured.operations,
            rss: after.memory.rss,
          };
        };
        // Round 0 warms up.
        if (round === 0) {
          await measure(64, ms);
          continue;
        }
        resultOf(contestant, operation).one.push(await measure(1, ms / 2));
        resultOf(contestant, operation).many.push(await measure(64, ms));
      }
    }
    log(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`);
  }

  for (const { process } of contestants) await process.stop();
  await Promise.all([upstream.stop(), load.stop()]);
  return { users: USERS, coldDelayMs: COLD_DELAY, rounds, ms, contestants: summarised(results) };
}

/** The answer's data in the words of the others, as JSON has it. */
const plain = ({ dialect }, operation, data) =>
  dialect === 'connect' ? JSON.parse(JSON.stringify(fromConnect[operation](data))) : data;

/** Medians over the rounds; memory is the most that was seen after one. */
function summarised(results) {
  const over = (measured, key) => median(measured.map((one) => one[key]));
  return Object.fromEntries(
    Object.entries(results).map(([name, { title, operations }]) => [
      name,
      {
        title,
        rss: Math.max(...Object.values(operations).flatMap(({ many }) => many.map(({ rss }) => rss))),
        operations: Object.fromEntries(
          Object.entries(operations).map(([operation, { cold, one, many }]) => [
            operation,
            {
              cold,
              one: { p50: over(one, 'p50'), p99: over(one, 'p99') },
              many: {
                perSecond: over(many, 'perSecond'),
                p50: over(many, 'p50'),
                p99: over(many, 'p99'),
                cpuUs: over(many, 'cpuUs'),
                failed: many.reduce((sum, { failed }) => sum + failed, 0),
              },
            },
          ]),
        ),
      },
    ]),
  );
}
