import { GraphQLError, GraphQLScalarType } from 'graphql';
import {
  GraphQLDateTime,
  GraphQLJSONObject,
  GraphQLLocalDate,
  GraphQLSafeInt,
  GraphQLURL,
  RegularExpression,
} from 'graphql-scalars';
import { isInstant } from '../domain/instant.ts';
import { builder } from './builder.ts';

const described = (scalar: GraphQLScalarType, name: string, description: string): GraphQLScalarType =>
  new GraphQLScalarType({ ...scalar.toConfig(), name, description });

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType({
    ...GraphQLDateTime.toConfig(),
    name: 'DateTime',
    description: 'A moment, as RFC 3339 text in UTC: `2026-11-21T07:30:00.000Z`.',
    serialize: (value) => (isInstant(value) ? value : GraphQLDateTime.serialize(value)),
  }),
);
builder.addScalarType(
  'Date',
  described(
    GraphQLLocalDate,
    'Date',
    'A day without a time, as `yyyy-mm-dd`; which zone it is meant in stands with the field.',
  ),
);
builder.addScalarType(
  'CurrencyCode',
  described(
    new RegularExpression('CurrencyCode', /^[A-Z]{3}$/),
    'CurrencyCode',
    'A currency as ISO 4217 code in upper case: `USD`, `KHR`, `VND`.',
  ),
);
builder.addScalarType(
  'SafeInt',
  described(
    GraphQLSafeInt,
    'SafeInt',
    'An integer of up to 53 bits, which JavaScript numbers hold exactly: amounts in VND outgrow the 32 bits of Int.',
  ),
);
builder.addScalarType('URL', described(GraphQLURL, 'URL', 'An absolute URL.'));
builder.addScalarType(
  'JSONObject',
  described(GraphQLJSONObject, 'JSONObject', 'A JSON object whose keys the provider or the issuer chose.'),
);
builder.addScalarType(
  'PhoneNumber',
  new GraphQLScalarType({
    name: 'PhoneNumber',
    description: 'A phone number as E.164 text with its plus sign: `+85512345678`.',
    serialize: phoneNumber,
    parseValue: phoneNumber,
  }),
);

/**
 * One spelling for each number, as limits count by it. graphql-scalars' own takes many, and its pattern needs
 * exponential time for some texts.
 */
function phoneNumber(value: unknown): string {
  if (typeof value === 'string' && /^\+[1-9]\d{6,14}$/.test(value)) return value;
  throw new GraphQLError('A phone number is E.164 text with its plus sign, such as +85512345678.');
}
