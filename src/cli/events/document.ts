import { decimal, type Money } from '../../domain/money.ts';
import { encodeEventCursor } from '../../events/cursor.ts';
import type { BankEvent, EventLog, LogEvent } from '../../events/log.ts';
import type { Document } from '../print.ts';

/**
 * @param reveal with what is personal; without, `masked` is true and account numbers end in their last four digits.
 */
export function eventDocument(event: LogEvent, log: Pick<EventLog, 'epochAt'>, reveal: boolean): Document {
  return {
    cursor: encodeEventCursor(log, event.position),
    position: event.position,
    receivedAt: new Date(event.receivedAt).toISOString(),
    provider: event.provider,
    type: event.type,
    source: event.source,
    key: event.key,
    ...(event.provider === 'BONGLOY'
      ? { transactionId: event.transactionId }
      : { bankTransaction: bankTransaction(event, reveal) }),
  };
}

function bankTransaction({ transaction }: BankEvent, reveal: boolean): Document {
  const { id, bankAccountNumber, direction, occurredAt } = transaction;
  const shared = { id, direction, occurredAt: occurredAt.toISOString() };
  if (!reveal) return { ...shared, bankAccountNumber: masked(bankAccountNumber), masked: true };
  const { reference, amount, runningBalance, description, counterparty, virtualAccount } = transaction;
  return {
    ...shared,
    bankAccountNumber,
    reference,
    amount: moneyDocument(amount),
    runningBalance: runningBalance && moneyDocument(runningBalance),
    description,
    counterparty: counterparty && { ...counterparty },
    virtualAccount: virtualAccount && { ...virtualAccount },
  };
}

const moneyDocument = (money: Money) => ({ decimal: decimal(money), currency: money.currency });

/** The last four characters at most, and never more than half. */
export function masked(number: string): string {
  const shown = Math.min(4, Math.floor(number.length / 2));
  return `…${number.slice(number.length - shown)}`;
}
