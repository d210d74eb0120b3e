import { GraphQLDateTime, GraphQLPhoneNumber, GraphQLSafeInt, RegularExpression } from 'graphql-scalars';

/** What an upstream resource is in the API's words: shared by all contestants but ours, so that all do the same work. */
const known = (word, words) => (words.includes(word.toUpperCase()) ? word.toUpperCase() : 'OTHER');
const money = ({ amount, currency }) => ({ minorUnits: amount, currency });

export const toIssuer = ({ id, attributes }) => ({
  providerId: id,
  identifier: attributes.identifier,
  name: attributes.name,
  code: attributes.code,
});

export const toCardholder = ({ id, attributes }) => ({
  providerId: id,
  name: attributes.name,
  phoneNumber: `+${attributes.phone_number}`,
  status: known(attributes.status, ['ACTIVE']),
});

export const toTransaction = ({ id, attributes, relationships }) => {
  const { name, city } = attributes.transaction_details.card.merchant_data;
  return {
    providerId: id,
    transactionNumber: attributes.transaction_number,
    status: known(attributes.status, ['PENDING', 'SETTLED']),
    transactionTime: new Date(attributes.transaction_time),
    description: `${name}, ${city}`,
    amount: money(attributes),
    cardId: relationships.card.data?.id ?? null,
    accountId: relationships.account.data.id,
  };
};

export const toCard = ({ id, attributes, relationships }) => ({
  providerId: id,
  lastFour: attributes.last_four,
  expMonth: attributes.exp_month,
  expYear: attributes.exp_year,
  status: known(attributes.status, ['ACTIVE']),
  accountId: relationships.account.data.id,
});

export const toAccount = ({ id, attributes }) => ({
  providerId: id,
  number: attributes.number,
  currency: attributes.currency,
});

export const toBalance = ({ attributes }) => ({
  available: money(attributes.available),
  balance: money(attributes.balance),
});

/** A page of `count` rows; the provider's link says whether more follow. */
export const toConnection = ({ data, links }, count, toNode) => ({
  nodes: data.slice(0, count).map(toNode),
  pageInfo: {
    hasNextPage: data.length > count || links.next !== null,
    endCursor: data.at(Math.min(count, data.length) - 1)?.id ?? null,
  },
});

export const listOf = (nodes) => ({
  nodes,
  pageInfo: { hasNextPage: false, endCursor: nodes.at(-1)?.providerId ?? null },
});

export const scalars = {
  DateTime: GraphQLDateTime,
  SafeInt: GraphQLSafeInt,
  PhoneNumber: GraphQLPhoneNumber,
  CurrencyCode: new RegularExpression('CurrencyCode', /^[A-Z]{3}$/),
};
