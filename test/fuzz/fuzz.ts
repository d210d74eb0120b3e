import { type Case, drawCase } from './case.ts';
import { shrink } from './shrink.ts';
import { tryCase } from './try-case.ts';
import { startWorld, type World } from './world.ts';

export interface FuzzOptions {
  /** The same seed draws the same cases. */
  readonly seed: number;
  /** For how long cases are tried. */
  readonly ms: number;
  /** Of how many cases; unlimited by default. */
  readonly from?: number;
  readonly onFinding?: (finding: Finding) => void;
}

export interface Finding {
  readonly seed: number;
  /** Of the case: `--seed S --from N` begins with it. */
  readonly number: number;
  readonly complaint: string;
  /** As small as it was made. */
  readonly smallest: Case;
}

export interface FuzzReport {
  readonly cases: number;
  readonly byKind: Readonly<Record<Case['kind'], number>>;
  readonly spoiled: number;
  readonly findings: readonly Finding[];
}

/** A finding is not looked for again after so many: they are likely the same. */
const MOST_FINDINGS = 5;

/**
 * Random valid operations of all kinds against a gateway process in the production profile, whose providers answer
 * rightly, wrongly or not at all. Whatever comes, the process lives, answers in time with documented codes, and forgets
 * no rejection.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { seed, ms, from = 0, onFinding = () => {} } = options;
  const world = await startWorld();
  const byKind = { query: 0, mutation: 0, subscription: 0 };
  const findings: Finding[] = [];
  let spoiled = 0;
  let number = from;
  try {
    for (const end = Date.now() + ms; Date.now() < end && findings.length < MOST_FINDINGS; number += 1) {
      const tried = drawCase(seed, number, world.values);
      byKind[tried.kind] += 1;
      if (tried.spoilages.length > 0) spoiled += 1;
      const complaint = await tryCase(world, tried);
      if (complaint) {
        const smallest = await shrink(tried, async (smaller) => fails(world, smaller));
        const finding = { seed, number, complaint, smallest };
        findings.push(finding);
        onFinding(finding);
        await world.restart();
      }
      if (tried.kind === 'mutation') await world.recover();
    }
    return { cases: number - from, byKind, spoiled, findings };
  } finally {
    await world.close();
  }
}

async function fails(world: World, smaller: Case): Promise<boolean> {
  await world.restart();
  return (await tryCase(world, smaller)) !== null;
}
