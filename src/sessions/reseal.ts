import { SealError, type Sealer } from './sealing.ts';
import { sessionBinding } from './session.ts';
import type { SessionRow, SessionStore } from './store.ts';

export interface ResealReport {
  /** Sealed again, now with the first key. */
  readonly resealed: number;
  /** Under the first key already. */
  readonly current: number;
  /** No key given here opens them; left as they are. */
  readonly unreadable: number;
}

/**
 * Seals every session with the first key, so that the others can be taken out of `STORE_KEYS` afterwards. Safe while
 * gateways run: a session that changes meanwhile is read again, and one that ends stays ended.
 * @param onProgress after each session, with the number of those that were looked at.
 */
export async function resealAll(
  store: SessionStore,
  sealer: Sealer,
  onProgress: (done: number) => void = () => {},
): Promise<ResealReport> {
  const report = { resealed: 0, current: 0, unreadable: 0 };
  let done = 0;
  for await (const row of store.all()) {
    const outcome = await resealRow(store, sealer, row);
    if (outcome !== 'gone') report[outcome] += 1;
    done += 1;
    onProgress(done);
  }
  return report;
}

async function resealRow(
  store: SessionStore,
  sealer: Sealer,
  seen: SessionRow,
): Promise<keyof ResealReport | 'gone'> {
  try {
    for (let row: SessionRow | null = seen; row; row = await store.get(seen.id)) {
      if (sealer.isCurrent(row.sealed)) return 'current';
      const binding = sessionBinding(row.id);
      const sealed = await sealer.seal(binding, await sealer.open(binding, row.sealed));
      if (await store.replace({ ...row, sealed }, row.version)) return 'resealed';
    }
    return 'gone';
  } catch (error) {
    if (error instanceof SealError) return 'unreadable';
    throw error;
  }
}
