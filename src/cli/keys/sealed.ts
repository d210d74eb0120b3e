import type { Store } from '../../app/store.ts';
import { asideBinding } from '../../aside/aside.ts';
import { countSeals, type SealCount } from '../../sessions/count-seals.ts';
import { type ResealReport, resealAll } from '../../sessions/reseal.ts';
import type { SealedRow, SealedRows, Sealer } from '../../sessions/sealing.ts';
import { sessionBinding } from '../../sessions/session.ts';
import { counted } from '../counted.ts';

/** One kind of what is sealed with `STORE_KEYS`. */
export interface SealedKind {
  readonly name: 'sessions' | 'aside';
  /** "1 session", "2 sessions". */
  readonly counted: (count: number) => string;
  /** What it means that no key opens one. */
  readonly lost: string;
  /** See `countSeals`. */
  readonly count: (sealer: Sealer) => Promise<SealCount>;
  /** See `resealAll`. */
  readonly reseal: (sealer: Sealer, onProgress: (done: number) => void) => Promise<ResealReport>;
}

/** All that a store holds of it. */
export const sealedKinds = ({ sessions, aside }: Store): readonly SealedKind[] => [
  {
    name: 'sessions',
    counted: (count) => counted(count, 'session'),
    lost: 'each takes a new login',
    ...steps(sessions, sessionBinding),
  },
  {
    name: 'aside',
    counted: (count) => counted(count, 'delivery kept aside', 'deliveries kept aside'),
    lost: 'they cannot be replayed',
    ...steps(aside, asideBinding),
  },
];

const steps = <R extends SealedRow>(rows: SealedRows<R>, binding: (id: string) => string) => ({
  count: (sealer: Sealer) => countSeals(rows, binding, sealer),
  reseal: (sealer: Sealer, onProgress: (done: number) => void) =>
    resealAll(rows, binding, sealer, onProgress),
});
