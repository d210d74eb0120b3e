import { table } from './lib/table.js';

const MB = 1_000_000;
const CALLS = { Q1: '2/1', Q2: '1/1', Q3: '6/2', Q4: '8/2', Q5: '1/1', Q6: '3/3' };
const CPU = { Q1: 3, Q2: 3, Q3: 2, Q4: 2.2, Q5: 2.5, Q6: 2 };

/** Shares of what the build before takes, in the same run. */
const CPU_OF_BEFORE = { Q1: 0.48, Q2: 0.55, Q3: 0.55, Q4: 0.55, Q5: 0.52, Q6: 0.6 };
const P99_OF_BEFORE = { Q1: 0.4, Q3: 0.7, Q4: 0.55 };
const PROMISES = { Q1: 45, Q3: 150, Q5: 45 };

/** What Mekong wants to reach, and whether it did in these runs. */
export function aims(runs) {
  const rows = [
    ...(runs.queries ? queryAims(runs.queries.result) : []),
    ...(runs.alloc ? allocAims(runs.alloc.result) : []),
    ...(runs.fanout ? fanoutAims(runs.fanout.result) : []),
    ...(runs.intake ? intakeAims(runs.intake.result) : []),
    ...(runs.growth ? growthAims(runs.growth.result) : []),
    ...(runs.providers ? providerAims(runs.providers.result) : []),
  ];
  const told = rows.map(([what, aim, measured, reached]) => [
    what,
    aim,
    measured,
    reached ? 'yes' : '**no**',
  ]);
  return `## Against the aims\n\n${table(['what', 'aim', 'measured', 'reached'], told)}`;
}

function queryAims({ contestants: { mekong, floor, before }, coldDelayMs }) {
  const ours = mekong.operations;
  const names = Object.keys(CALLS).filter((name) => ours[name]);
  const counted = ({ cold: { calls, waves } }) => `${calls}/${waves}`;
  const ratio = (name) => ours[name].many.cpuUs / floor.operations[name].many.cpuUs;
  const share = ours.Q3.many.perSecond / floor.operations.Q3.many.perSecond;
  const cold = 2 * coldDelayMs + 15;
  return [
    [
      `upstream calls / waves, cold: ${names.join(' ')}`,
      names.map((name) => CALLS[name]).join(', '),
      names.map((name) => counted(ours[name])).join(', '),
      names.every((name) => counted(ours[name]) === CALLS[name]),
    ],
    [
      `latency of Q3 at ${coldDelayMs} ms upstream, ms`,
      `<= ${cold}`,
      ours.Q3.cold.ms,
      ours.Q3.cold.ms <= cold,
    ],
    [
      `CPU per operation, multiple of the floor's: ${names.join(' ')}`,
      names.map((name) => CPU[name]).join(', '),
      names.map((name) => ratio(name).toFixed(2)).join(', '),
      names.every((name) => ratio(name) <= CPU[name]),
    ],
    ["throughput of Q3 as a share of the floor's", '>= 0.55', share, share >= 0.55],
    ['memory under load, MB', '< 230', mekong.rss / MB, mekong.rss < 230 * MB],
    ...(before ? beforeAims(ours, before.operations) : []),
  ];
}

function beforeAims(ours, before) {
  const row = (what, key, limits) => {
    const share = (name) => ours[name].many[key] / before[name].many[key];
    return atMost(`${what}, share of the build before`, limits, ours, share);
  };
  return [row('CPU per operation', 'cpuUs', CPU_OF_BEFORE), row('p99', 'p99', P99_OF_BEFORE)];
}

const allocAims = ({ contestants: { mekong } }) => [
  atMost('promises per operation', PROMISES, mekong.promises, (name) => Math.round(mekong.promises[name])),
];

/** @param measured of those operations alone that were. */
function atMost(what, limits, measured, value) {
  const names = Object.keys(limits).filter((name) => name in measured);
  return [
    `${what}: ${names.join(' ')}`,
    `<= ${names.map((name) => limits[name]).join(', ')}`,
    names.map((name) => Number(value(name).toFixed(2))).join(', '),
    names.every((name) => value(name) <= limits[name]),
  ];
}

function fanoutAims({ results }) {
  const rows = results.map(({ size, mode, contestants: { mekong, raw } }) => {
    const share = mekong.perSecond / raw.perSecond;
    return [`deliveries/s as a share of raw ws, ${size} sockets, ${mode}`, '>= 0.8', share, share >= 0.8];
  });
  const cpu = Math.max(...results.map(({ contestants }) => contestants.mekong.cpuUs));
  const memory = Math.max(...results.map(({ contestants }) => contestants.mekong.memory.rss)) / 1000;
  rows.push(['CPU per delivery, us (worst)', '< 8', cpu, cpu < 8]);
  rows.push(['memory per idle subscribed socket, KB of RSS (worst)', '< 12', memory, memory < 12]);
  const largest = results.findLast(({ mode }) => mode === 'account');
  if (largest) {
    const { mekong, raw } = largest.contestants;
    rows.push([
      `webhook to receipt at ${largest.size} sockets, p99, ms`,
      `< ${(2 * raw.latency.p99).toFixed(1)} (2x raw ws)`,
      mekong.latency.p99,
      mekong.latency.p99 < 2 * raw.latency.p99,
    ]);
  }
  return rows;
}

function intakeAims({ connections, contestants: [base, ours] }) {
  const at = connections.indexOf(64);
  const share = ours.at[at].perSecond / base.at[at].perSecond;
  const { p99 } = ours.at[at];
  return [
    [
      'durable intake as a share of the same server without a store, 64 connections',
      '>= 0.65',
      share,
      share >= 0.65,
    ],
    ['its p99, ms', '< 15', p99, p99 < 15],
  ];
}

function growthAims({ events }) {
  const [first] = events;
  const last = events.at(-1);
  return [
    ['append', 'append'],
    ['resume from the middle', 'resumeFirst'],
    ['`end()`', 'end'],
  ].map(([what, key]) => [
    `${what}, from ${first.size} to ${last.size} events`,
    '< 1.3x',
    last[key] / first[key],
    last[key] / first[key] < 1.3,
  ]);
}

function providerAims({ cards, bank }) {
  const failures = [...cards.results, ...bank.results].filter(
    ({ build, failure }) => build === 'now' && failure,
  );
  const ofNow = (results) =>
    results
      .filter(({ build, failure }) => build === 'now' && !failure)
      .flatMap((cell) => [cell.first, cell.again].map((at) => ({ ...cell, at })));
  const crowds = ofNow(cards.results).filter(({ at }) => at);
  const own = Math.max(...crowds.map(({ at }) => at.own));
  const looks = Math.max(...crowds.map(({ at, listeners }) => (at.others * cards.purchases) / listeners));
  const shops = ofNow(bank.results);
  const least = (kind, key) => Math.min(...shops.map(({ at }) => at[kind][key] / at[kind].asked));
  const refused = shops.reduce((sum, { at }) => sum + at.refused, 0);
  return [
    ["reads of Bongloy for a listener's purchase (worst)", '<= 1.2', own, own <= 1.2],
    [
      `reads a listener for ${cards.purchases} purchases of others, in ${cards.seconds} s (worst)`,
      '<= 2',
      looks,
      looks <= 2,
    ],
    ...[
      ['newest', 'answered', 'questions for the newest 20 transfers that are answered'],
      ['newest', 'fresh', 'and hold the one whose webhook came last'],
      ['board', 'answered', 'questions for the board that are answered'],
    ].map(([kind, key, what]) => [`${what}, of all (worst)`, '1', least(kind, key), least(kind, key) === 1]),
    ['requests that Casso refused, over all', '0', refused, refused === 0],
    ['crowds and shops that could not be measured to the end', '0', failures.length, failures.length === 0],
  ];
}
