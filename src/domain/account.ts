import type { Instant } from './instant.ts';
import type { Money } from './money.ts';

/** A card account (Bongloy `account`). */
export interface Account {
  readonly id: string;
  /** The id again, by the name that it has in the schema. */
  readonly providerId: string;
  /** Digits with leading zeros, such as `000138`. */
  readonly number: string;
  /** Issuer code followed by the account number: what a cardholder types to log in. */
  readonly accountIdentifier: string;
  /** ISO 4217, upper case. */
  readonly currency: string;
  readonly status: AccountStatus;
  readonly rawStatus: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Null when the provider names none. */
  readonly cardholderId: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** OTHER: a word that the provider added; the raw word is kept beside it. */
export type AccountStatus = 'ACTIVE' | 'OTHER';

export interface AccountBalance {
  /** What can be spent now: the balance less what is held for pending movements. */
  readonly available: Money;
  /** The ledger's balance. */
  readonly balance: Money;
}
