import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { HOUR, SECOND } from '../../../lib/duration.ts';
import { accountRoutes } from './accounts.ts';
import { answerApi } from './api.ts';
import type { Webhook } from './business.ts';
import { createControl, type SandboxControl, type SandboxParts } from './control.ts';
import { Faults } from './faults.ts';
import { answerControl } from './http-control.ts';
import { failure, type SandboxRequest } from './message.ts';
import { type OAuthClient, oauthRoutes } from './oauth.ts';
import { RateLimit } from './rate-limit.ts';
import { type RecordedRequest, RequestLog } from './request-log.ts';
import { dispatch } from './routes.ts';
import { OAUTH_CLIENT, SANDBOX_BUSINESSES } from './seed/businesses.ts';
import { seedState } from './seed/seed.ts';
import { createSandboxServer } from './server.ts';
import { syncRoutes } from './sync.ts';
import { Tokens } from './tokens.ts';
import { transactionRoutes } from './transactions.ts';
import type { UnknownReply } from './unknown.ts';
import { webhookRoutes } from './webhook-admin.ts';
import { WebhookSender } from './webhooks.ts';

export type { SandboxControl, TransferInput } from './control.ts';
export type { FaultInput } from './faults.ts';
export { WEBHOOK_MODES, type WebhookMode } from './forgery.ts';
export type { OAuthClient } from './oauth.ts';
export { ControlRefused } from './refused.ts';
export type { RecordedRequest } from './request-log.ts';
export { type BusinessName, SANDBOX_BUSINESSES } from './seed/businesses.ts';
export type { UnknownReply } from './unknown.ts';
export type { Delivery } from './webhooks.ts';

export interface CassoSandboxOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default the system's. The demo transactions are dated back from its time at the start. */
  readonly clock?: Clock;
  /** For each business, in any minute. Default none; above it 429. */
  readonly requestsPerMinute?: number;
  /** The value of `Retry-After` in a 429, seconds or a date. Default none: no such header. */
  readonly retryAfter?: number | string;
  /** Default 21600. */
  readonly accessTokenSeconds?: number;
  /** Default false: a refresh answers with the refresh token that came. */
  readonly rotateRefreshTokens?: boolean;
  /** Default false: `expires_in` is a number. */
  readonly expiresInAsText?: boolean;
  /** Registered for the OAuth client, in the place of the two in `oauthClient`. */
  readonly redirectUris?: readonly string[];
  /** What a read of an unknown id answers; default `null`: success, and `data` null. */
  readonly unknown?: UnknownReply;
  /** The web app's webhook of the business `main`. Default none. */
  readonly webhook?: Pick<Webhook, 'url' | 'version' | 'secret'>;
  /** What webhooks made through the API deliver; default `v1`. The secret is their `secure_token` in both (§4.5). */
  readonly apiWebhookVersion?: Webhook['version'];
  /** Milliseconds before a webhook's second attempt, default 30000; the later waits grow from it. */
  readonly webhookBaseWait?: number;
  /** Default false: any 200 accepts a delivery. True: the body must have `success: true` too. */
  readonly strictWebhooks?: boolean;
  /** Told a line of each request that is over: method, path, status. Never a body or a header. */
  readonly log?: (line: string) => void;
}

export interface CassoSandbox {
  /** Base URL, no trailing slash, no `/v2`. */
  readonly url: string;
  /** Their API keys, accounts and ids. */
  readonly businesses: typeof SANDBOX_BUSINESSES;
  readonly oauthClient: OAuthClient;
  /** The requests to the provider's routes, oldest first; control calls are left out. */
  readonly requests: readonly RecordedRequest[];
  clearRequests(): void;
  readonly control: SandboxControl;
  /** Ends all connections, timers and deliveries at once. May be called again. */
  close(): Promise<void>;
}

/**
 * Casso as its documents describe it (docs/providers/casso.md), on a port of its own, with everything in memory. Rejects
 * if the port is taken.
 */
export async function startCassoSandbox(options: CassoSandboxOptions = {}): Promise<CassoSandbox> {
  const clock = options.clock ?? systemClock;
  const state = seedState(clock.now());
  const parts: SandboxParts = {
    clock,
    state,
    tokens: new Tokens({
      clock,
      accessTokenSeconds: options.accessTokenSeconds ?? (6 * HOUR) / SECOND,
      rotate: options.rotateRefreshTokens ?? false,
      expiresInAsText: options.expiresInAsText ?? false,
    }),
    rateLimit: new RateLimit(clock, options.requestsPerMinute ?? null),
    webhooks: new WebhookSender({
      clock,
      baseWait: options.webhookBaseWait ?? 30 * SECOND,
      strict: options.strictWebhooks ?? false,
    }),
    faults: new Faults(),
  };
  const control = createControl(parts);
  if (options.webhook) control.setWebhook(options.webhook);

  const oauthClient = { ...OAUTH_CLIENT, redirectUris: options.redirectUris ?? OAUTH_CLIENT.redirectUris };
  const log = new RequestLog(clock, options.log ?? (() => undefined));
  const settings = {
    CASSO_API_KEY: SANDBOX_BUSINESSES.main.apiKey,
    CASSO_CLIENT_ID: oauthClient.clientId,
    CASSO_CLIENT_SECRET: oauthClient.clientSecret,
    CASSO_REDIRECT_URIS: oauthClient.redirectUris.join(','),
  };
  const server = createSandboxServer({
    control: (request) => answerControl(request, control, parts, settings),
    provider: provider(parts, oauthClient, options),
    faults: parts.faults,
    log,
  });

  const host = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    businesses: SANDBOX_BUSINESSES,
    oauthClient,
    requests: log.records,
    clearRequests: () => log.clear(),
    control,
    async close() {
      const stopped = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await Promise.all([stopped, parts.webhooks.stop()]);
    },
  };
}

/** Casso's own routes. */
function provider(
  { clock, state, tokens, rateLimit, webhooks }: SandboxParts,
  oauthClient: OAuthClient,
  { unknown = 'null', apiWebhookVersion = 'v1', retryAfter }: CassoSandboxOptions,
) {
  const oauth = oauthRoutes(oauthClient, state, tokens);
  const routes = [
    ...syncRoutes(state, webhooks),
    ...transactionRoutes(clock, unknown),
    ...accountRoutes(unknown),
    ...webhookRoutes(state, apiWebhookVersion),
  ];
  return (request: SandboxRequest) =>
    request.path.startsWith('/v2/')
      ? answerApi(request, { state, tokens, rateLimit, retryAfter, routes })
      : (dispatch(oauth, request, null) ?? failure(404, 'Not Found', 404));
}
