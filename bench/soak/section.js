import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startGateway } from '../lib/gateway.js';
import { slope } from '../lib/stats.js';
import { startWorker } from '../lib/worker.js';

const here = (path) => new URL(path, import.meta.url).pathname;
const SECOND = 1000;

/**
 * `dist/main.js` with the simulators under mixed load: queries, logins and logouts, webhooks of both providers, and
 * subscribers that stay for 20 to 60 seconds and come again. Samples what the gateway's process holds; growth is the
 * slope after the first third.
 */
export async function soak({ minutes, subscribers = 1000, sampleSeconds = 5, webhooksPerSecond = 4, log }) {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-soak-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const providers = startWorker(here('./providers.js'));
  const { bongloy, casso } = await providers.call('start');
  const bongloySecret = randomBytes(16).toString('hex');
  const cassoSecret = randomBytes(16).toString('hex');
  const gateway = await startProbed({
    STORE_URL: `sqlite:${join(folder, 'mekong.db')}`,
    BONGLOY_API_URL: bongloy.url,
    BONGLOY_CLIENT_ID: bongloy.application.clientId,
    BONGLOY_CLIENT_SECRET: bongloy.application.clientSecret,
    BONGLOY_API_TOKEN: bongloy.application.apiToken,
    BONGLOY_WEBHOOK_SECRETS: bongloySecret,
    CASSO_API_URL: casso.url,
    CASSO_WEBHOOK_CHECKSUM_KEYS: cassoSecret,
  });
  log(`the gateway is at ${gateway.url}`);
  await providers.call('webhooks', { url: gateway.url, bongloySecret, cassoSecret });
  const users = startWorker(here('./users.js'));
  await users.call('begin', {
    url: gateway.url,
    person: {
      phoneNumber: `+${bongloy.login.phoneNumber}`,
      accountIdentifier: bongloy.login.accountIdentifier,
    },
    authToken: await providers.call('firebaseToken'),
    apiKey: casso.apiKey,
    sessions: 20,
    askers: 8,
    subscribers,
  });
  const begun = performance.now();
  let webhooks = 0;
  const done = new AbortController();
  const moves = (async () => {
    while (!done.signal.aborted) {
      await providers.call('move', webhooks % 2 ? 'purchase' : 'transfer');
      webhooks += 1;
      await wait(SECOND / webhooksPerSecond);
    }
  })();

  const samples = [];
  while (performance.now() - begun < minutes * 60 * SECOND) {
    await wait(sampleSeconds * SECOND);
    const database = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    const held = await gateway.sample();
    const { connected } = await users.call('counts');
    samples.push({ seconds: (performance.now() - begun) / SECOND, ...held, connected, database, webhooks });
    await providers.call('forget');
    // A device's token is good for an hour, and single users sign in again.
    if (samples.length % 60 === 0) await users.call('renew', await providers.call('firebaseToken'));
    if (samples.length % 12 === 0) log(line(samples.at(-1), await users.call('counts')));
  }
  done.abort();
  await moves;
  const counts = await users.call('counts');
  await users.stop();
  await wait(3 * SECOND);
  const after = await gateway.sample();
  await gateway.stop();
  await providers.stop();
  return { minutes, subscribers, sampleSeconds, webhooks, counts, ...grown(samples), after, samples };
}

function line({ seconds, heap, rss, handles }, counts) {
  const { lastFailure, ...numbers } = counts;
  return `${Math.round(seconds)} s: heap ${Math.round(heap / 1e6)} MB, rss ${Math.round(rss / 1e6)} MB, ${handles} handles, ${JSON.stringify(numbers)} ${lastFailure ?? ''}`;
}

/** Slopes a minute after the first third of the samples, and the database's bytes an event. */
function grown(samples) {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const perMinute = (key) => 60 * slope(settled.map((sample) => [sample.seconds, sample[key]]));
  const [first] = settled;
  const last = settled.at(-1);
  return {
    first,
    last,
    perMinute: Object.fromEntries(
      ['heap', 'external', 'rss', 'handles', 'files', 'database'].map((key) => [key, perMinute(key)]),
    ),
    databasePerEvent: slope(settled.map((sample) => [sample.webhooks, sample.database])),
  };
}

/** The program as it is deployed, with a probe loaded before it. */
async function startProbed(env) {
  const execArgv = ['--expose-gc', '--import', here('./probe.js')];
  const gateway = await startGateway(env, { execArgv });
  return {
    ...gateway,
    sample: () =>
      new Promise((resolve) => {
        gateway.child.once('message', resolve);
        gateway.child.send('sample');
      }),
  };
}
