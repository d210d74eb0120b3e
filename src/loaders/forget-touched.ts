import type { EventLog } from '../events/log.ts';
import { LIVE as BONGLOY_LIVE } from './bongloy.ts';
import { tellHeldBanks } from './held-bank.ts';
import type { Share } from './share.ts';

/**
 * From now on, brings what is held up to date before anybody here can read an event, whichever process took it in: a client
 * that gets the event and asks sees the new balance. Casso's webhook tells the whole row, which is added to what the
 * credentials that list its account hold. Bongloy's does not sign whose account it was: what is held is forgotten for all,
 * which costs at worst a call.
 */
export function forgetTouched(log: Pick<EventLog, 'watch'>, share: Share): void {
  log.watch((event) => {
    if (event.provider === 'BONGLOY') share.forgetAll(BONGLOY_LIVE);
    else tellHeldBanks(share, event);
  });
}
