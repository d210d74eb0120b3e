import type {
  Cardholder as CardholderValue,
  IndividualDetails as Individual,
} from '../../domain/cardholder.ts';
import { builder } from '../builder.ts';
import { price } from '../price.ts';
import { loaded, type Ref, read } from '../ref.ts';

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

export const Cardholder = builder.node(builder.objectRef<Ref<CardholderValue>>('Cardholder'), {
  description: 'The person who holds the accounts and the cards.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('id', { description: "Bongloy's own id, a UUID." }),
    name: t.string({ description: 'The name in Latin script.', resolve: read((c) => c.name) }),
    phoneNumber: t.field({
      type: 'PhoneNumber',
      nullable: true,
      description: 'The phone number that logs in; null when Bongloy has none.',
      resolve: read((c) => c.phoneNumber),
    }),
    email: t.string({
      nullable: true,
      description: 'The e-mail address; null when Bongloy has none.',
      resolve: read((c) => c.email),
    }),
    type: t.field({
      type: CardholderType,
      description: 'What kind of person.',
      resolve: read((c) => c.type),
    }),
    status: t.field({
      type: CardholderStatus,
      description: 'Whether the cards can be used.',
      resolve: read((c) => c.status),
    }),
    individual: t.field({
      type: IndividualDetails,
      nullable: true,
      description: 'Personal details; null when the cardholder is not a natural person.',
      resolve: read((c) => c.individual),
    }),
    additionalDetails: t.field({
      type: 'JSONObject',
      description: 'What the issuer wrote beside, such as the name in Khmer script or a member number.',
      resolve: read((c) => c.additionalDetails),
    }),
    metadata: t.field({
      type: 'JSONObject',
      description: "The issuer's own key and value pairs.",
      resolve: read((c) => c.metadata),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When Bongloy made the record.',
      resolve: read((c) => c.createdAt),
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When Bongloy last changed the record.',
      resolve: read((c) => c.updatedAt),
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
    resolve: async (_root, _args, { loaders }) => loaded(await loaders.bongloy().cardholder()),
  }),
);
