import type { Account, AccountBalance } from '../../domain/account.ts';
import type { Card } from '../../domain/card.ts';
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
  type OnOdd,
  object,
  shown,
  shownObject,
  text,
  url,
  wrongMember,
} from '../read.ts';
import { optionalRelatedId, resource, timestamps } from './document.ts';
import type {
  Amount,
  CardholderAttributes,
  WireAccount,
  WireBalance,
  WireCard,
  WireCardholder,
  WireCardIssuer,
  WireVerification,
} from './wire.ts';

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
    name: shown(attributes, 'name', text, odd) ?? '',
    phoneNumber: shown(attributes, 'phone_number', phoneNumber, odd),
    email: shown(attributes, 'email', text, odd),
    type: known(rawType, ['INDIVIDUAL']),
    rawType,
    status: known(rawStatus, ['ACTIVE']),
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

export function toAccount(value: unknown, odd: OnOdd): Account {
  const wire = resource<WireAccount>(value, 'account');
  const { id, attributes } = wire;
  const rawStatus = shown(attributes, 'status', text, odd) ?? '';
  return {
    id,
    number: text(attributes, 'number'),
    accountIdentifier: text(attributes, 'account_identifier'),
    currency: currency(attributes, 'currency'),
    status: known(rawStatus, ['ACTIVE']),
    rawStatus,
    metadata: shownObject(attributes, 'metadata', odd) ?? {},
    cardholderId: optionalRelatedId(wire, 'cardholder', odd),
    ...timestamps(attributes),
  };
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

export function toCard(value: unknown, odd: OnOdd): Card {
  const wire = resource<WireCard>(value, 'card');
  const { id, attributes } = wire;
  const rawStatus = shown(attributes, 'status', text, odd) ?? '';
  const rawType = shown(attributes, 'type', text, odd) ?? '';
  return {
    id,
    lastFour: text(attributes, 'last_four'),
    expMonth: integerFrom(1, 12)(attributes, 'exp_month'),
    expYear: integerFrom(1000, 9999)(attributes, 'exp_year'),
    status: known(rawStatus, ['ACTIVE']),
    rawStatus,
    type: known(rawType, ['PHYSICAL', 'VIRTUAL']),
    rawType,
    accountId: optionalRelatedId(wire, 'account', odd),
    ...timestamps(attributes),
  };
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
      validUntil: instant(attributes, 'valid_until'),
    };
  };

/** E.164, as the schema's PhoneNumber: the provider writes it without its plus sign. */
function phoneNumber<T extends object>(from: T, key: Extract<keyof T, string>): string {
  const digits = text(from, key).replace(/^\+/, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : wrongMember(key, 'is not a phone number');
}

/** The word of ours that the provider writes in lower case, or OTHER for one that it added since, or did not tell. */
export function known<W extends string>(raw: string, words: readonly W[]): W | 'OTHER' {
  return words.find((word) => word.toLowerCase() === raw) ?? 'OTHER';
}
