import type { AsideStore } from '../aside/store.ts';
import type { EventLog } from '../events/log.ts';
import type { ReconcileState } from '../events/reconcile-state.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { BudgetStore } from '../store/budgets.ts';
import type { Leases } from '../store/leases.ts';

export interface Advice {
  /** What is the case, one sentence without its full stop. */
  readonly says: string;
  readonly cure: string;
}

/** What the gateway keeps, wherever it is kept. */
export interface Store {
  readonly log: EventLog;
  readonly aside: AsideStore;
  readonly sessions: SessionStore;
  readonly reconcileState: ReconcileState;
  /** What was spent of the providers' allowances. */
  readonly budgets: BudgetStore;
  /** For what one process at a time may do, out of all that share the store. */
  readonly leases: Leases;
  /** Writes as everything else does, and leaves what is kept as it is. @throws Error when that was not kept. */
  tryWrite(): Promise<void>;
  /** What an operator could do so that it keeps more than it does now, for `mekong doctor`. @throws Error when it cannot be read. */
  advice(): Promise<readonly Advice[]>;
  /** After everything that uses it has stopped. */
  close(): Promise<void>;
}
