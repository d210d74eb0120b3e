import { SealError, type Sealer } from './sealing.ts';
import { sessionBinding } from './session.ts';
import type { SessionStore } from './store.ts';

export interface SealCount {
  /** Sealed with the first key. */
  current: number;
  /** Opened by another of the keys: `resealAll` would seal them with the first. */
  old: number;
  /** No key given here opens them: who holds such a session has to log in again. */
  unreadable: number;
}

/** Which keys the stored sessions need. Changes nothing. */
export async function countSeals(store: Pick<SessionStore, 'all'>, sealer: Sealer): Promise<SealCount> {
  const count = { current: 0, old: 0, unreadable: 0 };
  for await (const { id, sealed } of store.all()) {
    try {
      await sealer.open(sessionBinding(id), sealed);
      count[sealer.isCurrent(sealed) ? 'current' : 'old'] += 1;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      count.unreadable += 1;
    }
  }
  return count;
}
