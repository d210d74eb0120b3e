import { setTimeout as sleep } from 'node:timers/promises';
import { reportBudget } from './app/budget.ts';
import { createMetrics } from './app/metrics.ts';
import { reportOddities } from './app/oddities.ts';
import { openStoreAlone } from './app/open-store.ts';
import { bongloyProvider, cassoProvider, newestPage } from './app/providers.ts';
import { WAITS, type Waits } from './app/waits.ts';
import { reportWithheld } from './app/withheld.ts';
import { createAside } from './aside/aside.ts';
import { createIntake, keepRow } from './aside/intake.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { createLoginLimits } from './auth/login-limits.ts';
import { createOperatorVerifier } from './auth/operator.ts';
import { createRequestLimits } from './auth/request-limits.ts';
import type { Config } from './config.ts';
import type { Provider } from './domain/provider.ts';
import { createHub } from './events/hub.ts';
import { startReconciliation } from './events/reconcile.ts';
import { startRetention } from './events/retention.ts';
import { useStreamType } from './http/accept.ts';
import { addressOf } from './http/asker.ts';
import { credentialOf, type Sources } from './http/context.ts';
import { createErrorMask } from './http/errors.ts';
import { createGraphiQL, wantsGraphiQL } from './http/graphiql.ts';
import { GRAPHIQL_TABS } from './http/graphiql-tabs.ts';
import { createGraphQL } from './http/graphql.ts';
import { graphqlRoute } from './http/graphql-route.ts';
import { guard } from './http/guard.ts';
import { healthz, readyz } from './http/health.ts';
import type { LiveCounts } from './http/live/counts.ts';
import { createLive } from './http/live/live.ts';
import { useSubscribe } from './http/live/subscribe.ts';
import { metricsRoute } from './http/metrics.ts';
import { type FinishedOperation, useOperations } from './http/operations.ts';
import { createPlaces, MAX_HELD, useStreamPlaces } from './http/places.ts';
import { createPreparedDocuments } from './http/prepared.ts';
import { createRunningOperations } from './http/running-operations.ts';
import { type Answered, createHttpServer } from './http/server.ts';
import { createSubscriptionEnds } from './http/subscription-end.ts';
import { traced, useOperationSpans } from './http/traced.ts';
import { type JudgedWebhook, webhookRoute } from './http/webhooks.ts';
import { serveWebSockets } from './http/websocket.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { DAY, HOUR, MINUTE, SECOND } from './lib/duration.ts';
import type { Logger } from './lib/logger.ts';
import { startRounds } from './lib/rounds.ts';
import { createUnderWay } from './lib/under-way.ts';
import { CardNews } from './loaders/card-news.ts';
import { forgetTouched } from './loaders/forget-touched.ts';
import { Share } from './loaders/share.ts';
import { schema } from './schema/index.ts';
import { createAuthorization } from './sessions/authorization.ts';
import { createGrants } from './sessions/grants.ts';
import { createLogin } from './sessions/login.ts';
import { createSealer } from './sessions/sealing.ts';
import { createSessions } from './sessions/sessions.ts';
import { startSweep } from './sessions/sweep.ts';
import { createWriteProbe } from './store/write-probe.ts';

export interface App {
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** What the fan-out does, for metrics. */
  readonly live: Readonly<LiveCounts>;
  /**
   * For the process's own `unhandledRejection`: logs it with the operations under way and counts it. The process goes on, as
   * one operation that went wrong is no reason to end all others.
   */
  readonly onUnhandledRejection: (reason: unknown) => void;
  /** Refuses new work, finishes what is under way within the grace period, closes everything. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** What GraphiQL's headers editor holds at first, asked when the page is first opened; nothing by default. */
  readonly graphiqlHeaders?: () => Readonly<Record<string, string>>;
  /** In the place of some of `WAITS`. */
  readonly waits?: Partial<Waits>;
  /** False: no answer of a provider is kept for its two seconds, so that a benchmark's load reaches the provider. */
  readonly keepAnswers?: boolean;
}

/** Sessions kept opened in memory, about 1 KB each. */
const SESSION_CACHE = 10_000;
const SWEEP_EVERY = MINUTE;
const GRACE = 10 * SECOND;
/** How long the last events have to reach their subscribers. */
const DRAIN = 3 * SECOND;
/** Sockets and streams of one viewer at once. */
const MAX_CONNECTIONS = 100;

/**
 * Builds the world from the settings and opens the port. The only place that constructs stores, providers, servers.
 * @throws Error when the store cannot be opened, a key set cannot be read, or the port is taken.
 */
export async function startApp(config: Config, options: AppOptions): Promise<App> {
  const { logger, clock = systemClock } = options;
  const waits = { ...WAITS, ...options.waits };
  const metrics = createMetrics();
  const store = await openStoreAlone(config, logger);
  const sealer = createSealer(config.storeKeys);
  const sessions = createSessions({
    store: store.sessions,
    sealer,
    clock,
    logger,
    idleMs: config.sessionIdleDays * DAY,
    maxMs: config.sessionMaxDays * DAY,
    cacheSize: SESSION_CACHE,
  });
  const onOddity = reportOddities(metrics.oddity, logger, clock);
  const { proxy } = config;
  const calls = (provider: Provider) => ({ ...metrics.upstream(provider), onOddity, proxy });
  const bongloy = config.bongloy && bongloyProvider(config.bongloy, clock, calls('BONGLOY'));
  const casso =
    config.casso &&
    cassoProvider(config.casso, clock, {
      ...calls('CASSO'),
      onWithheld: reportWithheld(() => metrics.withheld(), logger),
      budgets: store.budgets,
      budgetObserver: reportBudget(metrics.budget, logger, clock),
    });
  const grants = createGrants({
    sessions,
    bongloyOAuth: bongloy && bongloy.oauth,
    cassoOAuth: casso?.oauth?.client ?? null,
    clock,
    logger,
  });
  const authorization = createAuthorization({ store: store.sessions, sealer, clock });
  const login = createLogin({ sessions, grants, authorization, bongloy, casso, clock });
  const operators = config.operators && createOperatorVerifier({ ...config.operators, proxy, clock, logger });

  const share = new Share(clock, options.keepAnswers);
  const log = metrics.watchLog(store.log);
  const writeProbe = createWriteProbe({ tryWrite: () => store.tryWrite(), logger });
  metrics.watchStore(writeProbe);
  forgetTouched(log, share);
  const cardNews = bongloy && new CardNews({ client: bongloy.client, share, clock, log });
  const looks = cardNews && startRounds((signal) => cardNews.look(signal), waits.lookEvery);
  metrics.watchAside(store.aside);
  const aside = createAside(store.aside, sealer);
  const { leases } = store;
  const days = config.eventRetentionDays;
  const retention = startRetention({ log, leases, clock, days, every: HOUR, logger });
  const sweep = startSweep({ sessions, leases, every: SWEEP_EVERY, logger });
  const reconciliation =
    casso?.operatorCredential &&
    startReconciliation({
      log,
      keepAside: keepRow(aside, clock),
      state: store.reconcileState,
      leases,
      readNewest: newestPage(casso.client, casso.operatorCredential, clock),
      retentionDays: config.eventRetentionDays,
      every: waits.reconcileEvery,
      clock,
      logger,
    });
  const admission = {
    authenticate: createAuthenticate({ sessions, operators }),
    addressOf: addressOf(config.trustProxy),
    limits: createRequestLimits({
      perMinute: config.requestsPerMinute,
      anonymousPerMinute: config.anonymousRequestsPerMinute,
      clock,
    }),
  };
  const mask = createErrorMask(logger, { suggestions: config.introspection });
  const subscriptionEnds = createSubscriptionEnds({
    mask,
    sessions,
    clock,
    idle: 3 * waits.heartbeat,
    onSubscribed: (transport) => metrics.subscribed(transport),
  });
  const places = createPlaces(MAX_CONNECTIONS);
  const held = createPlaces(MAX_HELD);
  const operationOver = (over: FinishedOperation) => {
    metrics.operation(over);
    const { requestId, kind: operation, transport, outcome, viewer, codes, ms } = over;
    const reason = codes.length > 0 ? { reason: codes.join(' ') } : {};
    const what = { requestId, operation, transport, outcome, viewer, ...reason, ms: Math.round(ms) };
    logger.info(what, 'operation');
  };
  const requestOver = (answer: Answered) => {
    metrics.answered(answer);
    logger.debug({ ...answer, ms: Math.round(answer.ms) }, 'answered');
  };
  const sources: Sources = {
    share,
    bongloy: bongloy && cardNews && { client: bongloy.client, cardNews, onAhead: metrics.ahead },
    casso,
    credential: credentialOf(grants, casso?.operatorCredential ?? null, sessions, share),
    services: {
      login,
      loginLimits: createLoginLimits(config.loginAttemptsPerMinute),
      log,
      holdEvent: waits.holdEvent,
      deliveredLive: (event) => metrics.deliveredLive(event),
      cassoWebhook: () => ({
        url: `${config.publicUrl ?? url}/webhooks/casso`,
        secureToken: config.casso?.webhookSecureTokens[0] ?? null,
      }),
    },
  };
  const running = createRunningOperations();
  const live = createLive({
    hub: await createHub(log),
    schema,
    sources,
    mask,
    observer: metrics.live('websocket'),
  });
  const graphqlOptions = {
    schema,
    ...admission,
    sessions,
    mask,
    plugins: [
      // Before the spans, which are to hold it.
      useSubscribe(live.programOf),
      useOperationSpans(),
      useOperations(operationOver),
      running.plugin,
      useStreamType(),
      subscriptionEnds.plugin,
    ],
    streamPlaces: useStreamPlaces(places, held),
    introspection: config.introspection,
    showUpstream: !config.production,
    trustedDocuments: config.trustedDocuments,
    costLimit: config.queryCostLimit,
    depthLimit: config.queryDepthLimit,
    sources,
    prepared: createPreparedDocuments(),
  };
  const graphql = createGraphQL(graphqlOptions);
  const answer = graphqlRoute(graphql, graphqlOptions);
  const graphiql = config.graphiql ? createGraphiQL(GRAPHIQL_TABS, options.graphiqlHeaders) : null;
  const deliveries = createUnderWay();
  const intake = {
    underWay: deliveries,
    intake: createIntake(log, aside),
    clock,
    readWithin: waits.webhookWithin,
    logger,
    onJudged: (webhook: JudgedWebhook) => metrics.webhook(webhook),
  };
  let draining = false;

  const http = createHttpServer(
    {
      '/graphql': traced('/graphql', (request, response, requestId) => {
        if (graphiql && wantsGraphiQL(request)) return graphiql(request, response, requestId);
        if (guard(request, response, config.corsOrigins)) return;
        return answer(request, response, requestId);
      }),
      ...(bongloy?.webhook && {
        '/webhooks/bongloy': traced(
          '/webhooks/bongloy',
          webhookRoute({ ...intake, provider: 'BONGLOY', webhook: bongloy.webhook }),
        ),
      }),
      ...(casso?.webhook && {
        '/webhooks/casso': traced(
          '/webhooks/casso',
          webhookRoute({ ...intake, provider: 'CASSO', webhook: casso.webhook }),
        ),
      }),
      ...((config.metricsToken || !config.production) && {
        '/metrics': metricsRoute({ read: () => metrics.read(), token: config.metricsToken }),
      }),
      '/healthz': healthz,
      '/readyz': readyz(async () => {
        if (draining) return 'shutting down';
        const isRead = await Promise.all([log.end(), store.sessions.get('readyz')]).then(
          () => true,
          () => false,
        );
        if (!isRead) return 'the store cannot be read';
        const refusal = await writeProbe.refusal();
        return refusal && `the store cannot be written: ${refusal}`;
      }),
    },
    {
      onError: (error, requestId) => logger.error({ requestId, err: error }, 'a request failed'),
      onAnswered: requestOver,
      corsOrigins: config.corsOrigins,
    },
    { ...waits, keepAlive: config.keepAliveSeconds * SECOND },
  );
  const purging = setInterval(() => share.purge(), SWEEP_EVERY).unref();

  const sockets = serveWebSockets(http.server, {
    graphql,
    ...admission,
    trustedDocuments: config.trustedDocuments,
    sessions,
    clock,
    mask,
    places,
    held,
    live,
    corsOrigins: config.corsOrigins,
    initWithin: waits.initWithin,
    heartbeat: waits.heartbeat,
    logger,
  });

  metrics.watchSockets(() => sockets.count);

  const stop = async (): Promise<void> => {
    draining = true;
    http.drain();
    if (url) await sleep(config.shutdownDelaySeconds * SECOND);
    clearInterval(purging);
    await http.settle();
    const closed = http.close(GRACE);
    await Promise.all([retention.stop(), sweep.stop(), reconciliation?.stop(), looks?.stop()]);
    await deliveries.idle();
    // What is in the log reaches its subscribers before their connections close.
    await log.close();
    await Promise.all([subscriptionEnds.drain(DRAIN), live.drain(DRAIN)]);
    await Promise.all([sockets.close(), closed]);
    await graphql.dispose();
    await Promise.all([bongloy?.close(), casso?.close()]);
    sessions.close();
    await store.close();
  };
  let url = '';
  const { port } = await http.listen(config.port, config.host).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  url = `http://${host}:${port}`;
  const onUnhandledRejection = (reason: unknown) => {
    metrics.unhandledRejection();
    logger.error(
      { err: reason, operations: running.describe() },
      'nothing awaited a promise that was rejected',
    );
  };
  return { url, live: live.counts, onUnhandledRejection, stop };
}
