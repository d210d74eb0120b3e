import { SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import { explainError } from '../lib/start-error.ts';

/** Whether the store takes writes, as of a few seconds ago at most. */
export interface WriteProbe {
  /** @returns null when it does; else why not, in a sentence with the cure. */
  refusal(): Promise<string | null>;
}

export interface WriteProbeOptions {
  /** A real write. @throws Error when it was not kept. */
  readonly tryWrite: () => Promise<void>;
  readonly logger: Logger;
}

/** However often it is asked, it writes no more often than this. */
const GOOD_FOR = 2 * SECOND;

/** Writes when it is asked, so that a store that takes writes again is ready again without a restart. */
export function createWriteProbe({ tryWrite, logger }: WriteProbeOptions): WriteProbe {
  let latest: Promise<string | null> | null = null;
  let goodUntil = 0;
  let told: string | null = null;

  async function probe(): Promise<string | null> {
    const refusal = await tryWrite().then(() => null, explainError);
    goodUntil = performance.now() + GOOD_FOR;
    if (refusal !== null && told === null) logger.error({ reason: refusal }, 'the store cannot be written');
    if (refusal === null && told !== null) logger.info('the store can be written again');
    told = refusal;
    return refusal;
  }

  return {
    refusal() {
      if (!latest || performance.now() >= goodUntil) {
        goodUntil = Number.POSITIVE_INFINITY;
        latest = probe();
      }
      return latest;
    },
  };
}
