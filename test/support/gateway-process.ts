import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createOperatorKeys, signOperatorToken, writeOperatorKeys } from '../../src/auth/operator-keys.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { DAY } from '../../src/lib/duration.ts';
import { type BongloySandbox, startBongloySandbox } from '../../src/providers/bongloy/sandbox/index.ts';
import {
  type CassoSandbox,
  SANDBOX_BUSINESSES,
  startCassoSandbox,
} from '../../src/providers/casso/sandbox/index.ts';
import { built } from './built.ts';
import { type Child, startChild } from './child.ts';
import { freePorts } from './free-ports.ts';
import { NO_RATE_LIMITS } from './gateway.ts';
import { BONGLOY_SECRET, SECURE_TOKEN } from './news.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const ISSUER = 'https://operator.mekong.example';
const AUDIENCE = 'mekong';

/** What gateway processes are started with: the same simulators and store for all of them. */
interface ProcessWorld {
  readonly bongloy: BongloySandbox;
  readonly casso: CassoSandbox;
  /** Allows to read events. */
  operatorToken(subject?: string): Promise<string>;
  /** The database file, unless `start` is given another. */
  readonly database: string;
  /** The settings of `start`, but the port, for other programs on the same file. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the simulators and removes everything; the processes are the caller's. */
  remove(): Promise<void>;
}

/** A gateway as a process of its own that can be killed and started again: same port, same file, same simulators. */
export interface ProcessGateway extends ProcessWorld {
  readonly url: string;
  /** Resolves when it listens. @param more settings beside its own. @throws Error when it ends before. */
  start(more?: NodeJS.ProcessEnv): Promise<Child>;
}

/** Several of them that share a store. */
export interface ProcessGateways extends ProcessWorld {
  readonly urls: readonly string[];
  /** As above, of the one with that index. */
  start(index: number, more?: NodeJS.ProcessEnv): Promise<Child>;
}

export interface ProcessGatewaysOptions {
  readonly count: number;
  /** Settings beside those that wire them to the simulators; they win over them. */
  readonly env?: NodeJS.ProcessEnv;
}

export async function prepareGatewayProcess(env: NodeJS.ProcessEnv = {}): Promise<ProcessGateway> {
  const gateways = await prepareGatewayProcesses({ count: 1, env });
  return { ...gateways, url: gateways.urls[0] ?? '', start: (more) => gateways.start(0, more) };
}

export async function prepareGatewayProcesses(options: ProcessGatewaysOptions): Promise<ProcessGateways> {
  // Within the project, so that its packages are found.
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'mekong-'));
  const program = [built('main.js')];

  const [bongloy, casso, keys, ports] = await Promise.all([
    startBongloySandbox(),
    startCassoSandbox(),
    createOperatorKeys('ES256'),
    freePorts(options.count),
  ]);
  const { publicFile } = await writeOperatorKeys(join(folder, 'keys'), keys);
  const database = join(folder, 'mekong.db');
  const env = {
    STORE_URL: `sqlite:${database}`,
    STORE_KEYS: randomBytes(32).toString('base64'),
    ...NO_RATE_LIMITS,
    BONGLOY_API_URL: bongloy.url,
    BONGLOY_CLIENT_ID: bongloy.application.clientId,
    BONGLOY_CLIENT_SECRET: bongloy.application.clientSecret,
    BONGLOY_API_TOKEN: bongloy.application.apiToken,
    BONGLOY_WEBHOOK_SECRETS: BONGLOY_SECRET,
    CASSO_API_URL: casso.url,
    CASSO_API_KEY: SANDBOX_BUSINESSES.main.apiKey,
    CASSO_WEBHOOK_SECURE_TOKENS: SECURE_TOKEN,
    CASSO_CLIENT_ID: casso.oauthClient.clientId,
    CASSO_CLIENT_SECRET: casso.oauthClient.clientSecret,
    CASSO_REDIRECT_URIS: casso.oauthClient.redirectUris.join(','),
    OPERATOR_JWKS_FILE: publicFile,
    OPERATOR_ISSUER: ISSUER,
    OPERATOR_AUDIENCE: AUDIENCE,
    ...options.env,
  };
  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    bongloy,
    casso,
    database,
    env,
    operatorToken: (subject = 'test') =>
      signOperatorToken(
        keys.privateJwk,
        { subject, scopes: ['events:read', 'casso:read'], ttlMs: DAY, issuer: ISSUER, audience: AUDIENCE },
        systemClock,
      ),
    async start(index, more) {
      const child = startChild(process.execPath, program, { ...env, PORT: String(ports[index]), ...more });
      await child.says('"listening"');
      return child;
    },
    async remove() {
      await Promise.all([bongloy.close(), casso.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}
