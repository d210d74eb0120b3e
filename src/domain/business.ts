import type { AccountIdentity } from './bank-identity.ts';

/** The Casso business that a credential belongs to. The person behind it is left out: nothing here needs one. */
export interface Business {
  /** Casso's number for it, as a text: the same for every key of one business. */
  readonly id: string;
  readonly name: string | null;
  /** Every linked bank account; may be empty. */
  readonly bankAccounts: readonly AccountIdentity[];
}
