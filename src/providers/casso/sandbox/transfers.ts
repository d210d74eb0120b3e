import type { z } from 'zod';
import { type Account, type Business, type Movement, rowOf, type StoredTransaction } from './business.ts';
import type { transferInput } from './control-inputs.ts';
import { known } from './refused.ts';
import type { SandboxState } from './state.ts';
import { vietnamDate, vietnamTime } from './time.ts';

export type Transfer = z.output<typeof transferInput>;

/** What the bank notes of a transfer. `now` is in milliseconds since the epoch. */
export function newMovement(transfer: Transfer, state: SandboxState, now: number): Movement {
  const { amount, description, counterparty, virtualAccount } = transfer;
  const number = String(state.nextReference()).padStart(8, '0');
  return {
    tid: transfer.reference ?? `FT${vietnamDate(now).slice(2).replaceAll('-', '')}${number}`,
    description,
    amount,
    when: transfer.when ?? vietnamTime(now),
    bookingDate: null,
    virtualAccount: virtualAccount.number,
    virtualAccountName: virtualAccount.name,
    corresponsiveName: counterparty.name,
    corresponsiveAccount: counterparty.accountNumber,
    corresponsiveBankId: counterparty.bankId,
    corresponsiveBankName: counterparty.bankName,
  };
}

/** A row with an id of its own that no list has: the transfer never was. */
export function inventedRow(
  state: SandboxState,
  account: Account,
  transfer: Transfer,
  now: number,
): StoredTransaction {
  const row = rowOf(state.nextTransactionId(), account, newMovement(transfer, state, now));
  return { row, spelling: { snake: false, old: false } };
}

/** The account with this number; the first of the business without one. */
export function accountOf(business: Business, number: string | undefined): Account {
  const first = [...business.accounts.values()][0];
  return known(number === undefined ? first : business.accountByNumber(number), 'no such account');
}
