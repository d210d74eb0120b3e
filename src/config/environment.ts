import { z } from 'zod';
import { LOG_LEVELS } from '../lib/logger.ts';
import {
  bearer,
  flag,
  headerText,
  httpUrl,
  list,
  origins,
  proxyUrl,
  redirectUris,
  replicas,
  sealingKeys,
  secureUrl,
  storeUrl,
  text,
  whole,
} from './kinds.ts';

/** Every setting, what it may be, and what it is when it is not set. See .env.example for what each means. */
export const environment = z.object({
  NODE_ENV: text.optional(),
  HOST: text.default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  PUBLIC_URL: httpUrl.optional(),
  GRAPHIQL: flag.optional(),
  INTROSPECTION: flag.optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  CORS_ORIGINS: origins.default([]),
  TRUST_PROXY: flag.default(false),
  STORE_URL: storeUrl.default({ kind: 'sqlite', path: './data/mekong.db' }),
  METRICS_TOKEN: bearer.optional(),
  SHUTDOWN_DELAY_SECONDS: whole(0, 300).default(0),
  KEEP_ALIVE_SECONDS: whole(1, 3600).default(75),
  STORE_KEYS: z
    .string({ error: 'is required: base64 of 32 random bytes; make one with: mekong keys store' })
    .pipe(sealingKeys),
  NATS_REPLICAS: replicas.default(1),
  NATS_CREDENTIALS_FILE: text.optional(),
  NATS_CA_FILE: text.optional(),
  NATS_CERTIFICATE_FILE: text.optional(),
  NATS_KEY_FILE: text.optional(),
  EVENT_RETENTION_DAYS: whole(1, 3650).default(30),
  SESSION_IDLE_DAYS: whole(1, 3650).default(30),
  SESSION_MAX_DAYS: whole(1, 3650).default(90),
  LOGIN_ATTEMPTS_PER_MINUTE: whole(0, 1_000_000).default(10),
  REQUESTS_PER_MINUTE: whole(0, 1_000_000_000).default(600),
  ANONYMOUS_REQUESTS_PER_MINUTE: whole(0, 1_000_000_000).default(60),
  TRUSTED_DOCUMENTS_FILE: text.optional(),
  QUERY_COST_LIMIT: whole(1, 1_000_000_000).default(2000),
  QUERY_DEPTH_LIMIT: whole(1, 1000).default(20),

  BONGLOY_API_URL: secureUrl.optional(),
  BONGLOY_CLIENT_ID: text.optional(),
  BONGLOY_CLIENT_SECRET: text.optional(),
  BONGLOY_API_TOKEN: headerText.optional(),
  BONGLOY_SIGNING_KEY_FILE: text.optional(),
  BONGLOY_WEBHOOK_SECRETS: list.optional(),
  BONGLOY_WEBHOOK_REQUIRE_EXP: flag.optional(),

  CASSO_API_URL: secureUrl.optional(),
  CASSO_API_KEY: headerText.optional(),
  CASSO_CLIENT_ID: text.optional(),
  CASSO_CLIENT_SECRET: text.optional(),
  CASSO_REDIRECT_URIS: redirectUris.optional(),
  CASSO_WEBHOOK_CHECKSUM_KEYS: list.optional(),
  CASSO_WEBHOOK_SECURE_TOKENS: list.optional(),
  CASSO_REQUESTS_PER_MINUTE: whole(1, 100_000).optional(),

  OPERATOR_JWKS_URL: secureUrl.optional(),
  OPERATOR_JWKS_FILE: text.optional(),
  OPERATOR_ISSUER: text.optional(),
  OPERATOR_AUDIENCE: text.optional(),

  HTTPS_PROXY: proxyUrl.optional(),
  HTTP_PROXY: proxyUrl.optional(),
  NO_PROXY: text.optional(),

  // Checked by `readTelemetry`, which refuses none.
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().optional(),
  OTEL_SDK_DISABLED: z.string().optional(),
});

/** The settings as they are after checking. */
export type Environment = z.output<typeof environment>;
export type Name = keyof Environment;
/** The settings as they were given: those that are set, unchecked. */
export type Given = Readonly<Partial<Record<Name, string>>>;
