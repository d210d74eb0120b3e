import type { Card as CardValue } from '../../domain/card.ts';
import { builder } from '../builder.ts';
import { type Ref, read } from '../ref.ts';

const CardStatus = builder.enumType('CardStatus', {
  description: 'Whether a card can be used.',
  values: {
    ACTIVE: { value: 'ACTIVE', description: 'It can.' },
    OTHER: {
      value: 'OTHER',
      description: 'Any state that Bongloy does not document; see `rawStatus`.',
    },
  },
});

const CardType = builder.enumType('CardType', {
  description: 'What a card is made of.',
  values: {
    PHYSICAL: { value: 'PHYSICAL', description: 'Plastic.' },
    VIRTUAL: { value: 'VIRTUAL', description: 'A number alone.' },
    OTHER: { value: 'OTHER', description: 'A kind that Bongloy added later; see `rawType`.' },
  },
});

export const Card = builder.node(builder.objectRef<Ref<CardValue>>('Card'), {
  description: 'A payment card. Its full number is never here.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    providerId: t.exposeID('id', { description: "Bongloy's own id, a UUID." }),
    lastFour: t.string({ description: 'The last four digits.', resolve: read((c) => c.lastFour) }),
    expMonth: t.int({
      description: 'The month at whose end it expires, 1 to 12.',
      resolve: read((c) => c.expMonth),
    }),
    expYear: t.int({
      description: 'The year in which it expires, four digits.',
      resolve: read((c) => c.expYear),
    }),
    status: t.field({
      type: CardStatus,
      description: 'Whether it can be used.',
      resolve: read((c) => c.status),
    }),
    rawStatus: t.string({
      description: "The status in Bongloy's own word.",
      resolve: read((c) => c.rawStatus),
    }),
    type: t.field({ type: CardType, description: 'What it is made of.', resolve: read((c) => c.type) }),
    rawType: t.string({ description: "The type in Bongloy's own word.", resolve: read((c) => c.rawType) }),
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
