import type { CardholderVerification } from '../domain/cardholder-verification.ts';

/** What is told of a verification by its id alone. */
export interface VerificationName {
  /** The provider's id. */
  readonly id: string;
  /** Milliseconds since the epoch; null when the id does not say. */
  readonly validUntil: number | null;
}

/**
 * A verification's id as clients hold it: the provider's, and until when it is good. So any process can tell a login
 * that came too late from one with a wrong code, which Bongloy answers alike. It carries no authority: whatever a client
 * makes of it, Bongloy judges.
 */
export const verificationId = ({ id, validUntil }: CardholderVerification): string =>
  `${id}.${validUntil.getTime()}`;

export function readVerificationId(text: string): VerificationName {
  const [, id, validUntil] = /^(.+)\.([1-9]\d{0,15})$/.exec(text) ?? [];
  return id === undefined ? { id: text, validUntil: null } : { id, validUntil: Number(validUntil) };
}
