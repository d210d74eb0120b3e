import type { EventLog } from '../events/log.ts';
import { LIVE as BONGLOY_LIVE } from './bongloy.ts';
import { LIVE as CASSO_LIVE, mayOwn } from './casso.ts';
import type { Share } from './share.ts';

/**
 * From now on, forgets what an event makes old before anybody here can read the event, whichever process took it in:
 * whoever hears of it and asks sees the new balance. Casso's for the credentials that list the account, and those of
 * which it is not known; Bongloy's for all, as its webhook does not sign whose account it was. Forgetting costs at
 * worst a call.
 */
export function forgetTouched(log: Pick<EventLog, 'watch'>, share: Share): void {
  log.watch((event) => {
    if (event.provider === 'BONGLOY') return share.forgetAll(BONGLOY_LIVE);
    share.forgetAll(CASSO_LIVE, (credentialId) => mayOwn(share, credentialId, event.transaction));
  });
}
