import type { WebhookV1Transaction, WebhookV2Transaction, WireTransaction } from '../wire.ts';
import { BANKS } from './banks.ts';
import type { Spelling, StoredTransaction, Transaction } from './business.ts';
import { withTime } from './time.ts';

/** In a list: either spelling of the balance, and old rows without the younger fields (§4.2). */
export function listRow({ row, spelling }: StoredTransaction): WireTransaction {
  return spelled(row, spelling);
}

/** Alone: the page's sample has the balance in camel case (§4.2). */
export function detailRow({ row, spelling }: StoredTransaction): WireTransaction {
  return spelled(row, { ...spelling, snake: false });
}

/** In a V1 delivery (§5): a blank between date and time; a date alone stays alone. */
export function v1Row({ row }: StoredTransaction): WebhookV1Transaction {
  const bank = BANKS.get(row.bankCodeName ?? '');
  return {
    id: row.id,
    tid: row.tid,
    description: row.description,
    amount: row.amount,
    cusum_balance: row.cusumBalance,
    when: row.when.replace('T', ' '),
    bank_sub_acc_id: row.bankSubAccId,
    subAccId: row.bankSubAccId,
    bankName: bank?.name ?? '',
    bankAbbreviation: bank?.abbreviation ?? '',
    virtualAccount: row.virtualAccount,
    virtualAccountName: row.virtualAccountName,
    corresponsiveName: row.corresponsiveName,
    corresponsiveAccount: row.corresponsiveAccount,
    corresponsiveBankId: row.corresponsiveBankId,
    corresponsiveBankName: row.corresponsiveBankName,
  };
}

/** In a V2 delivery, in the order of the wire (§6.1). */
export function v2Row({ row }: StoredTransaction): WebhookV2Transaction {
  const bank = BANKS.get(row.bankCodeName ?? '');
  return {
    id: row.id,
    reference: row.tid,
    description: row.description,
    amount: row.amount,
    runningBalance: row.cusumBalance,
    transactionDateTime: v2Time(row.when),
    accountNumber: row.bankSubAccId,
    bankName: bank?.name ?? '',
    bankAbbreviation: bank?.abbreviation ?? '',
    virtualAccountNumber: row.virtualAccount,
    virtualAccountName: row.virtualAccountName,
    counterAccountName: row.corresponsiveName,
    counterAccountNumber: row.corresponsiveAccount,
    counterAccountBankId: row.corresponsiveBankId,
    counterAccountBankName: row.corresponsiveBankName,
  };
}

/** Where the bank gives a date alone, V2 was seen with midnight in UTC as Vietnam's clock shows it (§7). */
function v2Time(when: string): string {
  return withTime(when)
    .replace(/T00:00:00$/u, 'T07:00:00')
    .replace('T', ' ');
}

function spelled(row: Transaction, { snake, old }: Spelling): WireTransaction {
  const { cusumBalance, accountId, bankCodeName, id, tid, description, amount, when, bankSubAccId } = row;
  const balance = snake ? { cusum_balance: cusumBalance } : { cusumBalance };
  if (old) return { id, tid, description, amount, ...balance, when, bankSubAccId, accountId, bankCodeName };
  const { cusumBalance: _, ...rest } = row;
  return { ...rest, ...balance };
}
