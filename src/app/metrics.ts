import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AsideSize, AsideStore } from '../aside/store.ts';
import { PROVIDERS, type Provider } from '../domain/provider.ts';
import type { EventLog, LogEvent, NewEvent } from '../events/log.ts';
import type { LiveObserver } from '../http/live/counts.ts';
import type { FinishedOperation, Transport } from '../http/operations.ts';
import type { Answered } from '../http/server.ts';
import type { JudgedWebhook } from '../http/webhooks.ts';
import { SECOND } from '../lib/duration.ts';
import type { OnAhead } from '../loaders/bongloy.ts';
import type { OnOddity } from '../providers/row-reader.ts';
import type { WriteProbe } from '../store/write-probe.ts';
import type { BreakerState } from '../upstream/breaker.ts';
import type { BudgetCounts } from './budget.ts';
import type { CallOptions } from './providers.ts';

/** What the gateway counts of itself. Label values are words of ours: nothing that a client or a provider sent. */
export interface Metrics {
  /** Everything, as Prometheus reads it. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
  answered(answer: Answered): void;
  operation(operation: FinishedOperation): void;
  webhook(webhook: JudgedWebhook): void;
  upstream(provider: Provider): CallOptions;
  /** What comes of the requests to Casso, where their number is limited. */
  readonly budget: BudgetCounts;
  /** Counts what a provider sent and cannot be read. */
  oddity: OnOddity;
  /** Counts a list that was asked for beside a page of transactions. */
  readonly ahead: OnAhead;
  /** A bank event is kept from a business that may own its account. */
  withheld(): void;
  /** Nothing awaited a promise that was rejected. */
  unhandledRejection(): void;
  /** Counts what the log takes in, and tells its ends. */
  watchLog(log: EventLog): EventLog;
  /** Measures how much is kept aside. */
  watchAside(store: Pick<AsideStore, 'size'>): void;
  /** Asks at each reading whether the store takes writes. */
  watchStore(probe: WriteProbe): void;
  /** @param count of the WebSockets that are open. */
  watchSockets(count: () => number): void;
  subscribed(transport: Transport): Subscribed;
  /** An event was given to a subscriber that had been there when it came. */
  deliveredLive(event: LogEvent): void;
  /** Counts the subscriptions of this transport that the fan-out serves beside those that read the log. */
  live(transport: Transport): LiveObserver;
}

/** One subscription, from its beginning on. */
export interface Subscribed {
  /** Its client was given a result. */
  delivered(): void;
  /** At its end, once. */
  ended(): void;
}

const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half-open', 'open'];
/** Seconds. Operations may take 15, calls 10, and a held event 30. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

/** Of the process, however many gateways run in it. */
let processMetrics: Registry | undefined;
function ofProcess(): Registry {
  if (!processMetrics) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  return processMetrics;
}

/** A registry of its own, as tests run several gateways in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `mekong_${name}`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram({ name: `mekong_${name}`, help, labelNames, registers, buckets: DURATIONS });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `mekong_${name}`, help, labelNames, registers });
  /** Read when it is asked for; what cannot be read stays as it was. */
  const measured = (name: string, help: string, measure: () => Promise<number>) =>
    new Gauge({
      name: `mekong_${name}`,
      help,
      registers,
      async collect() {
        await measure().then(
          (value) => this.set(value),
          () => {},
        );
      },
    });

  const requests = counter('http_requests_total', 'HTTP requests answered.', ['route', 'status']);
  const requestSeconds = histogram(
    'http_request_duration_seconds',
    'From request to the end of the answer.',
    ['route'],
  );
  const operations = counter('operations_total', 'GraphQL operations.', ['kind', 'transport', 'outcome']);
  const operationSeconds = histogram('operation_duration_seconds', 'How long GraphQL operations ran.', [
    'kind',
  ]);
  const errors = counter('operation_errors_total', 'GraphQL operations with an error of this code.', [
    'code',
  ]);
  const webhooks = counter('webhooks_total', 'Deliveries of providers, by what they came to and why.', [
    'provider',
    'verdict',
    'reason',
  ]);
  const webhookSeconds = histogram('webhook_duration_seconds', 'From request to answer.', ['provider']);
  const unknownRows = counter(
    'webhook_unknown_rows_total',
    'Rows of deliveries that were not understood, or contradict the log.',
    ['provider'],
  );
  const calls = counter('upstream_calls_total', 'Calls to providers, retries included in one.', [
    'provider',
    'outcome',
  ]);
  const callSeconds = histogram('upstream_call_duration_seconds', 'Calls with queueing and retries.', [
    'provider',
  ]);
  const listsAhead = counter(
    'lists_ahead_total',
    'Lists of Bongloy that were asked for beside a page of transactions, and whether a row of it needed them.',
    ['list', 'outcome'],
  );
  const breaker = gauge('upstream_breaker_state', '1 for the state that the circuit breaker is in.', [
    'provider',
    'state',
  ]);
  const turns = counter(
    'budget_requests_total',
    'Requests to Casso under CASSO_REQUESTS_PER_MINUTE: those that were sent, were refused here, and whose caller left before.',
    ['rank', 'outcome'],
  );
  const turnSeconds = histogram('budget_wait_seconds', 'How long a request to Casso waited for its turn.', [
    'rank',
  ]);
  const tooMany = counter(
    'budget_exceeded_total',
    'Requests that Casso refused as one too many, although CASSO_REQUESTS_PER_MINUTE allowed them.',
    [],
  );
  const uncounted = counter(
    'budget_uncounted_total',
    'Times that the store could not keep the count of requests to Casso, so that none left.',
    [],
  );
  const unreadable = counter(
    'unreadable_total',
    'Rows, and members of rows, that a provider sent and that cannot be read, each time that they were read.',
    ['provider', 'kind', 'member', 'lost'],
  );
  const withheld = counter(
    'bank_events_withheld_total',
    'Events that tell no bank that can be compared, on a number that accounts of several businesses have.',
    [],
  );
  const appended = counter('events_appended_total', 'Events that the log took in, or knew already.', [
    'provider',
    'source',
    'result',
  ]);
  const subscriptions = gauge('subscriptions', 'Subscriptions that are open.', ['transport']);
  const deliveries = counter('deliveries_total', 'Results that were given to subscribers.', ['transport']);
  const executions = counter('live_executions_total', 'Executions that subscribers shared.', []);
  const dropped = counter(
    'dropped_to_catch_up_total',
    'Subscriptions that were too slow for live delivery, and went on reading the log.',
    [],
  );
  const deliverySeconds = histogram(
    'delivery_lag_seconds',
    'From when an event came in to when a subscriber that waited for it was given it.',
    ['provider'],
  );

  const unhandledRejections = counter(
    'unhandled_rejections_total',
    'Rejected promises that nothing awaited: a fault of the gateway each.',
    [],
  );

  const observeLag = ({ provider, receivedAt }: LogEvent): void =>
    deliverySeconds.observe({ provider }, Math.max(0, Date.now() - receivedAt) / SECOND);

  return {
    async read() {
      const merged = Registry.merge([ofProcess(), registry]);
      return { contentType: merged.contentType, text: await merged.metrics() };
    },

    answered({ route, status, ms }) {
      requests.inc({ route, status });
      requestSeconds.observe({ route }, ms / SECOND);
    },

    operation({ kind, transport, outcome, codes, ms }) {
      operations.inc({ kind, transport, outcome });
      for (const code of codes) errors.inc({ code });
      if (outcome !== 'invalid') operationSeconds.observe({ kind }, ms / SECOND);
    },

    webhook({ provider, verdict, reason, rowsAside, ms }) {
      webhooks.inc({ provider, verdict, reason });
      webhookSeconds.observe({ provider }, ms / SECOND);
      if (rowsAside > 0) unknownRows.inc({ provider }, rowsAside);
    },

    upstream(provider) {
      const enter = (state: BreakerState) => {
        for (const each of BREAKER_STATES) breaker.set({ provider, state: each }, each === state ? 1 : 0);
      };
      enter('closed');
      return {
        onBreakerChange: enter,
        onResult(outcome, durationMs) {
          calls.inc({ provider, outcome });
          callSeconds.observe({ provider }, durationMs / SECOND);
        },
      };
    },

    budget: {
      turn(rank, outcome, waited) {
        turns.inc({ rank, outcome });
        if (outcome === 'sent') turnSeconds.observe({ rank }, waited / SECOND);
      },
      tooMany: () => tooMany.inc(),
      uncounted: () => uncounted.inc(),
    },

    oddity: (oddity) => unreadable.inc({ ...oddity }),
    ahead: (list, outcome) => listsAhead.inc({ list, outcome }),
    withheld: () => withheld.inc(),
    unhandledRejection: () => unhandledRejections.inc(),

    watchLog(log) {
      measured('log_end_position', 'Position of the newest event.', () => log.end());
      measured('log_trimmed_position', 'Position of the newest event that is no longer kept.', () =>
        log.trimmedTo(),
      );
      measured('log_up', '1 when the event log can be read; its positions are of when it last could.', () =>
        log.end().then(
          () => 1,
          () => 0,
        ),
      );
      const count = ({ provider, source }: NewEvent, duplicate: boolean) =>
        appended.inc({ provider, source, result: duplicate ? 'known' : 'added' });
      return {
        ...log,
        async append(events) {
          const results = await log.append(events);
          events.forEach((event, index) => count(event, results[index]?.duplicate ?? false));
          return results;
        },
      };
    },

    watchAside(store) {
      const measure = (name: string, help: string, of: keyof AsideSize) =>
        new Gauge({
          name: `mekong_${name}`,
          help,
          labelNames: ['provider'],
          registers,
          async collect() {
            for (const provider of PROVIDERS) {
              await store.size(provider).then(
                (size) => this.set({ provider }, size[of]),
                () => {},
              );
            }
          },
        });
      measure('aside_rows', 'Deliveries and rows that were not understood, and are kept aside.', 'rows');
      measure('aside_bytes', 'How much room they take; docs/operating.md tells the limit.', 'bytes');
    },

    watchStore(probe) {
      measured('store_writable', '1 when the store takes writes.', async () =>
        (await probe.refusal()) === null ? 1 : 0,
      );
    },

    watchSockets(count) {
      measured('websockets', 'WebSockets that are open.', async () => count());
    },

    subscribed(transport) {
      subscriptions.inc({ transport });
      return {
        delivered: () => deliveries.inc({ transport }),
        ended: () => subscriptions.dec({ transport }),
      };
    },

    deliveredLive: observeLag,

    live: (transport) => ({
      subscribers: (by) => subscriptions.inc({ transport }, by),
      delivered(event, count) {
        deliveries.inc({ transport }, count);
        observeLag(event);
      },
      executed: () => executions.inc(),
      droppedToCatchUp: () => dropped.inc(),
    }),
  };
}
