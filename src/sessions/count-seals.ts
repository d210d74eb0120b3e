import { SealError, type SealedRow, type SealedRows, type Sealer } from './sealing.ts';

export interface SealCount {
  /** Sealed with the first key. */
  current: number;
  /** Opened by another of the keys: `resealAll` would seal them with the first. */
  old: number;
  /** No key given here opens them. */
  unreadable: number;
}

/** Which keys the rows of a store need. Changes nothing. @param binding of a row, by its id. */
export async function countSeals(
  store: Pick<SealedRows<SealedRow>, 'all'>,
  binding: (id: string) => string,
  sealer: Sealer,
): Promise<SealCount> {
  const count = { current: 0, old: 0, unreadable: 0 };
  for await (const { id, sealed } of store.all()) {
    try {
      await sealer.open(binding(id), sealed);
      count[sealer.isCurrent(sealed) ? 'current' : 'old'] += 1;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      count.unreadable += 1;
    }
  }
  return count;
}
