import { isOnAccount } from '../domain/bank-identity.ts';
import { hasConditions, meets } from '../domain/bank-transaction-conditions.ts';
import type { EventFilter, LogEvent } from './log.ts';

/** The one rule of what a filter lets through, for events on disk and in memory alike. */
export function matches(event: LogEvent, filter: EventFilter | undefined): boolean {
  if (!filter) return true;
  const { providers, bankAccount } = filter;
  if (providers && !providers.includes(event.provider)) return false;
  if (event.provider !== 'CASSO') return bankAccount === undefined && !hasConditions(filter);
  const { transaction } = event;
  return (
    (bankAccount === undefined || isOnAccount(transaction, bankAccount) !== 'no') &&
    meets(transaction, filter)
  );
}
