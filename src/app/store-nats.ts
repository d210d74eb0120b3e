import { JetStreamApiError } from '@nats-io/jetstream';
import { createJetStreamAsideStore } from '../aside/jetstream.ts';
import { createJetStreamEventLog } from '../events/jetstream.ts';
import { createOrigins } from '../events/jetstream-origin.ts';
import { createJetStreamReconcileState } from '../events/jetstream-reconcile-state.ts';
import { mayBatch, openEventStream } from '../events/jetstream-stream.ts';
import { createJetStreamSessionStore } from '../sessions/jetstream.ts';
import { BUDGET_TTL } from '../store/budgets.ts';
import { connectNats, type NatsOptions } from '../store/nats.ts';
import { openBucket } from '../store/nats-bucket.ts';
import { createNatsBudgetStore } from '../store/nats-budgets.ts';
import { createLeases } from '../store/nats-lease.ts';
import { noQuorumNeeded, PULSE, watchQuorum } from '../store/nats-quorum.ts';
import { adviseOnNats } from './nats-advice.ts';
import type { Store } from './store.ts';

/** Names of what is made on the cluster; two installations on one cluster need an account each. */
export const NATS_NAMES = {
  /** The stream of the event log. */
  events: 'MEKONG_EVENTS',
  /** The streams of what is kept aside, one for each provider, begin with this. */
  aside: 'MEKONG_ASIDE',
  /** The bucket of sessions; the use-marks of OAuth states are in one beside it. */
  sessions: 'MEKONG_SESSIONS',
  /** The bucket of leases, of how far reconciliation has come, and of where the log was moved from. */
  state: 'MEKONG_STATE',
  /** The bucket of what was spent of the providers' allowances. */
  budgets: 'MEKONG_BUDGETS',
} as const;

export interface NatsStoreOptions extends NatsOptions {
  /** How many servers keep each event and session. */
  readonly replicas: number;
  readonly eventRetentionDays: number;
  readonly sessionMaxDays: number;
}

/**
 * Everything on a NATS cluster with JetStream, for any number of processes. Streams and buckets are made when they are
 * missing, and checked otherwise.
 * @throws StreamMissing when they are, and `onlyLooks` is set.
 * @throws Error when no server can be reached now, JetStream does not answer, or something exists with other settings.
 */
export async function openNatsStore(options: NatsStoreOptions): Promise<Store> {
  const { replicas, eventRetentionDays, sessionMaxDays, logger } = options;
  const nats = await connectNats(options);
  let quorum = noQuorumNeeded;
  try {
    const state = await openBucket({ nats, name: NATS_NAMES.state, replicas });
    if (replicas > 1 && !nats.onlyLooks) quorum = watchQuorum({ nats, bucket: state, logger });
    const stream = await openEventStream({
      nats,
      name: NATS_NAMES.events,
      replicas,
      retentionDays: eventRetentionDays,
      quorum,
      logger,
    });
    const log = await createJetStreamEventLog({ nats, stream, origins: createOrigins(state) });
    const sessions = await createJetStreamSessionStore({
      nats,
      bucket: NATS_NAMES.sessions,
      replicas,
      maxDays: sessionMaxDays,
      quorum,
      logger,
    });
    const aside = await createJetStreamAsideStore({ nats, name: NATS_NAMES.aside, replicas });
    const budgets = await openBucket({ nats, name: NATS_NAMES.budgets, replicas, ttl: BUDGET_TTL });
    return {
      log,
      aside,
      sessions,
      reconcileState: createJetStreamReconcileState(state, log.epochAt(0)),
      budgets: createNatsBudgetStore(budgets),
      leases: createLeases({ bucket: state }),
      tryWrite: () =>
        state.put(PULSE, '').catch((error: unknown) => {
          const isRefusal = error instanceof JetStreamApiError;
          const why = isRefusal
            ? `JetStream refused: ${error.message}`
            : 'no server of the cluster kept it in time';
          throw new Error(`${why}.`, { cause: error });
        }),
      advice: () =>
        adviseOnNats({
          nats,
          events: NATS_NAMES.events,
          others: [`KV_${NATS_NAMES.sessions}`, `KV_${NATS_NAMES.state}`],
          couldBatch: mayBatch(nats, replicas) && !stream.takesBatches,
        }),
      async close() {
        quorum.stop();
        await sessions.close();
        await nats.close();
      },
    };
  } catch (error) {
    quorum.stop();
    await nats.close();
    throw error;
  }
}
