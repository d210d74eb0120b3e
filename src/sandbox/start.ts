import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, startApp } from '../app.ts';
import { createOperatorKeys, signOperatorToken, writeOperatorKeys } from '../auth/operator-keys.ts';
import { SCOPES, type Scope } from '../auth/viewer.ts';
import { readConfig } from '../config.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { DAY } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import {
  type BongloySandbox,
  type BongloySandboxOptions,
  startBongloySandbox,
} from '../providers/bongloy/sandbox/index.ts';
import {
  type CassoSandbox,
  type CassoSandboxOptions,
  SANDBOX_BUSINESSES,
  startCassoSandbox,
} from '../providers/casso/sandbox/index.ts';

export interface SandboxOptions {
  readonly logger: Logger;
  /** Settings beside those that wire the gateway to the simulators; they win over them. */
  readonly env?: NodeJS.ProcessEnv;
  readonly bongloy?: BongloySandboxOptions;
  readonly casso?: CassoSandboxOptions;
  /** Where the database lives; without it, a folder of its own that is removed at the end. */
  readonly folder?: string;
  /** The gateway's and both simulators'; the system's by default. */
  readonly clock?: Clock;
  /** See `AppOptions.graphiqlHeaders`. */
  readonly graphiqlHeaders?: () => Readonly<Record<string, string>>;
}

/** Both simulators, and a gateway wired to them that knows no difference. */
export interface Sandbox {
  readonly app: App;
  readonly bongloy: BongloySandbox;
  readonly casso: CassoSandbox;
  /** A token of the operator of the simulator's main business, good for a day; with every scope by default. */
  operatorToken(scopes?: readonly Scope[]): Promise<string>;
  stop(): Promise<void>;
}

const ISSUER = 'https://operator.mekong.example';
const AUDIENCE = 'mekong';
/** 32 letters and digits, as Bongloy's secrets look. */
const secret = (): string => randomBytes(16).toString('hex');

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { logger, env = {}, clock = systemClock } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'mekong-')));
  const bongloySecret = secret();
  const cassoSecret = secret();
  const operatorKeys = await createOperatorKeys('ES256');
  const { publicFile } = await writeOperatorKeys(await mkdtemp(join(folder, 'keys-')), operatorKeys);
  const bongloy = await startBongloySandbox({ clock, ...options.bongloy });
  const casso = await startCassoSandbox({ clock, ...options.casso });

  const app = await startApp(
    readConfig({
      STORE_URL: `sqlite:${join(folder, 'mekong.db')}`,
      STORE_KEYS: randomBytes(32).toString('base64'),
      BONGLOY_API_URL: bongloy.url,
      BONGLOY_CLIENT_ID: bongloy.application.clientId,
      BONGLOY_CLIENT_SECRET: bongloy.application.clientSecret,
      BONGLOY_API_TOKEN: bongloy.application.apiToken,
      BONGLOY_WEBHOOK_SECRETS: bongloySecret,
      CASSO_API_URL: casso.url,
      CASSO_API_KEY: SANDBOX_BUSINESSES.main.apiKey,
      CASSO_CLIENT_ID: casso.oauthClient.clientId,
      CASSO_CLIENT_SECRET: casso.oauthClient.clientSecret,
      CASSO_REDIRECT_URIS: casso.oauthClient.redirectUris.join(','),
      CASSO_WEBHOOK_CHECKSUM_KEYS: cassoSecret,
      CASSO_WEBHOOK_SECURE_TOKENS: cassoSecret,
      OPERATOR_JWKS_FILE: publicFile,
      OPERATOR_ISSUER: ISSUER,
      OPERATOR_AUDIENCE: AUDIENCE,
      ...env,
    }),
    { logger, clock, ...(options.graphiqlHeaders && { graphiqlHeaders: options.graphiqlHeaders }) },
  ).catch(async (error: unknown) => {
    await Promise.all([bongloy.close(), casso.close()]);
    throw error;
  });
  bongloy.control.setWebhook({ url: `${app.url}/webhooks/bongloy`, secret: bongloySecret });
  casso.control.setWebhook({
    business: 'main',
    url: `${app.url}/webhooks/casso`,
    version: 'v2',
    secret: cassoSecret,
  });

  return {
    app,
    bongloy,
    casso,
    operatorToken: (scopes = SCOPES) =>
      signOperatorToken(
        operatorKeys.privateJwk,
        { subject: 'sandbox-operator', scopes, ttlMs: DAY, issuer: ISSUER, audience: AUDIENCE },
        clock,
      ),
    async stop() {
      await app.stop();
      await Promise.all([bongloy.close(), casso.close()]);
      if (!options.folder) await rm(folder, { recursive: true, force: true });
    },
  };
}
