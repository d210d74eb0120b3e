import { setTimeout as wait } from 'node:timers/promises';
import { type ErrorCode, GatewayError } from '../../domain/errors.ts';
import { SECOND } from '../../lib/duration.ts';

/** How long an event is held while its provider is down; then the stream ends, and the client resumes (design §10). */
const HOLD = 30 * SECOND;
const FIRST_WAIT = SECOND / 4;
const LONGEST_WAIT = 4 * SECOND;

/** The provider may be well again in a moment; anything else will not change by waiting. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'RATE_LIMITED']);

/**
 * Tries until it works: an event is late rather than skipped, and nothing overtakes it.
 * @throws what `attempt` throws when it is no passing failure, or when it still fails after 30 s; the signal's reason
 *   when aborted.
 */
export async function hold<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const end = Date.now() + HOLD;
  for (let pause = FIRST_WAIT; ; pause = Math.min(pause * 2, LONGEST_WAIT)) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      const passing = error instanceof GatewayError && PASSING.has(error.code);
      if (!passing || Date.now() + pause > end) throw error;
      await wait(pause, undefined, { signal });
    }
  }
}
