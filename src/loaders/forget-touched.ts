import type { EventLog } from '../events/log.ts';
import { LIVE as BONGLOY_LIVE } from './bongloy.ts';
import { LIVE as CASSO_LIVE } from './casso.ts';
import type { Share } from './share.ts';

/**
 * The log, forgetting what events make old before it takes them in, so that whoever hears of an event and asks sees
 * the new balance. For every credential of the provider: Bongloy's webhook does not sign whose account it was, and
 * forgetting costs at worst a call.
 */
export const forgetTouched = (log: EventLog, share: Share): EventLog => ({
  ...log,
  append(events) {
    if (events.some(({ provider }) => provider === 'BONGLOY')) share.forgetAll(BONGLOY_LIVE);
    if (events.some(({ provider }) => provider === 'CASSO')) share.forgetAll(CASSO_LIVE);
    return log.append(events);
  },
});
