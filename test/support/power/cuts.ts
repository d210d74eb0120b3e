import { createHash } from 'node:crypto';
import type { Loss } from './disk.ts';

/** The power goes after so many changes. */
export interface Cut {
  readonly count: number;
  readonly loss: Loss;
  /** For the report of a failure: with the seed it says which cut it was. */
  readonly name: string;
}

/** Moments and losses of that seed, spread over a run of so many changes. All four kinds of loss take turns. */
export function cutsOf(changes: number, seed: number, cuts: number): Cut[] {
  return Array.from({ length: cuts }, (_, n) => {
    const draw = bytes(`${seed}:${n}`);
    const count = Math.floor((changes + 1) * ((n + draw() / 256) / cuts));
    const [kind, loss] = LOSSES[n % LOSSES.length]?.(draw) ?? EVERYTHING;
    return { count, loss, name: `cut ${n} of seed ${seed}: after ${count} of ${changes} changes, ${kind}` };
  });
}

const EVERYTHING: readonly [string, Loss] = ['all kept', { sector: 4096, keeps: () => true }];
const LOSSES: readonly ((draw: () => number) => readonly [string, Loss])[] = [
  () => EVERYTHING,
  () => ['nothing kept that was not synced', { sector: 4096, keeps: () => false }],
  (draw) => ['some kept, torn at 512 bytes', { sector: 512, keeps: () => draw() < 128 }],
  (draw) => ['some kept, torn at 4096 bytes', { sector: 4096, keeps: () => draw() < 128 }],
];

/** Numbers from 0 to 255, the same for the same seed. */
function bytes(seed: string): () => number {
  let block: Buffer = Buffer.alloc(0);
  let drawn = 0;
  return () => {
    if (drawn % 32 === 0) block = createHash('sha256').update(`${seed}:${drawn}`).digest();
    return block[drawn++ % 32] ?? 0;
  };
}
