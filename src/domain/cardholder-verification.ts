/** The first step of a cardholder's login (Bongloy `cardholder_verification`). */
export interface CardholderVerification {
  readonly id: string;
  /** E.164 with its plus sign. */
  readonly phoneNumber: string;
  /** The provider's word; `pending` is the only one seen. */
  readonly status: string;
  /** Two minutes after it was made. */
  readonly validUntil: Date;
}
