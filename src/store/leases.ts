/** Work that one process at a time does, out of all that share the store. */
export interface Leases {
  /**
   * Waits until this process holds the lease of that name, then does the work, which may last as long as it likes.
   * The lease is renewed meanwhile, and let go when the work is over. Should it be lost (the store was away too
   * long), the work's signal aborts, and once the work is over the lease is waited for again, and the work begun anew.
   * Resolves when the work ended by itself or `signal` aborted; rejects as the work does.
   */
  withLease(name: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

/** Where a store serves one process, that one does all the work. */
export const soleProcess: Leases = {
  withLease: (_name, signal, work) => work(signal),
};
