import { type Bucket, overwrite } from '../store/nats-bucket.ts';
import type { Reconciled, ReconcileState } from './reconcile-state.ts';

/**
 * Kept in a bucket beside the stream of the log, by its epoch. Only whoever holds the lease of reconciliation writes;
 * should two for a moment, the last one wins, and the log's de-duplication makes that harmless.
 */
export function createJetStreamReconcileState(bucket: Bucket, epoch: string): ReconcileState {
  const key = `reconciled.${epoch}`;
  return {
    async get() {
      const entry = await bucket.get(key);
      return entry && (JSON.parse(entry.value) as Reconciled);
    },

    async set({ baseline, settled, settledAt }) {
      await overwrite(bucket, key, JSON.stringify({ baseline, settled, settledAt }));
    },
  };
}
