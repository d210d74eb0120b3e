import type { BankTransaction } from '../../domain/bank-transaction.ts';
import { type RowOutcome, UnreadableRow } from '../../domain/unreadable-row.ts';
import { UpstreamFailure } from '../../upstream/errors.ts';
import { bankNamed, blankToNull, toBankTransaction } from './map.ts';
import { isObject, type Json } from './read.ts';
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

/** The row as REST would give it, by the rules of `map.ts`. */
export const toDeliveredTransaction = (version: 'v1' | 'v2', row: unknown): RowOutcome<BankTransaction> =>
  readable(row, (object) =>
    toBankTransaction(
      inRestNames(version, object),
      bankNamed(object['bankAbbreviation'], object['bankName']),
    ),
  );

/** A row of a list. */
export const toListedTransaction = (row: unknown): RowOutcome<BankTransaction> =>
  readable(row, (object) => toBankTransaction(object as unknown as WireTransaction));

function readable(row: unknown, map: (row: Json) => BankTransaction): RowOutcome<BankTransaction> {
  if (!isObject(row)) return new UnreadableRow(null, 'row', row);
  try {
    return map(row);
  } catch (error) {
    if (error instanceof UpstreamFailure) return new UnreadableRow(null, 'row', row);
    throw error;
  }
}

const inRestNames = (version: 'v1' | 'v2', row: Json): WireTransaction =>
  version === 'v1'
    ? fromV1(row as unknown as WebhookV1Transaction)
    : fromV2(row as unknown as WebhookV2Transaction);

/** The table of names in providers/casso.md §7. Webhooks tell no account id: the account's bank and number join. */
const fromV1 = (row: WebhookV1Transaction): WireTransaction => ({
  id: row.id,
  tid: row.tid,
  description: row.description,
  amount: row.amount,
  cusumBalance: row.cusum_balance ?? null,
  when: row.when,
  bankSubAccId: blankToNull(row.bank_sub_acc_id) ?? row.subAccId ?? '',
  virtualAccount: row.virtualAccount ?? null,
  virtualAccountName: row.virtualAccountName ?? null,
  corresponsiveAccount: row.corresponsiveAccount ?? null,
  corresponsiveName: row.corresponsiveName ?? null,
  corresponsiveBankId: row.corresponsiveBankId ?? null,
  corresponsiveBankName: row.corresponsiveBankName ?? null,
});

const fromV2 = (row: WebhookV2Transaction): WireTransaction => ({
  id: row.id,
  tid: row.reference,
  description: row.description,
  amount: row.amount,
  cusumBalance: row.runningBalance ?? null,
  when: row.transactionDateTime,
  bankSubAccId: row.accountNumber,
  virtualAccount: row.virtualAccountNumber ?? null,
  virtualAccountName: row.virtualAccountName ?? null,
  corresponsiveAccount: blankToNull(row.counterAccountNumber),
  corresponsiveName: row.counterAccountName ?? null,
  corresponsiveBankId: row.counterAccountBankId ?? null,
  corresponsiveBankName: row.counterAccountBankName ?? null,
});
