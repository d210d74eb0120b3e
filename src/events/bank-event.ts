import type { BankTransaction } from '../domain/bank-transaction.ts';
import type { BankEvent, EventSource } from './log.ts';

/** The event that tells of a bank transaction: its key is the transaction's id, whoever told of it. */
export const bankEvent = (
  transaction: BankTransaction,
  source: EventSource,
  receivedAt: number,
): Omit<BankEvent, 'position'> => ({
  provider: 'CASSO',
  key: transaction.id,
  type: 'bank_transaction.created',
  source,
  receivedAt,
  transaction,
});
