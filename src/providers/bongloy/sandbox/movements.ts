import type { WireTransaction } from '../wire.ts';
import type { SandboxState } from './state.ts';
import { timestamp } from './time.ts';

/**
 * Adds a transaction and moves its account's balance. Pending money out is held: it lowers what is available, not
 * yet the balance. Pending money in moves nothing (§2.1, balance).
 */
export function post(state: SandboxState, transaction: WireTransaction): void {
  state.addTransaction(transaction);
  const { amount, status } = transaction.attributes;
  const settled = status === 'settled';
  if (isCredit(transaction)) {
    if (settled) move(state, transaction, amount, amount);
  } else {
    move(state, transaction, -amount, settled ? -amount : 0);
  }
}

/** Settles a pending transaction now, completing what `post` began. `now` is ms since the epoch. */
export function settle(state: SandboxState, pending: WireTransaction, now: number): WireTransaction {
  const time = timestamp(now);
  const attributes = {
    ...pending.attributes,
    status: 'settled',
    settlement_time: time,
    updated_at: time,
  };
  const settled = { ...pending, attributes };
  state.transactions.replace(settled);
  const { amount } = attributes;
  if (isCredit(pending)) move(state, pending, amount, amount);
  else move(state, pending, 0, -amount);
  return settled;
}

function isCredit(transaction: WireTransaction): boolean {
  return transaction.attributes.balance_adjustment_type === 'credit';
}

function move(state: SandboxState, transaction: WireTransaction, available: number, balance: number): void {
  const account = transaction.relationships.account.data?.id;
  if (account !== undefined) state.moveBalance(account, { available, balance });
}
