import type { Instant } from './instant.ts';

/** The shop that issues the cards (Bongloy `card_issuer`). */
export interface CardIssuer {
  readonly id: string;
  /** The id again, by the name that it has in the schema. */
  readonly providerId: string;
  /** A slug, such as `digikh`. */
  readonly identifier: string;
  readonly name: string;
  /** Three digits; the first three of every account identifier. */
  readonly code: string;
  readonly cardArtwork: { readonly imageFrontUrl: string | null; readonly imageBackUrl: string | null };
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
