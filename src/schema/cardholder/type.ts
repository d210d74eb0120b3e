import type {
  Cardholder as CardholderValue,
  IndividualDetails as Individual,
} from '../../domain/cardholder.ts';
import { builder } from '../builder.ts';
import { price } from '../price.ts';

const CardholderType = builder.enumType('CardholderType', {
  description: 'What kind of person a cardholder is.',
  values: {
    INDIVIDUAL: {
      value: 'INDIVIDUAL',
      description: 'A natural person; `individual` holds the details.',
    },
    OTHER: { value: 'OTHER', description: 'A kind that Bongloy added later.' },
  },
});

const CardholderStatus = builder.enumType('CardholderStatus', {
  description: 'Whether a cardholder can use the cards.',
  values: {
    ACTIVE: { value: 'ACTIVE', description: 'Can use them.' },
    OTHER: { value: 'OTHER', description: 'Any state that Bongloy does not document.' },
  },
});

const IndividualDetails = builder.objectRef<Individual>('IndividualDetails').implement({
  description: 'What the issuer knows of a natural person.',
  fields: (t) => ({
    address: t.exposeString('address', { nullable: true, description: 'The postal address as one line.' }),
    dateOfBirth: t.expose('dateOfBirth', { type: 'Date', nullable: true, description: 'The day of birth.' }),
    identityDocumentNumber: t.exposeString('identityDocumentNumber', {
      nullable: true,
      description: 'The number of the document that was shown.',
    }),
    identityDocumentType: t.exposeString('identityDocumentType', {
      nullable: true,
      description: "The document's kind in Bongloy's words, such as `id_card`.",
    }),
  }),
});

export const Cardholder = builder.node(builder.objectRef<CardholderValue>('Cardholder'), {
  description: 'The person who holds the accounts and the cards.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('providerId', { description: "Bongloy's own id, a UUID." }),
    name: t.exposeString('name', { description: 'The name in Latin script.' }),
    phoneNumber: t.expose('phoneNumber', {
      type: 'PhoneNumber',
      nullable: true,
      description: 'The phone number that logs in; null when Bongloy has none.',
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The e-mail address; null when Bongloy has none.',
    }),
    type: t.expose('type', {
      type: CardholderType,
      description: 'What kind of person.',
    }),
    status: t.expose('status', {
      type: CardholderStatus,
      description: 'Whether the cards can be used.',
    }),
    individual: t.expose('individual', {
      type: IndividualDetails,
      nullable: true,
      description: 'Personal details; null when the cardholder is not a natural person.',
    }),
    additionalDetails: t.expose('additionalDetails', {
      type: 'JSONObject',
      description: 'What the issuer wrote beside, such as the name in Khmer script or a member number.',
    }),
    metadata: t.expose('metadata', {
      type: 'JSONObject',
      description: "The issuer's own key and value pairs.",
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When Bongloy made the record.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When Bongloy last changed the record.',
    }),
  }),
});

builder.queryField('cardholder', (t) =>
  t.field({
    extensions: price({ isShared: true }),
    type: Cardholder,
    nullable: true,
    description: 'The logged-in cardholder. Needs a session that has linked Bongloy.',
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    resolve: (_root, _args, { loaders }) => loaders.bongloy().cardholder(),
  }),
);
