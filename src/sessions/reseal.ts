import { SealError, type SealedRow, type SealedRows, type Sealer } from './sealing.ts';

export interface ResealReport {
  /** Sealed again, now with the first key. */
  readonly resealed: number;
  /** Under the first key already. */
  readonly current: number;
  /** No key given here opens them; left as they are. */
  readonly unreadable: number;
}

/**
 * Seals every row with the first key, so that the others can be taken out of `STORE_KEYS` afterwards. Safe while
 * gateways run: a row that changes meanwhile is read again, and one that goes stays gone.
 * @param binding of a row, by its id.
 * @param onProgress after each row, with the number of those that were looked at.
 */
export async function resealAll<R extends SealedRow>(
  store: SealedRows<R>,
  binding: (id: string) => string,
  sealer: Sealer,
  onProgress: (done: number) => void = () => {},
): Promise<ResealReport> {
  const report = { resealed: 0, current: 0, unreadable: 0 };
  let done = 0;
  for await (const row of store.all()) {
    const outcome = await resealRow(store, binding, sealer, row);
    if (outcome !== 'gone') report[outcome] += 1;
    done += 1;
    onProgress(done);
  }
  return report;
}

async function resealRow<R extends SealedRow>(
  store: SealedRows<R>,
  binding: (id: string) => string,
  sealer: Sealer,
  seen: R,
): Promise<keyof ResealReport | 'gone'> {
  try {
    for (let row: R | null = seen; row; row = await store.get(seen.id)) {
      if (sealer.isCurrent(row.sealed)) return 'current';
      const bound = binding(row.id);
      const sealed = await sealer.seal(bound, await sealer.open(bound, row.sealed));
      if (await store.replace({ ...row, sealed }, row.version)) return 'resealed';
    }
    return 'gone';
  } catch (error) {
    if (error instanceof SealError) return 'unreadable';
    throw error;
  }
}
