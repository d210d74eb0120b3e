import { NATS_NAMES, type NatsStoreOptions } from '../app/store-nats.ts';
import { createJetStreamAsideStore } from '../aside/jetstream.ts';
import type { AsideStore } from '../aside/store.ts';
import { createOrigins, type Origins } from '../events/jetstream-origin.ts';
import { createJetStreamReconcileState } from '../events/jetstream-reconcile-state.ts';
import { type EventStream, openEventStream } from '../events/jetstream-stream.ts';
import type { ReconcileState } from '../events/reconcile-state.ts';
import { createJetStreamSessionStore } from '../sessions/jetstream.ts';
import type { SessionStore } from '../sessions/store.ts';
import { BUDGET_TTL } from '../store/budgets.ts';
import { connectNats, type Nats } from '../store/nats.ts';
import { openBucket, overwrite } from '../store/nats-bucket.ts';

/** Where to. */
export interface Target {
  readonly nats: Nats;
  readonly stream: EventStream;
  readonly origins: Origins;
  readonly sessions: SessionStore;
  readonly aside: AsideStore;
  readonly reconcileState: ReconcileState;
  /** In the place of what an earlier run has moved. */
  setBudget(key: string, value: string): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error when the cluster does not answer, or something exists with other settings. */
export async function openTarget(options: NatsStoreOptions): Promise<Target> {
  const { replicas, eventRetentionDays: retentionDays, sessionMaxDays: maxDays } = options;
  const nats = await connectNats(options);
  try {
    const stream = await openEventStream({ nats, name: NATS_NAMES.events, replicas, retentionDays });
    const sessions = await createJetStreamSessionStore({
      nats,
      bucket: NATS_NAMES.sessions,
      replicas,
      maxDays,
    });
    // What a file holds is moved whole, although it takes a little more room here.
    const limit = Number.POSITIVE_INFINITY;
    const aside = await createJetStreamAsideStore({ nats, name: NATS_NAMES.aside, replicas, limit });
    const state = await openBucket({ nats, name: NATS_NAMES.state, replicas });
    const budgets = await openBucket({ nats, name: NATS_NAMES.budgets, replicas, ttl: BUDGET_TTL });
    return {
      nats,
      stream,
      origins: createOrigins(state),
      sessions,
      aside,
      reconcileState: createJetStreamReconcileState(state, stream.epoch),
      setBudget: (key, value) => overwrite(budgets, key, value),
      async close() {
        await sessions.close();
        await nats.close();
      },
    };
  } catch (error) {
    await nats.close();
    throw error;
  }
}
