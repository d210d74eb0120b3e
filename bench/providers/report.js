import { table } from '../lib/table.js';

const number = (value) => value.toLocaleString('en-US');
const share = ({ asked, answered, fresh }) =>
  asked === 0 ? '–' : `${percent(answered / asked)} / ${percent(fresh / asked)}`;
const percent = (part) => `${Math.floor(100 * part)} %`;

/** Rows of the same cell by both builds: what was before, then what is now. */
function pairs(results, same) {
  return results
    .filter(({ build }) => build === 'now')
    .map((now) => ({ now, before: results.find((one) => one.build === 'before' && same(one, now)) }));
}

export function report({ before, cards, bank }) {
  const parts = [];
  if (cards.results.length > 0) {
    parts.push(
      `What Bongloy is asked while cardholders listen, in reads a purchase: by commit ${before} → by this one. ` +
        `${cards.purchases} purchases of listeners, each given to its owner once; then as many of people who do not listen, ` +
        `whose reads are counted for ${cards.seconds} s.`,
      cardTable(cards.results),
    );
  }
  if (bank.results.length > 0) {
    parts.push(
      `A shop's dashboards under Casso's 2 requests a minute, by commit ${before} → by this one. Each asks once in 10 s for the newest 20 ` +
        'transfers, and for the board: accounts with balance and 3 transfers each, and the newest 10 movements. Of the questions: ' +
        `answered / answered with the transfer whose webhook had come last; for ${bank.seconds.measured} s after the first minute, and for ` +
        `${bank.seconds.again} s after a restart. Requests to Casso a minute; in brackets how many it refused.`,
      bankTable(bank.results),
    );
  }
  return parts.join('\n\n');
}

/** What one of both builds shows in a row: how it failed where it did. */
const shown = ({ failure, ...cell }, of) => (failure ? `failed (${failure})` : of(cell));

function cardTable(results) {
  const same = (one, other) => one.listeners === other.listeners && one.processes === other.processes;
  const head = ['listeners', '', 'their purchases', 'purchases of others', 'reads as all resume'];
  const rows = pairs(results, same).flatMap(({ now, before }) => {
    const both = (of) => [before, now].map((one) => shown(one, of)).join(' → ');
    const row = (title, when) => [
      number(now.listeners),
      title,
      ...['own', 'others', 'resumed'].map((key) =>
        when === 'first' && key === 'resumed' ? '' : both((cell) => number(cell[when][key])),
      ),
    ];
    if (now.processes > 1) return [row('two processes on NATS', 'first')];
    return [row('one process', 'first'), row('the same, restarted', 'again')];
  });
  return table(head, rows);
}

function bankTable(results) {
  const same = (one, other) =>
    one.dashboards === other.dashboards &&
    one.transfers === other.transfers &&
    one.processes === other.processes;
  const head = ['dashboards', 'transfers a minute', '', 'newest 20', 'board', 'requests a minute'];
  const calls = ({ callsPerMinute, refused }) => `${callsPerMinute.toFixed(1)} (${refused})`;
  const rows = pairs(results, same).flatMap(({ now, before }) => {
    const both = (of) => [before, now].map((one) => shown(one, of)).join(' → ');
    const row = (title, when) => [
      number(now.dashboards),
      number(now.transfers),
      title,
      ...['newest', 'board'].map((kind) => both((cell) => share(cell[when][kind]))),
      both((cell) => calls(cell[when])),
    ];
    const where = now.processes > 1 ? 'two processes on NATS' : 'one process';
    return [row(where, 'first'), row(`${where}, restarted`, 'again')];
  });
  return table(head, rows);
}
