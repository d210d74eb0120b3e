import type { Instant } from './instant.ts';

/** The person who holds the accounts and cards (Bongloy `cardholder`). Personal data: never logged, never shared. */
export interface Cardholder {
  readonly id: string;
  /** The id again, by the name that it has in the schema. */
  readonly providerId: string;
  readonly name: string;
  /** E.164 with its plus sign. */
  readonly phoneNumber: string | null;
  readonly email: string | null;
  readonly type: CardholderType;
  readonly rawType: string;
  readonly status: CardholderStatus;
  readonly rawStatus: string;
  readonly individual: IndividualDetails | null;
  readonly additionalDetails: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface IndividualDetails {
  readonly address: string | null;
  /** yyyy-mm-dd */
  readonly dateOfBirth: string | null;
  readonly identityDocumentNumber: string | null;
  readonly identityDocumentType: string | null;
}

/** OTHER: a word that the provider added; the raw word is kept beside it. */
export type CardholderType = 'INDIVIDUAL' | 'OTHER';
export type CardholderStatus = 'ACTIVE' | 'OTHER';
