import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** This commit's. */
const OWN_BUILD = new URL('../../dist/', import.meta.url).href;

/**
 * Mekong from a build, in the production profile, with a database of its own, its limits by request rate off, and the
 * limit of an operation's price high enough for the lists that growth asks for.
 * @param options see `AppOptions`; `keepAnswers: false` is the one thing that no deployment has.
 * @param build the URL of its `dist/`, which has what it needs beside it.
 */
export async function startMekong(env, options = {}, build = OWN_BUILD) {
  const [{ startApp }, { readConfig }, { createLogger }] = await Promise.all(
    ['app.js', 'config.js', 'lib/logger.js'].map((file) => import(new URL(file, build).href)),
  );
  const folder = mkdtempSync(join(tmpdir(), 'mekong-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const config = readConfig({
    NODE_ENV: 'production',
    PORT: '0',
    LOG_LEVEL: 'error',
    STORE_URL: `sqlite:${join(folder, 'mekong.db')}`,
    STORE_KEYS: randomBytes(32).toString('base64'),
    LOGIN_ATTEMPTS_PER_MINUTE: '0',
    REQUESTS_PER_MINUTE: '0',
    ANONYMOUS_REQUESTS_PER_MINUTE: '0',
    QUERY_COST_LIMIT: '10000',
    ...env,
  });
  return startApp(config, { logger: createLogger(config.logLevel), ...options });
}

/** Sends a mutation with a field `result`. @throws Error with the API's message. */
export async function mutate(url, query, input) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  if (errors || data.result.message) throw new Error(errors?.[0].message ?? data.result.message);
  return data.result;
}
