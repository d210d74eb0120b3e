import type { Account, AccountBalance } from '../../domain/account.ts';
import type { Card } from '../../domain/card.ts';
import type { CardIssuer } from '../../domain/card-issuer.ts';
import type { Cardholder, IndividualDetails } from '../../domain/cardholder.ts';
import type { CardholderVerification } from '../../domain/cardholder-verification.ts';
import { type Money, money } from '../../domain/money.ts';
import { relatedId, resource, timestamps } from './document.ts';
import { instant, integer, known, object, optionalObject, optionalText, text } from './read.ts';
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
 * attributes are ignored, unknown words become OTHER with the raw word beside it.
 * All throw UpstreamFailure `wrong-shape` when a part that must be there is missing, or any has another type.
 */
export function toCardIssuer(value: unknown): CardIssuer {
  const { id, attributes } = resource<WireCardIssuer>(value, 'card_issuer');
  const artwork = optionalObject(attributes, 'card_artwork');
  return {
    id,
    identifier: text(attributes, 'identifier'),
    name: text(attributes, 'name'),
    code: text(attributes, 'code'),
    cardArtwork: {
      imageFrontUrl: artwork && optionalText(artwork, 'image_front_url'),
      imageBackUrl: artwork && optionalText(artwork, 'image_back_url'),
    },
    ...timestamps(attributes),
  };
}

export function toCardholder(value: unknown): Cardholder {
  const { id, attributes } = resource<WireCardholder>(value, 'cardholder');
  const rawType = text(attributes, 'type');
  const rawStatus = text(attributes, 'status');
  const phoneNumber = optionalText(attributes, 'phone_number');
  const individual = optionalObject(attributes, 'individual');
  return {
    id,
    name: text(attributes, 'name'),
    phoneNumber: phoneNumber && withPlus(phoneNumber),
    email: optionalText(attributes, 'email'),
    type: known(rawType, ['INDIVIDUAL']),
    rawType,
    status: known(rawStatus, ['ACTIVE']),
    rawStatus,
    individual: individual && toIndividual(individual),
    additionalDetails: optionalObject(attributes, 'additional_details') ?? {},
    metadata: optionalObject(attributes, 'metadata') ?? {},
    ...timestamps(attributes),
  };
}

const toIndividual = (individual: NonNullable<CardholderAttributes['individual']>): IndividualDetails => ({
  address: optionalText(individual, 'address'),
  dateOfBirth: optionalText(individual, 'date_of_birth'),
  identityDocumentNumber: optionalText(individual, 'identity_document_number'),
  identityDocumentType: optionalText(individual, 'identity_document_type'),
});

export function toAccount(value: unknown): Account {
  const wire = resource<WireAccount>(value, 'account');
  const { id, attributes } = wire;
  const rawStatus = text(attributes, 'status');
  return {
    id,
    number: text(attributes, 'number'),
    accountIdentifier: text(attributes, 'account_identifier'),
    currency: text(attributes, 'currency'),
    status: known(rawStatus, ['ACTIVE']),
    rawStatus,
    metadata: optionalObject(attributes, 'metadata') ?? {},
    cardholderId: relatedId(wire, 'cardholder'),
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
  money('BONGLOY', integer(amount, 'amount'), text(amount, 'currency'));

export function toCard(value: unknown): Card {
  const wire = resource<WireCard>(value, 'card');
  const { id, attributes } = wire;
  const rawStatus = text(attributes, 'status');
  const rawType = text(attributes, 'type');
  return {
    id,
    lastFour: text(attributes, 'last_four'),
    expMonth: integer(attributes, 'exp_month'),
    expYear: integer(attributes, 'exp_year'),
    status: known(rawStatus, ['ACTIVE']),
    rawStatus,
    type: known(rawType, ['PHYSICAL', 'VIRTUAL']),
    rawType,
    accountId: relatedId(wire, 'account'),
    ...timestamps(attributes),
  };
}

export function toVerification(value: unknown): CardholderVerification {
  const { id, attributes } = resource<WireVerification>(value, 'cardholder_verification');
  return {
    id,
    phoneNumber: withPlus(text(attributes, 'phone_number')),
    status: text(attributes, 'status'),
    validUntil: instant(attributes, 'valid_until'),
  };
}

/** The provider writes E.164 without its plus sign. */
const withPlus = (digits: string): string => (digits.startsWith('+') ? digits : `+${digits}`);
