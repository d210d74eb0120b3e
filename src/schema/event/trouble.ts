import { type ErrorCode, GatewayError } from '../../domain/errors.ts';
import type { Provider } from '../../domain/provider.ts';

/** It may answer again: what it has to tell comes late. */
const LAGGING: ReadonlySet<ErrorCode> = new Set([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_REJECTED',
  'RATE_LIMITED',
]);

/**
 * What a failure to look at a provider's event means to a stream of several providers: `lagging`, the others go on and
 * this one follows; `lost`, its login has ended. Null: nothing that the others could do without, or there are none.
 */
export function troubleOf(
  error: unknown,
  provider: Provider,
  providers: readonly Provider[],
): 'lagging' | 'lost' | null {
  if (providers.length < 2 || !(error instanceof GatewayError)) return null;
  const { code, details } = error;
  if (details.provider !== provider) return null;
  if (code === 'UNAUTHENTICATED') return 'lost';
  return LAGGING.has(code) ? 'lagging' : null;
}
