import type { CardIssuer as CardIssuerValue } from '../../domain/card-issuer.ts';
import { builder } from '../builder.ts';
import { price } from '../price.ts';

const CardArtwork = builder.objectRef<CardIssuerValue['cardArtwork']>('CardArtwork').implement({
  description: 'What the cards look like.',
  fields: (t) => ({
    imageFrontUrl: t.expose('imageFrontUrl', {
      type: 'URL',
      nullable: true,
      description: "A picture of the card's front; null when the provider has none.",
    }),
    imageBackUrl: t.expose('imageBackUrl', {
      type: 'URL',
      nullable: true,
      description: "A picture of the card's back; null when the provider has none.",
    }),
  }),
});

export const CardIssuer = builder.node(builder.objectRef<CardIssuerValue>('CardIssuer'), {
  description: 'The shop that issues the cards.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('providerId', { description: "Bongloy's own id, a UUID." }),
    identifier: t.exposeString('identifier', { description: 'A short name for machines, such as `digikh`.' }),
    name: t.exposeString('name', { description: 'The name for people.' }),
    code: t.exposeString('code', {
      description: 'Three digits: the first three of every `accountIdentifier` of this issuer.',
    }),
    cardArtwork: t.expose('cardArtwork', { type: CardArtwork, description: 'What the cards look like.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When Bongloy made the record.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When Bongloy last changed the record.',
    }),
  }),
});

builder.queryField('cardIssuer', (t) =>
  t.field({
    extensions: price({ isShared: true }),
    type: CardIssuer,
    nullable: true,
    description: 'The issuer of the logged-in cardholder. Needs a session that has linked Bongloy.',
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    resolve: (_root, _args, { loaders }) => loaders.bongloy().cardIssuer(),
  }),
);
