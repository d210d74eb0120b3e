import type { Account, AccountBalance, AccountStatus } from '../../domain/account.ts';
import type { Card, CardStatus, CardType } from '../../domain/card.ts';
import type { CardIssuer } from '../../domain/card-issuer.ts';
import type { Cardholder, IndividualDetails } from '../../domain/cardholder.ts';
import type { CardholderVerification } from '../../domain/cardholder-verification.ts';
import { type Money, money } from '../../domain/money.ts';
import {
  currency,
  day,
  instant,
  integer,
  integerFrom,
  type Json,
  type OnOdd,
  object,
  shown,
  shownObject,
  text,
  url,
  wrongMember,
} from '../read.ts';
import { checkTimestamps, optionalRelatedId, Row, resource, timestamps } from './document.ts';
import type {
  AccountAttributes,
  Amount,
  CardAttributes,
  CardholderAttributes,
  WireAccount,
  WireBalance,
  WireCard,
  WireCardholder,
  WireCardIssuer,
  WireVerification,
} from './wire.ts';

/** Words of ours that the provider writes in lower case; OTHER stands for one that it added since, or did not tell. */
export function vocabulary<W extends string>(...words: readonly W[]): (raw: string) => W | 'OTHER' {
  const known = new Map(words.map((word): [string, W] => [word.toLowerCase(), word]));
  return (raw) => known.get(raw) ?? 'OTHER';
}

/** Of accounts, cards and cardholders. */
const toStatus = vocabulary('ACTIVE');
const toCardholderType = vocabulary('INDIVIDUAL');
const toCardType = vocabulary('PHYSICAL', 'VIRTUAL');

/**
 * From the provider's documents to ours, each function taking one resource object as it was parsed. Unknown
 * attributes are ignored, unknown words become OTHER with the raw word beside it. What is only shown and cannot be read
 * becomes null, or empty where the schema promises a value.
 * All throw WrongMember when what says which it is, or how much money, cannot be read (docs/providers.md has the table).
 */
export function toCardIssuer(value: unknown, odd: OnOdd): CardIssuer {
  const { id, attributes } = resource<WireCardIssuer>(value, 'card_issuer');
  const artwork = shownObject(attributes, 'card_artwork', odd);
  return {
    id,
    providerId: id,
    identifier: shown(attributes, 'identifier', text, odd) ?? '',
    name: shown(attributes, 'name', text, odd) ?? '',
    code: shown(attributes, 'code', text, odd) ?? '',
    cardArtwork: {
      imageFrontUrl: artwork && shown(artwork, 'image_front_url', url, odd),
      imageBackUrl: artwork && shown(artwork, 'image_back_url', url, odd),
    },
    ...timestamps(attributes),
  };
}

export function toCardholder(value: unknown, odd: OnOdd): Cardholder {
  const { id, attributes } = resource<WireCardholder>(value, 'cardholder');
  const rawType = shown(attributes, 'type', text, odd) ?? '';
  const rawStatus = shown(attributes, 'status', text, odd) ?? '';
  const individual = shownObject(attributes, 'individual', odd);
  return {
    id,
    providerId: id,
    name: shown(attributes, 'name', text, odd) ?? '',
    phoneNumber: shown(attributes, 'phone_number', phoneNumber, odd),
    email: shown(attributes, 'email', text, odd),
    type: toCardholderType(rawType),
    rawType,
    status: toStatus(rawStatus),
    rawStatus,
    individual: individual && toIndividual(individual, odd),
    additionalDetails: shownObject(attributes, 'additional_details', odd) ?? {},
    metadata: shownObject(attributes, 'metadata', odd) ?? {},
    ...timestamps(attributes),
  };
}

const toIndividual = (
  individual: NonNullable<CardholderAttributes['individual']>,
  odd: OnOdd,
): IndividualDetails => ({
  address: shown(individual, 'address', text, odd),
  dateOfBirth: shown(individual, 'date_of_birth', day, odd),
  identityDocumentNumber: shown(individual, 'identity_document_number', text, odd),
  identityDocumentType: shown(individual, 'identity_document_type', text, odd),
});

export const toAccount = (value: unknown, odd: OnOdd): Account =>
  new AccountRow(resource<WireAccount>(value, 'account'), odd);

class AccountRow extends Row<AccountAttributes> implements Account {
  readonly number: string;
  readonly accountIdentifier: string;
  readonly currency: string;
  readonly rawStatus: string;
  readonly metadata: Json;
  readonly cardholderId: string | null;

  constructor(wire: WireAccount, odd: OnOdd) {
    super(wire);
    const { attributes } = wire;
    this.rawStatus = shown(attributes, 'status', text, odd) ?? '';
    this.number = text(attributes, 'number');
    this.accountIdentifier = text(attributes, 'account_identifier');
    this.currency = currency(attributes, 'currency');
    this.metadata = shownObject(attributes, 'metadata', odd) ?? {};
    this.cardholderId = optionalRelatedId(wire, 'cardholder', odd);
    checkTimestamps(attributes);
  }

  get status(): AccountStatus {
    return toStatus(this.rawStatus);
  }
}

export function toBalance(value: unknown): AccountBalance {
  const { attributes } = resource<WireBalance>(value, 'balance');
  return {
    available: toMoney(object(attributes, 'available')),
    balance: toMoney(object(attributes, 'balance')),
  };
}

/** Negative when the account is overdrawn. */
const toMoney = (amount: Amount): Money =>
  money('BONGLOY', integer(amount, 'amount'), currency(amount, 'currency'));

export const toCard = (value: unknown, odd: OnOdd): Card =>
  new CardRow(resource<WireCard>(value, 'card'), odd);

const month = integerFrom(1, 12);
const year = integerFrom(1000, 9999);

class CardRow extends Row<CardAttributes> implements Card {
  readonly lastFour: string;
  readonly expMonth: number;
  readonly expYear: number;
  readonly rawStatus: string;
  readonly rawType: string;
  readonly accountId: string | null;

  constructor(wire: WireCard, odd: OnOdd) {
    super(wire);
    const { attributes } = wire;
    this.rawStatus = shown(attributes, 'status', text, odd) ?? '';
    this.rawType = shown(attributes, 'type', text, odd) ?? '';
    this.lastFour = text(attributes, 'last_four');
    this.expMonth = month(attributes, 'exp_month');
    this.expYear = year(attributes, 'exp_year');
    this.accountId = optionalRelatedId(wire, 'account', odd);
    checkTimestamps(attributes);
  }

  get status(): CardStatus {
    return toStatus(this.rawStatus);
  }
  get type(): CardType {
    return toCardType(this.rawType);
  }
}

/** @param asked the number that it was asked for, E.164: told where the answer has none that can be read. */
export const toVerification =
  (asked: string) =>
  (value: unknown, odd: OnOdd): CardholderVerification => {
    const { id, attributes } = resource<WireVerification>(value, 'cardholder_verification');
    return {
      id,
      phoneNumber: shown(attributes, 'phone_number', phoneNumber, odd) ?? asked,
      status: shown(attributes, 'status', text, odd) ?? '',
      validUntil: new Date(instant(attributes, 'valid_until')),
    };
  };

/** E.164, as the schema's PhoneNumber: the provider writes it without its plus sign. */
function phoneNumber<T extends object>(from: T, key: Extract<keyof T, string>): string {
  const digits = text(from, key).replace(/^\+/, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : wrongMember(key, 'is not a phone number');
}
