/**
 * Casso's documents exactly as documented (docs/providers/casso.md §1-6), names unchanged. Shared by the client and the
 * simulator, and by nothing above `map.ts`. `""` means absent everywhere. Amounts are VND, which has no minor unit.
 */

/** On every reply, success or not; `error` 0 is success, and is not always an HTTP status otherwise (§3). */
export interface Envelope<T> {
  readonly error: number;
  readonly message: string;
  readonly data: T;
}

/** Query of `/transactions` and `/accounts/:id/transactions`; every default is unhelpful, so all are always sent. */
export interface TransactionsQuery {
  /** yyyy-mm-dd in Vietnam, inclusive. */
  readonly fromDate: string;
  /** yyyy-mm-dd in Vietnam, inclusive. */
  readonly toDate: string;
  /** 1-based. */
  readonly page: number;
  readonly pageSize: number;
  readonly sort: 'ASC' | 'DESC';
}

export interface WirePage<T> {
  readonly page: number;
  readonly pageSize: number;
  readonly nextPage: number | null;
  readonly prevPage: number | null;
  readonly totalPages: number;
  readonly totalRecords: number;
  readonly records: readonly T[];
}

/** `GET /transactions`, `/transactions/:id` (§4.2). Everything after `bankSubAccId` may be missing on old rows. */
export interface WireTransaction {
  readonly id: number;
  readonly tid: string | null;
  readonly description: string | null;
  /** More than 0 money in, less than 0 money out. */
  readonly amount: number;
  /** Both spellings occur: read this one, fall back to the other. */
  readonly cusumBalance?: number | null;
  readonly cusum_balance?: number | null;
  /** `YYYY-MM-DDTHH:mm:ss` or a date alone; Vietnam's wall clock, no zone. */
  readonly when: string;
  readonly bookingDate?: string | null;
  /** The bank account's number, leading zeros kept. */
  readonly bankSubAccId: string;
  readonly paymentChannel?: string | null;
  readonly virtualAccount?: string | null;
  readonly virtualAccountName?: string | null;
  readonly corresponsiveName?: string | null;
  readonly corresponsiveAccount?: string | null;
  readonly corresponsiveBankId?: string | null;
  readonly corresponsiveBankName?: string | null;
  /** Joins to `/accounts[].id`. */
  readonly accountId?: number;
  readonly bankCodeName?: string | null;
}

/** `GET /accounts`, `/accounts/:id` (§4.4). */
export interface WireAccount {
  readonly id: number;
  readonly accountNumber: string;
  readonly accountName?: string | null;
  readonly accountType?: string | null;
  readonly balance?: number | null;
  readonly currency?: string;
  readonly swift?: string | null;
  readonly citad?: string | null;
  readonly serviceType?: string | null;
  readonly bankName?: string | null;
  /** NAPAS number; upper-case key here, `bin` in `/userInfo`. */
  readonly BIN?: number | null;
  readonly bankCodeName?: string | null;
  readonly memo?: string | null;
  /** 1 linked, 0 not. */
  readonly connectStatus?: number;
  readonly beginningSettingDate?: string | null;
  readonly beginningTxnDate?: string | null;
  readonly beginningBalance?: number | null;
  readonly creditTxnTotal?: number | null;
  readonly creditTxnAmount?: number | null;
  readonly debitTxnTotal?: number | null;
  readonly debitTxnAmount?: number | null;
  readonly lockSyncDate?: string | null;
  readonly endingBalance?: number | null;
  readonly endingTxnDate?: string | null;
}

/** `GET /userInfo` (§4.4). */
export interface WireUserInfo {
  readonly user: { readonly id: number; readonly email: string };
  readonly business: { readonly id: number; readonly name: string };
  readonly bankAccs: readonly {
    readonly id: number;
    readonly bank: { readonly bin?: number | null; readonly codeName: string };
    readonly bankAccountName?: string | null;
    readonly bankSubAccId: string;
    readonly balance?: number | null;
    readonly memo?: string | null;
    readonly connectStatus?: number;
    readonly planStatus?: number;
  }[];
}

/** Body of `POST /webhooks` and `PUT /webhooks/:id` (§4.5). */
export interface WebhookRequest {
  readonly webhook: string;
  readonly secure_token: string;
  readonly income_only: boolean;
}

export interface WireWebhook {
  readonly id: number;
  readonly channel: string;
  /** The URL. */
  readonly param1: string;
  /** The secure token, or `""`: never rely on reading it back. */
  readonly param2: string;
  readonly send_only_income: 0 | 1;
}

/** `POST /auth/token`, 200 or 201: a plain object, no envelope (§2.2). */
export interface TokenResponse {
  readonly access_token: string;
  /** Absent or unchanged when the provider does not rotate it. */
  readonly refresh_token?: string;
  /** Seconds, as a number or a numeric text. */
  readonly expires_in?: number | string;
}

/** Webhook V1 row (§5): `{ error: 0, data: [row, …] }`, authenticated by the `secure-token` header alone. */
export interface WebhookV1Transaction {
  readonly id: number;
  readonly tid: string | null;
  readonly description: string | null;
  readonly amount: number;
  readonly cusum_balance?: number | null;
  /** `YYYY-MM-DD HH:mm:ss`, Vietnam's wall clock. */
  readonly when: string;
  readonly bank_sub_acc_id: string;
  readonly subAccId?: string;
  readonly bankName?: string | null;
  readonly bankAbbreviation?: string | null;
  readonly virtualAccount?: string | null;
  readonly virtualAccountName?: string | null;
  readonly corresponsiveName?: string | null;
  readonly corresponsiveAccount?: string | null;
  readonly corresponsiveBankId?: string | null;
  readonly corresponsiveBankName?: string | null;
}

/** Webhook V2 object (§6): `{ error: 0, data: object }`, signed by `X-Casso-Signature`. */
export interface WebhookV2Transaction {
  readonly id: number;
  readonly reference: string | null;
  readonly description: string | null;
  readonly amount: number;
  readonly runningBalance?: number | null;
  /** `YYYY-MM-DD HH:mm:ss`, Vietnam's wall clock. */
  readonly transactionDateTime: string;
  readonly accountNumber: string;
  readonly bankName?: string | null;
  readonly bankAbbreviation?: string | null;
  readonly virtualAccountNumber?: string | null;
  readonly virtualAccountName?: string | null;
  readonly counterAccountName?: string | null;
  readonly counterAccountNumber?: string | number | null;
  readonly counterAccountBankId?: string | null;
  readonly counterAccountBankName?: string | null;
}
