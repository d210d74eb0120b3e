import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../../../dist/app.js';
import { readConfig } from '../../../dist/config.js';
import { createLogger } from '../../../dist/lib/logger.js';
import { worker } from '../../lib/worker.js';
import { logIn } from './mekong-login.js';

/**
 * Mekong from its build, in the production profile with its own limits by request rate off. `keepAnswers: false` is the
 * one thing that no deployment has: answers are not kept for two seconds, so that the load reaches the upstream.
 */
worker({
  async start({ upstream, users, keepAnswers }) {
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
      BONGLOY_API_URL: upstream,
      BONGLOY_CLIENT_ID: 'bench',
      BONGLOY_CLIENT_SECRET: 'bench',
      BONGLOY_API_TOKEN: 'bench',
    });
    const { url } = await startApp(config, { logger: createLogger(config.logLevel), keepAnswers });
    const tokens = await Promise.all(Array.from({ length: users }, (_, user) => logIn(url, user)));
    return { url: `${url}/graphql`, tokens };
  },
});
