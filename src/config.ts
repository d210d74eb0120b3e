import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LOG_LEVELS, type LogLevel } from './lib/logger.ts';

/** The environment, read once, checked, and frozen. The only reader of the environment. */
export interface Config {
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
  /** Origins that browsers may call from; empty means none but our own. */
  readonly corsOrigins: readonly string[];
  /** Take the client's address from the last entry of `X-Forwarded-For`. */
  readonly trustProxy: boolean;
  readonly store: { readonly kind: 'sqlite'; readonly path: string };
  /** Each 32 bytes; the first seals, all open. */
  readonly storeKeys: readonly Uint8Array[];
  readonly eventRetentionDays: number;
  readonly sessionIdleDays: number;
  readonly sessionMaxDays: number;
  /** Per address; 0 is off. */
  readonly loginAttemptsPerMinute: number;
  /** Null: Bongloy is off. */
  readonly bongloy: BongloyConfig | null;
  /** Null: Casso is off. */
  readonly casso: CassoConfig | null;
  /** Null: operator tokens are not accepted. */
  readonly operators: OperatorConfig | null;
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

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`);
const httpUrl = z
  .string()
  .refine((text) => {
    const url = parseUrl(text);
    return url !== null && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username;
  }, 'must be an http(s) URL without query, fragment or user')
  .transform((text) => text.replace(/\/+$/, ''));
const providerUrl = httpUrl.refine(
  (text) => text.startsWith('https:') || LOOPBACK.test(new URL(text).hostname),
  'must begin with https:// (http:// is accepted for this machine alone)',
);
const storeKeys = list
  .transform((keys) => keys.map((key) => new Uint8Array(Buffer.from(key, 'base64'))))
  .refine(
    (keys) => keys.length > 0 && keys.every((key) => key.length === 32),
    'must be a comma list of base64 keys of 32 bytes each; make one with: openssl rand -base64 32',
  );
const sqlitePath = z
  .string()
  .regex(/^sqlite:.+/, 'must be sqlite:PATH, such as sqlite:./data/mekong.db')
  .transform((text) => ({ kind: 'sqlite' as const, path: text.slice('sqlite:'.length) }));
const origins = list.refine(
  (values) => values.every((value) => parseUrl(value)?.origin === value),
  'must be a comma list of origins such as https://app.example.com, without a path',
);
const redirectUris = list.refine(
  (values) =>
    values.every((value) => {
      const url = parseUrl(value);
      return url !== null && !url.hash && (url.protocol !== 'http:' || LOOPBACK.test(url.hostname));
    }),
  'must be a comma list of absolute URIs without a fragment; http:// is accepted for this machine alone',
);

const environment = z.object({
  NODE_ENV: z.string().optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  PUBLIC_URL: httpUrl.optional(),
  GRAPHIQL: flag.optional(),
  INTROSPECTION: flag.optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  CORS_ORIGINS: origins.default([]),
  TRUST_PROXY: flag.default(false),
  STORE_URL: sqlitePath.default({ kind: 'sqlite', path: './data/mekong.db' }),
  STORE_KEYS: z
    .string({ error: 'is required: base64 of 32 random bytes; make one with: openssl rand -base64 32' })
    .pipe(storeKeys),
  EVENT_RETENTION_DAYS: whole(1, 3650).default(30),
  SESSION_IDLE_DAYS: whole(1, 3650).default(30),
  SESSION_MAX_DAYS: whole(1, 3650).default(90),
  LOGIN_ATTEMPTS_PER_MINUTE: whole(0, 1_000_000).default(10),
  BONGLOY_API_URL: providerUrl.optional(),
  BONGLOY_CLIENT_ID: z.string().optional(),
  BONGLOY_CLIENT_SECRET: z.string().optional(),
  BONGLOY_API_TOKEN: z.string().optional(),
  BONGLOY_SIGNING_KEY_FILE: z.string().optional(),
  BONGLOY_WEBHOOK_SECRETS: list.optional(),
  BONGLOY_WEBHOOK_REQUIRE_EXP: flag.optional(),
  CASSO_API_URL: providerUrl.optional(),
  CASSO_API_KEY: z.string().optional(),
  CASSO_CLIENT_ID: z.string().optional(),
  CASSO_CLIENT_SECRET: z.string().optional(),
  CASSO_REDIRECT_URIS: redirectUris.optional(),
  CASSO_WEBHOOK_CHECKSUM_KEYS: list.optional(),
  CASSO_WEBHOOK_SECURE_TOKENS: list.optional(),
  CASSO_REQUESTS_PER_MINUTE: whole(1, 100_000).optional(),
  OPERATOR_JWKS_URL: providerUrl.optional(),
  OPERATOR_JWKS_FILE: z.string().optional(),
  OPERATOR_ISSUER: z.string().optional(),
  OPERATOR_AUDIENCE: z.string().optional(),
});

type Environment = z.output<typeof environment>;
type Name = keyof Environment;

/**
 * @param env the environment; an empty value counts as not set.
 * @throws ConfigError listing every mistake.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(given);
  const mistakes = parsed.success ? [] : parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}`);
  mistakes.push(...missingCompanions(given));
  if (!parsed.success || mistakes.length > 0) throw new ConfigError([...new Set(mistakes)]);
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
    store: values.STORE_URL,
    storeKeys: values.STORE_KEYS,
    eventRetentionDays: values.EVENT_RETENTION_DAYS,
    sessionIdleDays: values.SESSION_IDLE_DAYS,
    sessionMaxDays: values.SESSION_MAX_DAYS,
    loginAttemptsPerMinute: values.LOGIN_ATTEMPTS_PER_MINUTE,
    bongloy: bongloyConfig(values),
    casso: cassoConfig(values),
    operators: operatorConfig(values),
  });
}

/** Settings that make no sense without others: each group is off as a whole, or complete. */
const COMPANIONS: readonly {
  readonly when: readonly Name[];
  readonly need: readonly Name[];
  readonly why: string;
}[] = [
  {
    when: [
      'BONGLOY_CLIENT_ID',
      'BONGLOY_CLIENT_SECRET',
      'BONGLOY_API_TOKEN',
      'BONGLOY_SIGNING_KEY_FILE',
      'BONGLOY_WEBHOOK_SECRETS',
      'BONGLOY_API_URL',
    ],
    need: ['BONGLOY_CLIENT_ID', 'BONGLOY_CLIENT_SECRET', 'BONGLOY_API_TOKEN'],
    why: 'Bongloy is switched on by your other BONGLOY_ settings (unset them all to leave Bongloy off)',
  },
  {
    when: ['CASSO_CLIENT_ID', 'CASSO_CLIENT_SECRET', 'CASSO_REDIRECT_URIS'],
    need: ['CASSO_CLIENT_ID', 'CASSO_CLIENT_SECRET', 'CASSO_REDIRECT_URIS'],
    why: "Casso's OAuth login needs all three (unset them all to link by API key alone)",
  },
  {
    when: ['OPERATOR_JWKS_URL', 'OPERATOR_JWKS_FILE', 'OPERATOR_ISSUER', 'OPERATOR_AUDIENCE'],
    need: ['OPERATOR_ISSUER', 'OPERATOR_AUDIENCE'],
    why: 'operator tokens are checked against issuer and audience (make keys with: npm run operator -- keys)',
  },
];

function missingCompanions(given: Readonly<Record<string, string | undefined>>): string[] {
  const has = (name: Name) => given[name] !== undefined;
  const mistakes = COMPANIONS.flatMap(({ when, need, why }) =>
    when.some(has) ? need.filter((name) => !has(name)).map((name) => `${name} is required: ${why}`) : [],
  );
  if (has('OPERATOR_JWKS_URL') && has('OPERATOR_JWKS_FILE')) {
    mistakes.push('OPERATOR_JWKS_URL and OPERATOR_JWKS_FILE exclude each other: unset one');
  }
  if (
    (has('OPERATOR_ISSUER') || has('OPERATOR_AUDIENCE')) &&
    !has('OPERATOR_JWKS_URL') &&
    !has('OPERATOR_JWKS_FILE')
  ) {
    mistakes.push(
      'OPERATOR_JWKS_FILE (or OPERATOR_JWKS_URL) is required: operator tokens are verified with its keys',
    );
  }
  for (const name of ['BONGLOY_SIGNING_KEY_FILE', 'OPERATOR_JWKS_FILE'] as const) {
    const path = given[name];
    if (path !== undefined && !isReadable(path))
      mistakes.push(`${name} names a file that cannot be read: ${path}`);
  }
  return mistakes;
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

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function isReadable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
