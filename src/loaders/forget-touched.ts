import type { NewEvent } from '../events/log.ts';
import { LIVE as BONGLOY_LIVE } from './bongloy.ts';
import { LIVE as CASSO_LIVE } from './casso.ts';
import type { Share } from './share.ts';

/**
 * Forgets what events have made old, so that a query after an event sees the new balance. For every credential of the
 * provider: Bongloy's webhook does not sign whose account it was, and forgetting costs at worst a call.
 */
export function forgetTouched(events: readonly NewEvent[], share: Share): void {
  if (events.some(({ provider }) => provider === 'BONGLOY')) share.forgetAll(BONGLOY_LIVE);
  if (events.some(({ provider }) => provider === 'CASSO')) share.forgetAll(CASSO_LIVE);
}
