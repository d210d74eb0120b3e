import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { HOUR, SECOND } from '../../../lib/duration.ts';
import { APPLICATION, type ApplicationCredentials, applicationCheck } from './application.ts';
import { connectRoutes } from './connect.ts';
import { createControl, type SandboxControl, type SandboxParts } from './control.ts';
import { Faults } from './faults.ts';
import { ONE_TIME_CODE, PhoneSignIn } from './firebase.ts';
import { answerControl } from './http-control.ts';
import { oauthRoutes } from './oauth.ts';
import type { PagingRules } from './paging.ts';
import { type RecordedRequest, RequestLog } from './request-log.ts';
import { dispatch } from './routes.ts';
import { MAIN_LOGIN } from './seed/cardholders.ts';
import { seedState } from './seed/seed.ts';
import { createSandboxServer } from './server.ts';
import { type Rotation, Tokens } from './tokens.ts';
import { verificationRoute } from './verification-route.ts';
import { Verifications } from './verifications.ts';
import { WebhookSender, type WebhookTarget } from './webhooks.ts';

export { ControlRefused, type SandboxControl } from './control.ts';
export { WEBHOOK_MODES, type WebhookMode } from './forgery.ts';
export type { RecordedRequest } from './request-log.ts';
export { SANDBOX_ACCOUNTS, SANDBOX_CARDHOLDERS } from './seed/cardholders.ts';
export { SANDBOX_TRANSACTIONS } from './seed/main.ts';
export type { Delivery, WebhookTarget } from './webhooks.ts';

export interface BongloySandboxOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default the system's. The demo transactions are dated back from its time at the start. */
  readonly clock?: Clock;
  /** Default 7200. */
  readonly accessTokenSeconds?: number;
  /** Default `grace` (§6.4). */
  readonly rotation?: Rotation;
  /** Default `nearest` (§4, point 4). */
  readonly before?: PagingRules['before'];
  /** Default `exact` (§4, point 6). */
  readonly next?: PagingRules['next'];
  /** Default false: no row is skipped at a page boundary because its time is the cursor row's (§4, sort key). */
  readonly strictTies?: boolean;
  /** A PEM public key (SPKI). With it, the application's bearer must be a signed JWT (§6.5). */
  readonly signingPublicKey?: string;
  /** Default none: no webhooks. */
  readonly webhook?: WebhookTarget;
  /** Milliseconds before a webhook's second attempt, default 4000; the later waits grow from it. */
  readonly webhookBaseWait?: number;
  /** Told a line of each request that is over: method, path, status. Never a body or a header. */
  readonly log?: (line: string) => void;
}

export interface BongloySandbox {
  /** Base URL, no trailing slash. */
  readonly url: string;
  /** The credentials that are accepted. */
  readonly application: ApplicationCredentials;
  /** What the main demo cardholder types in; the others use the same code. */
  readonly login: typeof MAIN_LOGIN & { readonly oneTimeCode: string };
  /** The requests to the provider's routes, oldest first; control calls are left out. */
  readonly requests: readonly RecordedRequest[];
  clearRequests(): void;
  readonly control: SandboxControl;
  /** Ends all connections, timers and deliveries at once. May be called again. */
  close(): Promise<void>;
}

/**
 * Bongloy Connect as its documents describe it (docs/providers/bongloy.md), on a port of its own, with everything in
 * memory. Rejects if the port is taken.
 */
export async function startBongloySandbox(options: BongloySandboxOptions = {}): Promise<BongloySandbox> {
  const clock = options.clock ?? systemClock;
  const state = seedState(clock.now());
  const parts: SandboxParts = {
    clock,
    state,
    tokens: new Tokens(clock, options.accessTokenSeconds ?? (2 * HOUR) / SECOND, options.rotation ?? 'grace'),
    verifications: new Verifications(clock, state),
    phones: new PhoneSignIn(clock),
    webhooks: new WebhookSender(clock, options.webhookBaseWait ?? 4 * SECOND),
    faults: new Faults(),
    log: new RequestLog(clock, options.log ?? (() => undefined)),
    paging: {
      before: options.before ?? 'nearest',
      next: options.next ?? 'exact',
      strictTies: options.strictTies ?? false,
    },
  };
  const control = createControl(parts);
  control.setWebhook(options.webhook ?? null);

  const routes = [
    ...connectRoutes(state, parts.tokens, () => parts.paging),
    verificationRoute(applicationCheck(clock, options.signingPublicKey), parts.verifications),
    ...oauthRoutes(parts.tokens, parts.verifications, parts.phones),
  ];
  const settings = {
    BONGLOY_CLIENT_ID: APPLICATION.clientId,
    BONGLOY_CLIENT_SECRET: APPLICATION.clientSecret,
    BONGLOY_API_TOKEN: APPLICATION.apiToken,
  };
  const server = createSandboxServer({
    control: (request) => answerControl(request, control, parts, settings),
    provider: (request) => dispatch(routes, request),
    faults: parts.faults,
    log: parts.log,
  });

  const host = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    application: APPLICATION,
    login: { ...MAIN_LOGIN, oneTimeCode: ONE_TIME_CODE },
    requests: parts.log.records,
    clearRequests: () => parts.log.clear(),
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
