import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Waits } from '../app/waits.ts';
import { type App, startApp } from '../app.ts';
import { createOperatorKeys, signOperatorToken, writeOperatorKeys } from '../auth/operator-keys.ts';
import { SCOPES, type Scope } from '../auth/viewer.ts';
import { readConfig } from '../config.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { DAY } from '../lib/duration.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
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
  /** By default one that follows `LOG_LEVEL`. */
  readonly logger?: Logger;
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
  /** See `AppOptions.waits`. */
  readonly waits?: Partial<Waits>;
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

/** @throws Error when the gateway cannot start; what was begun is undone. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { clock = systemClock } = options;
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'mekong-')));
    if (!options.folder) undo.push(() => rm(folder, { recursive: true, force: true }));
    const operatorKeys = await createOperatorKeys('ES256');
    const { publicFile } = await writeOperatorKeys(await mkdtemp(join(folder, 'keys-')), operatorKeys);
    const bongloy = await startBongloySandbox({ clock, ...options.bongloy });
    undo.push(() => bongloy.close());
    const casso = await startCassoSandbox({ clock, ...options.casso });
    undo.push(() => casso.close());

    const bongloySecret = secret();
    const cassoSecret = secret();
    const config = readConfig({
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
      ...options.env,
    });
    const app = await startApp(config, {
      logger: options.logger ?? createLogger(config.logLevel),
      clock,
      ...(options.graphiqlHeaders && { graphiqlHeaders: options.graphiqlHeaders }),
      ...(options.waits && { waits: options.waits }),
    });
    undo.push(() => app.stop());
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
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
