import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
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
import { type Child, startChild } from './child.ts';
import { BONGLOY_SECRET, SECURE_TOKEN } from './news.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const ISSUER = 'https://operator.mekong.example';
const AUDIENCE = 'mekong';

/** A gateway as a process of its own that can be killed and started again: same port, same file, same simulators. */
export interface ProcessGateway {
  readonly url: string;
  readonly bongloy: BongloySandbox;
  readonly casso: CassoSandbox;
  /** Allows to read events. */
  operatorToken(subject?: string): Promise<string>;
  /** Resolves when it listens. @throws Error when it ends before. */
  start(): Promise<Child>;
  /** Ends the simulators and removes everything; the processes are the caller's. */
  remove(): Promise<void>;
}

/** @param starts whether it is worth building it first, so that each start is quick. */
export async function prepareGatewayProcess(starts: 'once' | 'often'): Promise<ProcessGateway> {
  // Within the project, so that its packages are found.
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'mekong-'));
  const program = starts === 'often' ? [build(join(folder, 'dist'))] : ['--import', 'tsx', 'src/main.ts'];

  const [bongloy, casso, keys, port] = await Promise.all([
    startBongloySandbox(),
    startCassoSandbox(),
    createOperatorKeys('ES256'),
    freePort(),
  ]);
  const { publicFile } = await writeOperatorKeys(join(folder, 'keys'), keys);
  const env = {
    PORT: String(port),
    STORE_URL: `sqlite:${join(folder, 'mekong.db')}`,
    STORE_KEYS: randomBytes(32).toString('base64'),
    BONGLOY_API_URL: bongloy.url,
    BONGLOY_CLIENT_ID: bongloy.application.clientId,
    BONGLOY_CLIENT_SECRET: bongloy.application.clientSecret,
    BONGLOY_API_TOKEN: bongloy.application.apiToken,
    BONGLOY_WEBHOOK_SECRETS: BONGLOY_SECRET,
    CASSO_API_URL: casso.url,
    CASSO_API_KEY: SANDBOX_BUSINESSES.main.apiKey,
    CASSO_WEBHOOK_SECURE_TOKENS: SECURE_TOKEN,
    OPERATOR_JWKS_FILE: publicFile,
    OPERATOR_ISSUER: ISSUER,
    OPERATOR_AUDIENCE: AUDIENCE,
  };
  return {
    url: `http://127.0.0.1:${port}`,
    bongloy,
    casso,
    operatorToken: (subject = 'test') =>
      signOperatorToken(
        keys.privateJwk,
        { subject, scopes: ['events:read'], ttlMs: DAY, issuer: ISSUER, audience: AUDIENCE },
        systemClock,
      ),
    async start() {
      const child = startChild(process.execPath, program, env);
      await child.says('"listening"');
      return child;
    },
    async remove() {
      await Promise.all([bongloy.close(), casso.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

function build(dist: string): string {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', dist], { cwd: ROOT });
  return join(dist, 'main.js');
}

/** One that the system gave a moment ago, for a server that must come back to the same. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
