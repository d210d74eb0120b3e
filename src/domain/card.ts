import type { Instant } from './instant.ts';

/** A payment card (Bongloy `card`). Never carries the card's full number. */
export interface Card {
  readonly id: string;
  /** The id again, by the name that it has in the schema. */
  readonly providerId: string;
  readonly lastFour: string;
  /** 1 to 12 */
  readonly expMonth: number;
  /** Four digits. */
  readonly expYear: number;
  readonly status: CardStatus;
  readonly rawStatus: string;
  readonly type: CardType;
  readonly rawType: string;
  /** Null when the provider names none. */
  readonly accountId: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** OTHER: a word that the provider added; the raw word is kept beside it. */
export type CardStatus = 'ACTIVE' | 'OTHER';
export type CardType = 'PHYSICAL' | 'VIRTUAL' | 'OTHER';
