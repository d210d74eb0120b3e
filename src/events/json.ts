import type { BankTransaction } from '../domain/bank-transaction.ts';
import type { BankEvent, BongloyEvent, LogEvent, NewEvent } from './log.ts';

/** An event as it is kept, without its position: the log knows that. Times within are ISO 8601. */
export const encodeEvent = (event: NewEvent): string => JSON.stringify(event);

/** @param text what `encodeEvent` wrote. @throws SyntaxError or TypeError for anything else. */
export function decodeEvent(position: number, text: string): LogEvent {
  const event = JSON.parse(text) as KeptEvent;
  if (typeof event.key !== 'string') throw new TypeError('an event has a key');
  if (event.provider === 'BONGLOY') return { ...event, position };
  const { transaction } = event;
  return {
    ...event,
    position,
    // Earlier versions kept no bank.
    transaction: { bank: null, ...transaction, occurredAt: new Date(transaction.occurredAt) },
  };
}

type KeptEvent = BongloyEvent | (Omit<BankEvent, 'transaction'> & { readonly transaction: KeptTransaction });
type KeptTransaction = Omit<BankTransaction, 'occurredAt' | 'bank'> & {
  readonly occurredAt: string;
  readonly bank?: BankTransaction['bank'];
};
