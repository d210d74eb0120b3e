import type { BankTransaction } from '../domain/bank-transaction.ts';
import type { BankEvent, EventSource } from './log.ts';

/** The event of a bank transaction. Its key is the transaction's id, for a webhook and for reconciliation alike. */
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
