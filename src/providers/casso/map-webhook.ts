import type { BankTransaction } from '../../domain/bank-transaction.ts';
import { isObject, isTold, type Json, type OnOdd, wrongShape } from '../read.ts';
import { bankNamed, toBankTransaction } from './map-transaction.ts';
import type { WebhookV1Transaction, WebhookV2Transaction, WireTransaction } from './wire.ts';

/** Rows of a delivery, as they came; null when the envelope is not what Casso documents (§5, §6.1). */
export function deliveredRows(body: unknown): readonly unknown[] | null {
  if (!isObject(body) || (body['error'] ?? 0) !== 0) return null;
  const { data } = body;
  const rows: readonly unknown[] = Array.isArray(data) ? data : [data];
  return rows.length > 0 ? rows : null;
}

/** The test call of Casso's web app, which is answered and not kept (§5). */
export const isTestCall = (row: unknown): boolean => isObject(row) && row['id'] === 0;

/** The row as REST would give it, by the rules of `map-transaction.ts`. */
export const toDeliveredTransaction =
  (version: 'v1' | 'v2') =>
  (raw: unknown, odd: OnOdd): BankTransaction => {
    const row = isObject(raw) ? raw : wrongShape('a row is not an object');
    const bank = bankNamed(row['bankAbbreviation'], row['bankName']);
    return toBankTransaction({ ...inRestNames(version, row), currency: row['currency'] }, odd, bank);
  };

/** Named as in REST, and as unread. */
type RestNames = { readonly [Member in keyof WireTransaction]?: unknown };

const inRestNames = (version: 'v1' | 'v2', row: Json): RestNames =>
  version === 'v1'
    ? fromV1(row as unknown as WebhookV1Transaction)
    : fromV2(row as unknown as WebhookV2Transaction);

/** The table of names in docs/providers/casso.md §7. Webhooks tell no account id: the account's bank and number join. */
const fromV1 = (row: WebhookV1Transaction): RestNames => ({
  id: row.id,
  tid: row.tid,
  description: row.description,
  amount: row.amount,
  cusumBalance: row.cusum_balance,
  when: row.when,
  bankSubAccId: isTold(row.bank_sub_acc_id) ? row.bank_sub_acc_id : row.subAccId,
  virtualAccount: row.virtualAccount,
  virtualAccountName: row.virtualAccountName,
  corresponsiveAccount: row.corresponsiveAccount,
  corresponsiveName: row.corresponsiveName,
  corresponsiveBankId: row.corresponsiveBankId,
  corresponsiveBankName: row.corresponsiveBankName,
});

const fromV2 = (row: WebhookV2Transaction): RestNames => ({
  id: row.id,
  tid: row.reference,
  description: row.description,
  amount: row.amount,
  cusumBalance: row.runningBalance,
  when: row.transactionDateTime,
  bankSubAccId: row.accountNumber,
  virtualAccount: row.virtualAccountNumber,
  virtualAccountName: row.virtualAccountName,
  corresponsiveAccount: row.counterAccountNumber,
  corresponsiveName: row.counterAccountName,
  corresponsiveBankId: row.counterAccountBankId,
  corresponsiveBankName: row.counterAccountBankName,
});
