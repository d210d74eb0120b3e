/** How far a list of bank transactions has been compared with the log. Casso's ids, which grow as rows come to it. */
export interface Reconciled {
  /** Rows up to this id are history: never published. 0 when there were none. */
  readonly baseline: number;
  /** The greatest id of the last comparison that was completed; at least `baseline`. */
  readonly settled: number;
  /** When that was, milliseconds since the epoch: rows with greater ids have come to Casso since. */
  readonly settledAt: number;
}

/** Where that is kept; it survives a restart as soon as `set` resolves, and belongs to one log. */
export interface ReconcileState {
  /** Null before the first comparison. */
  get(): Promise<Reconciled | null>;
  set(reconciled: Reconciled): Promise<void>;
}
