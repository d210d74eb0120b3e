import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BEFORE, buildBefore } from '../lib/before.js';
import { startWorker } from '../lib/worker.js';

const here = (path) => new URL(path, import.meta.url).pathname;
const NOW = here('../..');

/**
 * What a crowd of listeners and a busy shop cost the providers, by this build and by the one before, side by side.
 * The cells of each half run at once, each with its own gateways, store and provider, as they mostly wait: what is
 * counted are requests and answers, which a busy machine does not change.
 * @param only `cards` or `bank`, and numbers of listeners or dashboards.
 */
export async function providers({ cards, bank, only = [], log }) {
  const builds = { before: await buildBefore(log), now: NOW };
  const numbers = only.map(Number).filter((number) => number > 0);
  const isWanted = (half, number) =>
    (!only.some((name) => ['cards', 'bank'].includes(name)) || only.includes(half)) &&
    (numbers.length === 0 || numbers.includes(number));

  const cells = (half, list) =>
    list
      .filter((cell) => isWanted(half, cell.listeners ?? cell.dashboards))
      .flatMap((cell) => Object.keys(builds).map((build) => ({ ...cell, build })));
  const measureAll = (file, chosen, options) =>
    Promise.all(
      chosen.map(async (cell) => {
        const process = startWorker(here(file));
        const asked = { ...cell, folder: builds[cell.build], ...options };
        // One cell that fails takes no other with it: the table says that it did.
        const failed = ({ message }) => ({ failure: message.split('\n')[0].replace(/^.*Error: /u, '') });
        const result = { ...cell, ...(await process.call('measure', asked).catch(failed)) };
        await process.stop();
        log(JSON.stringify(result));
        return result;
      }),
    );

  const { listeners, ...purchases } = cards;
  const crowds = [1, 2].flatMap((processes) => listeners.map((count) => ({ processes, listeners: count })));
  const cardResults = await measureAll('./cards.js', cells('cards', crowds), purchases);
  log('card events are measured');

  const { dashboards, transfers, seconds } = bank;
  const shop = (processes) => (count) =>
    transfers.map((each) => ({ processes, dashboards: count, transfers: each }));
  // Of several processes one size: each cell is two gateways and a nats-server.
  const shops = [...dashboards.flatMap(shop(1)), ...shop(2)(Math.min(10, dashboards.at(-1)))];
  const options = { seconds, operator: operator() };
  const bankResults = await measureAll('./bank.js', cells('bank', shops), options);
  return {
    before: BEFORE,
    cards: { ...purchases, results: cardResults },
    bank: { seconds, results: bankResults },
  };
}

/** The shop's back office: its keys, and a token that gateways with these settings take. */
function operator() {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-bench-keys-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const issuer = { OPERATOR_ISSUER: 'https://shop.bench.example', OPERATOR_AUDIENCE: 'mekong' };
  const mekong = (...args) =>
    execFileSync(process.execPath, [join(NOW, 'dist/cli.js'), ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, ...issuer },
    });
  const keys = join(folder, 'keys');
  mekong('keys', 'operator', '--out', keys);
  const key = join(keys, 'operator-private.jwk.json');
  const scope = 'casso:read events:read';
  const token = mekong('operator-token', '--key', key, '--subject', 'back office', '--scope', scope);
  return {
    token: token.toString().trim(),
    env: { ...issuer, OPERATOR_JWKS_FILE: join(keys, 'operator-jwks.json') },
  };
}
