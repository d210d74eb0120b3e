import { setTimeout as wait } from 'node:timers/promises';
import { type ErrorCode, GatewayError, upstreamUnavailable } from '../../domain/errors.ts';
import { SECOND } from '../../lib/duration.ts';

const FIRST_WAIT = SECOND / 4;
const LONGEST_WAIT = 4 * SECOND;

/** The provider may be well again in a moment; anything else will not change by waiting. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'RATE_LIMITED']);

/**
 * Tries until it works: an event is late rather than skipped, and nothing overtakes it.
 * @param ms for how long; then the stream ends, and the client resumes.
 * @throws GatewayError what `attempt` throws when it is no passing failure, UPSTREAM_UNAVAILABLE when it will not work
 *   within that time; the signal's reason when aborted.
 */
export async function hold<T>(attempt: () => Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const end = Date.now() + ms;
  for (let pause = FIRST_WAIT; ; pause = Math.min(pause * 2, LONGEST_WAIT)) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GatewayError) || !PASSING.has(error.code)) throw error;
      const { provider, retryAfterSeconds = 0 } = error.details;
      const rest = Math.max(pause, retryAfterSeconds * SECOND);
      if (Date.now() + rest > end) throw provider ? upstreamUnavailable(provider, { cause: error }) : error;
      await wait(rest, undefined, { signal });
    }
  }
}
