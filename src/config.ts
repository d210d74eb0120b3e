import { readFileSync } from 'node:fs';
import { companionMistakes } from './config/companions.ts';
import { type Environment, environment } from './config/environment.ts';
import { fileMistakes } from './config/files.ts';
import { productionMistakes } from './config/production.ts';
import { readTelemetry, type Telemetry } from './config/telemetry.ts';
import { unknownSettings } from './config/unknown.ts';
import type { LogLevel } from './lib/logger.ts';
import type { NatsOptions } from './store/nats.ts';
import { readManifest, type TrustedDocuments } from './trusted-documents/manifest.ts';
import type { ProxySettings } from './upstream/proxy.ts';

/** The environment, read once, checked, and frozen. The only reader of the environment. */
export interface Config extends Telemetry {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** How the world reaches this gateway, without a trailing slash; null means `http://HOST:PORT`. */
  readonly publicUrl: string | null;
  /** `NODE_ENV=production`: the profile that hides what only developers need. */
  readonly production: boolean;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly logLevel: LogLevel;
  /** Origins that browsers may call from, and perhaps `loopback`; empty means none but our own. Read by `isAllowedOrigin`. */
  readonly corsOrigins: readonly string[];
  /** Take the client's address from the last entry of `X-Forwarded-For`. */
  readonly trustProxy: boolean;
  readonly store: SqliteConfig | NatsConfig;
  /** Who asks for /metrics has to bear it; null: nobody may ask in production, everybody otherwise. */
  readonly metricsToken: string | null;
  /** From "not ready" to "takes no more connections", so that a load balancer notices; 0 is at once. */
  readonly shutdownDelaySeconds: number;
  /** How long a connection may stay open between two requests. */
  readonly keepAliveSeconds: number;
  /** Each 32 bytes; the first seals, all open. */
  readonly storeKeys: readonly Uint8Array[];
  readonly eventRetentionDays: number;
  readonly sessionIdleDays: number;
  readonly sessionMaxDays: number;
  /** Per address; 0 is off. */
  readonly loginAttemptsPerMinute: number;
  /** Of each session and operator; 0 is off. */
  readonly requestsPerMinute: number;
  /** Of each address without a token; 0 is off. */
  readonly anonymousRequestsPerMinute: number;
  /** Only these are answered; null: any document is. */
  readonly trustedDocuments: TrustedDocuments | null;
  /** What an operation may cost at worst, in points (docs/limits.md). */
  readonly queryCostLimit: number;
  /** Levels of fields that an operation may have. */
  readonly queryDepthLimit: number;
  /** Null: Bongloy is off. */
  readonly bongloy: BongloyConfig | null;
  /** Null: Casso is off. */
  readonly casso: CassoConfig | null;
  /** What calls to providers and to OPERATOR_JWKS_URL leave through; null: straight. */
  readonly proxy: ProxySettings | null;
  /** Null: operator tokens are not accepted. */
  readonly operators: OperatorConfig | null;
}

export interface SqliteConfig {
  readonly kind: 'sqlite';
  readonly path: string;
}

export interface NatsConfig extends Omit<NatsOptions, 'logger'> {
  readonly kind: 'nats';
  /** How many servers keep each event and session: 1, 3 or 5. */
  readonly replicas: number;
}

export interface BongloyConfig {
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** A static bearer; with a signing key, the `api_token` claim of a JWT signed for each request. */
  readonly apiToken: string;
  readonly signingKeyPem: string | null;
  readonly webhookSecrets: readonly string[];
  readonly webhookRequireExp: boolean;
}

export interface CassoConfig {
  readonly apiUrl: string;
  readonly apiKey: string | null;
  readonly oauth: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUris: readonly string[];
  } | null;
  readonly webhookChecksumKeys: readonly string[];
  readonly webhookSecureTokens: readonly string[];
  /** Null: no limit of ours. */
  readonly requestsPerMinute: number | null;
}

export interface OperatorConfig {
  readonly jwks: { readonly url: string } | { readonly file: string };
  readonly issuer: string;
  readonly audience: string;
}

/** All mistakes at once, each with its cure; the message is for the person who starts the process. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      ['These settings are wrong or missing:', ...mistakes.map((m) => `  - ${m}`), 'See .env.example.'].join(
        '\n',
      ),
    );
    this.mistakes = mistakes;
  }
}

/**
 * @param env the environment; blanks around a value do not count, and an empty value counts as not set.
 * @throws ConfigError listing every mistake.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = withProxyNames(withoutBlanks(env));
  const parsed = environment.safeParse(given);
  const mistakes = parsed.success ? [] : parsed.error.issues.map((i) => `${String(i.path[0])} ${i.message}`);
  mistakes.push(...companionMistakes(given), ...fileMistakes(given));
  if (parsed.success) mistakes.push(...productionMistakes(parsed.data));
  if (!parsed.success || mistakes.length > 0) {
    // What is missing may be there under a mistyped name.
    mistakes.push(...unknownSettings(given).map((name) => `${name} is no setting: compare its name`));
    throw new ConfigError([...new Set(mistakes)]);
  }
  const values = parsed.data;
  const production = values.NODE_ENV === 'production';
  return Object.freeze({
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? null,
    production,
    graphiql: values.GRAPHIQL ?? !production,
    introspection: values.INTROSPECTION ?? !production,
    logLevel: values.LOG_LEVEL,
    corsOrigins: values.CORS_ORIGINS,
    trustProxy: values.TRUST_PROXY,
    store: storeConfig(values),
    metricsToken: values.METRICS_TOKEN ?? null,
    shutdownDelaySeconds: values.SHUTDOWN_DELAY_SECONDS,
    keepAliveSeconds: values.KEEP_ALIVE_SECONDS,
    ...readTelemetry(given),
    storeKeys: values.STORE_KEYS,
    eventRetentionDays: values.EVENT_RETENTION_DAYS,
    sessionIdleDays: values.SESSION_IDLE_DAYS,
    sessionMaxDays: values.SESSION_MAX_DAYS,
    loginAttemptsPerMinute: values.LOGIN_ATTEMPTS_PER_MINUTE,
    requestsPerMinute: values.REQUESTS_PER_MINUTE,
    anonymousRequestsPerMinute: values.ANONYMOUS_REQUESTS_PER_MINUTE,
    trustedDocuments: values.TRUSTED_DOCUMENTS_FILE
      ? readManifest(readFileSync(values.TRUSTED_DOCUMENTS_FILE, 'utf8'))
      : null,
    queryCostLimit: values.QUERY_COST_LIMIT,
    queryDepthLimit: values.QUERY_DEPTH_LIMIT,
    bongloy: bongloyConfig(values),
    casso: cassoConfig(values),
    operators: operatorConfig(values),
    proxy: proxyConfig(values),
  });
}

/** A file that a secret was read from ends with a line break, and a pasted value with a blank. */
const withoutBlanks = (env: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      const trimmed = value?.trim();
      return trimmed ? [[name, trimmed]] : [];
    }),
  );

/** As curl reads them: names in small letters win. */
const PROXY_NAMES = ['https_proxy', 'http_proxy', 'no_proxy'];
const withProxyNames = (given: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  ...given,
  ...Object.fromEntries(
    PROXY_NAMES.flatMap((name) => (given[name] ? [[name.toUpperCase(), given[name]]] : [])),
  ),
});

function proxyConfig({ HTTPS_PROXY, HTTP_PROXY, NO_PROXY }: Environment): ProxySettings | null {
  if (!HTTPS_PROXY && !HTTP_PROXY) return null;
  return { httpsProxy: HTTPS_PROXY, httpProxy: HTTP_PROXY, noProxy: NO_PROXY };
}

function storeConfig(values: Environment): SqliteConfig | NatsConfig {
  if (values.STORE_URL.kind === 'sqlite') return values.STORE_URL;
  return {
    ...values.STORE_URL,
    replicas: values.NATS_REPLICAS,
    credentialsFile: values.NATS_CREDENTIALS_FILE,
    caFile: values.NATS_CA_FILE,
    certificateFile: values.NATS_CERTIFICATE_FILE,
    keyFile: values.NATS_KEY_FILE,
  };
}

function bongloyConfig(values: Environment): BongloyConfig | null {
  const { BONGLOY_CLIENT_ID, BONGLOY_CLIENT_SECRET, BONGLOY_API_TOKEN, BONGLOY_SIGNING_KEY_FILE } = values;
  if (!BONGLOY_CLIENT_ID || !BONGLOY_CLIENT_SECRET || !BONGLOY_API_TOKEN) return null;
  return {
    apiUrl: values.BONGLOY_API_URL ?? 'https://cms-sandbox.bongloy.com',
    clientId: BONGLOY_CLIENT_ID,
    clientSecret: BONGLOY_CLIENT_SECRET,
    apiToken: BONGLOY_API_TOKEN,
    signingKeyPem: BONGLOY_SIGNING_KEY_FILE ? readFileSync(BONGLOY_SIGNING_KEY_FILE, 'utf8') : null,
    webhookSecrets: values.BONGLOY_WEBHOOK_SECRETS ?? [],
    webhookRequireExp: values.BONGLOY_WEBHOOK_REQUIRE_EXP ?? false,
  };
}

/** On as soon as one CASSO_ setting is there: a session that links its own API key needs none but the switch. */
function cassoConfig(values: Environment): CassoConfig | null {
  const on = Object.entries(values).some(([name, value]) => name.startsWith('CASSO_') && value !== undefined);
  if (!on) return null;
  const { CASSO_CLIENT_ID, CASSO_CLIENT_SECRET, CASSO_REDIRECT_URIS } = values;
  return {
    apiUrl: values.CASSO_API_URL ?? 'https://oauth.casso.vn',
    apiKey: values.CASSO_API_KEY ?? null,
    oauth:
      CASSO_CLIENT_ID && CASSO_CLIENT_SECRET && CASSO_REDIRECT_URIS
        ? { clientId: CASSO_CLIENT_ID, clientSecret: CASSO_CLIENT_SECRET, redirectUris: CASSO_REDIRECT_URIS }
        : null,
    webhookChecksumKeys: values.CASSO_WEBHOOK_CHECKSUM_KEYS ?? [],
    webhookSecureTokens: values.CASSO_WEBHOOK_SECURE_TOKENS ?? [],
    requestsPerMinute: values.CASSO_REQUESTS_PER_MINUTE ?? null,
  };
}

function operatorConfig(values: Environment): OperatorConfig | null {
  const { OPERATOR_JWKS_URL, OPERATOR_JWKS_FILE, OPERATOR_ISSUER, OPERATOR_AUDIENCE } = values;
  if (!OPERATOR_ISSUER || !OPERATOR_AUDIENCE) return null;
  if (OPERATOR_JWKS_URL)
    return { jwks: { url: OPERATOR_JWKS_URL }, issuer: OPERATOR_ISSUER, audience: OPERATOR_AUDIENCE };
  if (OPERATOR_JWKS_FILE)
    return { jwks: { file: OPERATOR_JWKS_FILE }, issuer: OPERATOR_ISSUER, audience: OPERATOR_AUDIENCE };
  return null;
}
