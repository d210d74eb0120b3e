/**
 * Bongloy's documents exactly as documented (docs/providers/bongloy.md §2, the Connect API reference), names unchanged.
 * Shared by the client and the simulator, and by nothing above `map.ts`. Any attribute may be missing; unknown
 * ones are ignored.
 */

/** JSON:API resource object. Ids are UUIDs. */
export interface Resource<Type extends string, Attributes, Relationships = undefined> {
  readonly id: string;
  readonly type: Type;
  readonly attributes: Attributes;
  readonly relationships: Relationships;
}

export interface ToOne<Type extends string> {
  readonly data: { readonly id: string; readonly type: Type } | null;
}

export interface SingleDocument<R> {
  readonly data: R;
}

/** The URLs are never requested: their scheme is `http` and their host often a stranger's (§3). */
export interface ListDocument<R> {
  readonly data: readonly R[];
  readonly links: { readonly prev: string | null; readonly next: string | null };
}

/** UTC, whole seconds: `2020-05-25T05:08:20Z`. */
export interface Timestamps {
  readonly created_at: string;
  readonly updated_at: string;
}

type KeyValues = Readonly<Record<string, unknown>>;

export interface CardIssuerAttributes extends Timestamps {
  readonly identifier: string;
  readonly name: string;
  /** 3 digits */
  readonly code: string;
  /** Absolute URLs. */
  readonly card_artwork: { readonly image_front_url: string | null; readonly image_back_url: string | null };
}

export interface CardholderAttributes extends Timestamps {
  readonly name: string;
  /** E.164 digits without `+`. */
  readonly phone_number: string | null;
  readonly email: string | null;
  /** `individual` is the only value seen. */
  readonly type: string;
  /** `active` is the only value seen. */
  readonly status: string;
  readonly additional_details: KeyValues;
  readonly metadata: KeyValues;
  /** Absent for other types. */
  readonly individual?: {
    readonly address: string | null;
    /** yyyy-mm-dd */
    readonly date_of_birth: string | null;
    readonly identity_document_number: string | null;
    readonly identity_document_type: string | null;
  };
}

export interface AccountAttributes extends Timestamps {
  /** ISO 4217 upper case. */
  readonly currency: string;
  /** Digits with leading zeros. */
  readonly number: string;
  readonly status: string;
  readonly metadata: KeyValues;
  readonly account_identifier: string;
}

/** An amount in the currency's smallest unit. */
export interface Amount {
  readonly amount: number;
  readonly currency: string;
}

/** The resource's id equals the account's. */
export interface BalanceAttributes {
  readonly available: Amount;
  readonly balance: Amount;
}

export interface CardAttributes extends Timestamps {
  readonly last_four: string;
  /** 1-12 */
  readonly exp_month: number;
  /** 4 digits */
  readonly exp_year: number;
  readonly status: string;
  /** `physical` seen; `virtual` expected. */
  readonly type: string;
}

export interface TransactionAttributes extends Timestamps {
  /** `purchase` is the only value seen. */
  readonly type: string;
  /** `settled`, `pending`; open. */
  readonly status: string;
  /** `debit` or `credit`: amounts carry no sign. */
  readonly balance_adjustment_type: string;
  /** The account's currency; `amount` and `total_fee` are in it. */
  readonly currency: string;
  readonly amount: number;
  /** The merchant's currency. */
  readonly transaction_currency: string;
  readonly transaction_amount: number;
  /** Element shape unknown. */
  readonly fees: readonly KeyValues[];
  readonly total_fee: number;
  readonly transaction_number: string;
  /** `type` names the sibling key that holds the details. */
  readonly transaction_details: {
    readonly type: string;
    readonly card?: CardDetails;
    readonly [variant: string]: unknown;
  };
  readonly transaction_time: string;
  /** Null or absent while pending. */
  readonly settlement_time?: string | null;
}

export interface CardDetails {
  readonly merchant_data: {
    readonly name: string | null;
    readonly city: string | null;
    readonly country: string | null;
    readonly category: string | null;
  };
}

export interface VerificationAttributes extends Timestamps {
  readonly phone_number: string;
  /** `pending` seen. */
  readonly status: string;
  /** ISO 8601 with milliseconds, two minutes after creation. */
  readonly valid_until: string;
}

export interface EventAttributes extends Timestamps {
  /** `transaction.created`, `transaction.updated` (inferred, §7). */
  readonly type: string;
  /** A snapshot of the resource, as a whole document. */
  readonly details: SingleDocument<unknown>;
}

export type WireCardIssuer = Resource<'card_issuer', CardIssuerAttributes>;
export type WireCardholder = Resource<'cardholder', CardholderAttributes>;
export type WireAccount = Resource<
  'account',
  AccountAttributes,
  { readonly cardholder: ToOne<'cardholder'> }
>;
export type WireBalance = Resource<'balance', BalanceAttributes>;
export type WireCard = Resource<'card', CardAttributes, { readonly account: ToOne<'account'> }>;
export type WireTransaction = Resource<
  'transaction',
  TransactionAttributes,
  { readonly account: ToOne<'account'>; readonly card: ToOne<'card'> }
>;
export type WireVerification = Resource<'cardholder_verification', VerificationAttributes>;
export type WireEvent = Resource<'event', EventAttributes>;

/** `POST /oauth/token`, 200. Only `access_token` is sure to be there (§6.3). */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type?: string;
  /** Seconds. */
  readonly expires_in?: number;
  readonly refresh_token?: string;
  readonly scope?: string;
}

/** The error bodies of §3.1 that have one; 401 and 403 have none. */
export interface JsonApiErrors {
  readonly errors: readonly {
    readonly title?: string;
    readonly code?: string;
    readonly detail?: string;
    readonly source?: { readonly pointer?: string };
  }[];
}
export interface OAuthError {
  readonly error: string;
  readonly error_description?: string;
}
export interface RailsError {
  readonly status: number;
  readonly error: string;
}
